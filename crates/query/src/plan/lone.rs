//! Inserts of one row each, taken apart so that rows of one shape can be written together.

use super::{BoundValue, Plan, Returning};
use catalog::{Column, Table};
use std::sync::Arc;

/// What rows have in common that one statement can write: where they go, and how they are answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RowShape {
    pub(crate) table: Arc<Table>,
    pub(crate) columns: Vec<Column>,
    pub(crate) returning: Returning,
}

/// One row's values, in the order of its shape's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct LoneRow(pub(crate) Vec<BoundValue>);

impl Plan {
    /// The shape and the one row of an insert that depends on no other row: nothing happens to a row
    /// that is there already, and nothing related is answered.
    pub fn lone_row(&self) -> Option<(RowShape, LoneRow)> {
        let Self::Insert(plan) = self else { return None };
        let [row] = plan.rows.as_slice() else { return None };
        let is_plain = plan.on_conflict.is_none() && plan.returning.embeds.is_empty();
        if !is_plain || plan.columns.is_empty() {
            return None;
        }
        let values = row.iter().cloned().collect::<Option<Vec<_>>>()?;
        let shape = RowShape {
            table: Arc::clone(&plan.table),
            columns: plan.columns.clone(),
            returning: plan.returning.clone(),
        };
        Some((shape, LoneRow(values)))
    }
}

impl RowShape {
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Nobody wants to see the rows.
    pub fn is_headless(&self) -> bool {
        self.returning.head
    }
}

impl LoneRow {
    /// About as much room as its values take.
    pub fn size(&self) -> usize {
        let size = |value: &BoundValue| match value {
            BoundValue::Text(text) => text.len(),
            _ => 16,
        };
        self.0.iter().map(size).sum()
    }
}
