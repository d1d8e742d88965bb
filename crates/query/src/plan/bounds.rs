//! The rows a change is bound to, told apart by a key.

use super::{PlanError, PlannedOrder, read};
use crate::request::{Bounds, Window};
use catalog::{Column, Ident, Table};

/// The first of the matching rows, in an order that no two of them share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlannedBounds {
    /// At least one column; no two rows have the same values in them, and none is null.
    pub(crate) key: Vec<Ident>,
    pub(crate) order: Vec<PlannedOrder>,
    pub(crate) window: Window,
}

pub(super) fn resolve(asked: &Bounds, table: &Table) -> Result<PlannedBounds, PlanError> {
    let key = key(table).ok_or_else(|| PlanError::Boundless { table: table.name.clone() })?;
    let order = asked.order.iter().map(|term| read::ordered(table, term));
    let mut order = order.collect::<Result<Vec<_>, _>>()?;
    // Rows that are alike in what they are sorted by come in the order of their key, so the same
    // request is about the same rows.
    for column in &key {
        if !order.iter().any(|term| term.column.name == column.name) {
            let column = (*column).clone();
            order.push(PlannedOrder { column, descending: false, nulls_first: None });
        }
    }
    let key = key.into_iter().map(|column| column.name.clone()).collect();
    let window = Window { limit: asked.limit.unwrap_or(u64::MAX), offset: asked.offset };
    Ok(PlannedBounds { key, order, window })
}

/// The primary key, or else a unique one without nulls.
fn key(table: &Table) -> Option<Vec<&Column>> {
    let columns = |names: &[Ident]| {
        let found = names.iter().map(|name| table.column(name.as_str()));
        found.collect::<Option<Vec<_>>>().filter(|columns| !columns.is_empty())
    };
    columns(&table.primary_key).or_else(|| {
        let unique = table.unique_keys.iter().filter_map(|key| columns(&key.columns));
        unique.into_iter().find(|columns| columns.iter().all(|column| !column.nullable))
    })
}
