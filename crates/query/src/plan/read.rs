//! A read whose table and columns exist, and whose rows are capped.

use super::{
    PlanError, PlanLimits, PlannedOrder, ReadPlan, embed, embed::Embedding, filter, grouping,
    names, output,
};
use crate::request::{LimitFrom, OrderTerm, ReadRequest, RelationName, Window};
use catalog::{Ident, SchemaCache, Table};
use std::sync::Arc;

pub(super) fn resolve(
    request: ReadRequest,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<ReadPlan, PlanError> {
    let ReadRequest { relation, columns: mut selection, filter, order, window, .. } = request;
    let (count, strip_nulls) = (request.count, request.strip_nulls.unwrap_or(false));
    let table = table(cache, &relation)?;
    let columns = output::resolve(&table, &selection, "columns")?;
    let (filter, embeds) = embed::handed_down(filter, std::mem::take(&mut selection.embeds));
    let embedding = Embedding { cache, limits, strip_nulls };
    let embeds = embedding.resolve(embeds, &table, &columns, selection.case)?;
    let filter = filter::resolve(&filter, &table, cache)?;
    let order = order.iter().map(|term| ordered(&table, term));
    let order = order.collect::<Result<_, _>>()?;
    let grouping = request.grouping.map(|asked| grouping::resolve(asked, &table, &columns));
    let grouping = grouping.transpose()?;
    // A caller may ask for fewer rows than the maximum, never for more.
    let limit_clamped = window.limit > limits.max_rows || request.limit_from == LimitFrom::Client;
    let window = Window { limit: window.limit.min(limits.max_rows), ..window };
    Ok(ReadPlan {
        table,
        columns,
        embeds,
        filter,
        order,
        window,
        limit_clamped,
        count,
        strip_nulls,
        grouping,
        profile: request.profile,
    })
}

pub(super) fn table(cache: &SchemaCache, relation: &RelationName) -> Result<Arc<Table>, PlanError> {
    let RelationName { schema, name } = relation;
    for part in schema.iter().chain([name]) {
        Ident::parse(part).map_err(|source| PlanError::InvalidName { source })?;
    }
    let found = cache.table(schema.as_deref(), name);
    found
        .cloned()
        .ok_or_else(|| PlanError::UnknownTable { schema: schema.clone(), name: name.clone() })
}

pub(super) fn ordered(table: &Table, term: &OrderTerm) -> Result<PlannedOrder, PlanError> {
    let column = names::column(table, &term.column, "sort_by")?.clone();
    Ok(PlannedOrder { column, descending: term.descending, nulls_first: term.nulls_first })
}
