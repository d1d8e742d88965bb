//! A read whose table and columns exist, and whose rows are capped.

use super::{OutputColumn, PlanError, PlanLimits, PlannedOrder, ReadPlan, filter};
use crate::request::{OrderTerm, ReadRequest, RelationName, Window};
use catalog::{Ident, SchemaCache, Table};
use std::sync::Arc;

pub(super) fn resolve(
    request: ReadRequest,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<ReadPlan, PlanError> {
    let ReadRequest { relation, columns, filter, order, window, count, strip_nulls } = request;
    let table = table(cache, &relation)?;
    let columns = output(&table, columns.as_deref())?;
    let filter = filter::resolve(&filter, &table, cache)?;
    let order = order.iter().map(|term| ordered(&table, term)).collect::<Result<_, _>>()?;
    // A caller may ask for fewer rows than the maximum, never for more.
    let limit_clamped = window.limit > limits.max_rows;
    let window = Window { limit: window.limit.min(limits.max_rows), ..window };
    Ok(ReadPlan { table, columns, filter, order, window, limit_clamped, count, strip_nulls })
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

/// The columns of the answer; named explicitly even when all are asked for, so that a row has the
/// members that the schema cache says.
pub(super) fn output(
    table: &Table,
    names: Option<&[String]>,
) -> Result<Vec<OutputColumn>, PlanError> {
    let Some(names) = names else {
        let all = table.columns.iter();
        return Ok(all
            .map(|column| OutputColumn { alias: column.name.clone(), column: column.clone() })
            .collect());
    };
    let mut output: Vec<OutputColumn> = Vec::with_capacity(names.len());
    for name in names {
        let column = filter::column(table, name, "columns")?;
        // A member cannot stand in an object twice.
        if !output.iter().any(|known| known.alias == column.name) {
            output.push(OutputColumn { alias: column.name.clone(), column: column.clone() });
        }
    }
    Ok(output)
}

pub(super) fn ordered(table: &Table, term: &OrderTerm) -> Result<PlannedOrder, PlanError> {
    let column = filter::column(table, &term.column, "sort_by")?.clone();
    Ok(PlannedOrder { column, descending: term.descending, nulls_first: term.nulls_first })
}
