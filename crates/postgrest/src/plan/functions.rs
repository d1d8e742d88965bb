//! Functions that a plan calls for a row without saying so: to the database, a name behind a row
//! that is none of its columns' is that of a function.

use super::{
    DatabasePlan, LogicTree, ReadNode, Work,
    fields::{Column, Columns},
};
use crate::{
    schema::{Relationship, SchemaCache},
    sql::Place,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFunction {
    /// A name that the schema does not know as a column's. There may be no such function either.
    Field { row: String, name: String },
    /// What computes the rows of an embed.
    Embed,
}

/// The first one that is found.
pub(super) fn of(plan: &DatabasePlan) -> Option<RowFunction> {
    let written = match &plan.work {
        Work::Write { write, .. } => {
            let row = write.relation.name.as_str();
            write.filters.iter().find_map(|tree| filtered(row, tree))
        }
        Work::Read { .. } | Work::Call { .. } => None,
    };
    written.or_else(|| below(&plan.read))
}

fn below(node: &ReadNode) -> Option<RowFunction> {
    let link = node.link.as_ref();
    if link.is_some_and(|link| matches!(link.relationship, Relationship::Computed { .. })) {
        return Some(RowFunction::Embed);
    }
    let place = node.place();
    let row = match &place {
        Place::Alias(alias) => alias.as_str(),
        Place::Relation(name) => name.name.as_str(),
    };
    let shown = node.select.iter().map(|field| (row, &field.column));
    let ordered =
        node.order.iter().map(|term| (term.related.as_deref().unwrap_or(row), &term.column));
    shown
        .chain(ordered)
        .find_map(|(row, column)| unknown(row, column))
        .or_else(|| node.filters.iter().find_map(|tree| filtered(row, tree)))
        .or_else(|| node.children.iter().find_map(below))
}

fn filtered(row: &str, tree: &LogicTree) -> Option<RowFunction> {
    match tree {
        LogicTree::Filter(filter) => unknown(row, &filter.column),
        LogicTree::Embed { .. } => None,
        LogicTree::Group { members, .. } => members.iter().find_map(|tree| filtered(row, tree)),
    }
}

fn unknown(row: &str, column: &Column) -> Option<RowFunction> {
    let is_known = column.is_known || column.is_star();
    (!is_known).then(|| RowFunction::Field { row: row.to_owned(), name: column.name.clone() })
}

/// Whether an embed's subquery has a column of this name.
pub(super) fn shows(child: &ReadNode, name: &str, cache: &SchemaCache) -> bool {
    let columns = Columns::of(cache, &child.relation);
    let shows_all = child.select.iter().any(|field| field.column.is_star())
        || child.select.is_empty() && child.children.is_empty();
    let mut fields = child.select.iter().map(|field| match &field.alias {
        Some(alias) => alias,
        None => &field.column.name,
    });
    shows_all && columns.has(name) || fields.any(|shown| shown == name)
}
