//! Rows of related tables inside a row, found by foreign keys.

mod relationship;

use super::{
    OutputColumn, PlanError, PlanLimits, PlannedFilter, PlannedOrder, filter, output, read,
};
use crate::request::{EmbedRequest, Filter, ResponseCase, Window};
use catalog::{Ident, SchemaCache, Table};
use relationship::Relationship;
use std::sync::Arc;

/// One related table: an object or null when at most one row can match, an array otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbedPlan {
    /// What the member is called.
    pub(crate) key: Ident,
    pub(crate) table: Arc<Table>,
    /// `(outer, inner)`: the columns that must be equal. Empty when a junction lies between.
    pub(crate) on: Vec<(Ident, Ident)>,
    pub(crate) junction: Option<Junction>,
    /// At most one row matches.
    pub(crate) is_one: bool,
    /// Outer rows without a match are left out.
    pub(crate) is_inner: bool,
    pub(crate) columns: Vec<OutputColumn>,
    pub(crate) embeds: Vec<EmbedPlan>,
    pub(crate) filter: PlannedFilter,
    pub(crate) order: Vec<PlannedOrder>,
    /// Of the matching rows of each outer row.
    pub(crate) window: Window,
    pub(crate) strip_nulls: bool,
}

/// A table that pairs rows of two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Junction {
    pub(crate) table: Arc<Table>,
    /// `(outer, junction)`
    pub(crate) outer: Vec<(Ident, Ident)>,
    /// `(junction, inner)`
    pub(crate) inner: Vec<(Ident, Ident)>,
}

impl EmbedPlan {
    pub(super) fn without_values(self) -> Self {
        Self {
            filter: PlannedFilter::Never,
            embeds: self.embeds.into_iter().map(Self::without_values).collect(),
            window: Window { offset: 0, ..self.window },
            ..self
        }
    }

    pub(super) fn gather<'a>(&'a self, relations: &mut Vec<&'a Arc<Table>>) {
        let between = self.junction.as_ref().map(|junction| &junction.table);
        for table in between.into_iter().chain([&self.table]) {
            if !relations.iter().any(|known| known.name == table.name) {
                relations.push(table);
            }
        }
        self.embeds.iter().for_each(|embed| embed.gather(relations));
    }
}

/// What holds for every level.
#[derive(Clone, Copy)]
pub(super) struct Embedding<'a> {
    pub(super) cache: &'a SchemaCache,
    pub(super) limits: PlanLimits,
    pub(super) strip_nulls: bool,
}

impl Embedding<'_> {
    pub(super) fn resolve(
        self,
        requests: Vec<EmbedRequest>,
        outer: &Arc<Table>,
        columns: &[OutputColumn],
        case: ResponseCase,
    ) -> Result<Vec<EmbedPlan>, PlanError> {
        let mut embeds: Vec<EmbedPlan> = Vec::with_capacity(requests.len());
        for request in requests {
            let path = request.path.clone();
            let embed = self.one(request, outer, case)?;
            let is_taken = columns.iter().any(|column| column.alias == embed.key)
                || embeds.iter().any(|known| known.key == embed.key);
            if is_taken {
                return Err(output::repeated(&embed.key, &path));
            }
            embeds.push(embed);
        }
        Ok(embeds)
    }

    fn one(
        self,
        mut request: EmbedRequest,
        outer: &Arc<Table>,
        case: ResponseCase,
    ) -> Result<EmbedPlan, PlanError> {
        let Relationship { table, on, junction, is_one } =
            relationship::find(&request, outer, self.cache)?;
        let key = match &request.alias {
            Some(alias) => output::ident(alias)?,
            None => output::ident(&case.spell(&request.relation.name))?,
        };
        let columns = output::resolve(&table, &request.selection, &request.path)?;
        let inner = std::mem::take(&mut request.selection.embeds);
        let (conditions, inner) = handed_down(std::mem::take(&mut request.filter), inner);
        let embeds = self.resolve(inner, &table, &columns, request.selection.case)?;
        let order = request.order.iter().map(|term| read::ordered(&table, term));
        let max = self.limits.max_rows;
        Ok(EmbedPlan {
            key,
            on,
            junction,
            is_one,
            is_inner: request.is_inner,
            embeds,
            filter: filter::resolve(&conditions, &table, self.cache)?,
            order: order.collect::<Result<_, _>>()?,
            window: Window { limit: request.limit.unwrap_or(max).min(max), offset: request.offset },
            strip_nulls: self.strip_nulls,
            columns,
            table,
        })
    }
}

/// Conditions on `orders.status` belong to the embedded `orders`; they must hold there, not here.
pub(super) fn handed_down(
    filter: Filter,
    mut embeds: Vec<EmbedRequest>,
) -> (Filter, Vec<EmbedRequest>) {
    if embeds.is_empty() {
        return (filter, embeds);
    }
    let Filter::And(conditions) = filter else { return (filter, embeds) };
    let mut kept = Vec::with_capacity(conditions.len());
    for condition in conditions {
        if let Some(condition) = hand_down(condition, &mut embeds) {
            kept.push(condition);
        }
    }
    (if kept.is_empty() { Filter::All } else { Filter::And(kept) }, embeds)
}

/// Gives the condition back when it is not for one of them.
fn hand_down(condition: Filter, embeds: &mut [EmbedRequest]) -> Option<Filter> {
    let mut condition = condition;
    let mut leaf = &mut condition;
    while let Filter::Not(inner) = leaf {
        leaf = inner;
    }
    let (Filter::Condition(inner) | Filter::Cast(inner, _)) = leaf else { return Some(condition) };
    let Some((name, column)) = inner.column.split_once('.') else { return Some(condition) };
    let called =
        |embed: &&mut EmbedRequest| embed.alias.as_deref().unwrap_or(&embed.relation.name) == name;
    let Some(embed) = embeds.iter_mut().find(called) else { return Some(condition) };
    inner.column = column.to_owned();
    embed.filter = match std::mem::take(&mut embed.filter) {
        Filter::And(mut filters) => {
            filters.push(condition);
            Filter::And(filters)
        }
        Filter::All => Filter::And(vec![condition]),
        other => Filter::And(vec![other, condition]),
    };
    None
}

#[cfg(test)]
mod tests;
