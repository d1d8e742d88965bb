//! Which columns of which tables a view shows, read from its rewrite rule.

use super::{
    ident, qualified,
    rows::{ColumnRow, ViewRow},
};
use catalog::{Ident, QualifiedName};
use std::collections::HashMap;

mod definition;

/// A column of a table or view: the relation's number and its own.
pub(super) type Place = (i64, i16);

pub(super) struct View {
    oid: i64,
    name: Option<QualifiedName>,
    is_exposed: bool,
    /// Each own column that shows a column of another relation unchanged.
    origins: HashMap<i16, Place>,
}

impl View {
    pub(super) fn read(row: ViewRow) -> Self {
        Self {
            oid: row.oid,
            name: qualified(&row.schema, &row.name),
            is_exposed: row.is_exposed,
            origins: definition::origins(&row.definition),
        }
    }
}

/// The exposed views that show something of a table, by table.
pub(super) struct Shown {
    by_table: HashMap<i64, Vec<ShownBy>>,
}

/// One view, and the names it gives to the columns of one table.
pub(super) struct ShownBy {
    pub oid: i64,
    pub view: QualifiedName,
    columns: HashMap<i16, Vec<Ident>>,
}

/// A key whose columns a view shows under several names goes this many ways; more say nothing new.
const MOST_WAYS: usize = 1000;

impl Shown {
    pub(super) fn trace(views: &[View], columns: &[ColumnRow]) -> Self {
        let by_oid: HashMap<i64, &View> = views.iter().map(|view| (view.oid, view)).collect();
        let mut found: HashMap<(i64, i64), ShownBy> = HashMap::new();
        for column in columns {
            let Some(view) = by_oid.get(&column.relation).filter(|view| view.is_exposed) else {
                continue;
            };
            let (Some(name), Some(own)) = (&view.name, ident(&column.name)) else { continue };
            for (table, position) in path(&by_oid, (view.oid, column.position)) {
                let shown = found.entry((table, view.oid)).or_insert_with(|| ShownBy {
                    oid: view.oid,
                    view: name.clone(),
                    columns: HashMap::new(),
                });
                shown.columns.entry(position).or_default().push(own.clone());
            }
        }
        let mut by_table: HashMap<i64, Vec<ShownBy>> = HashMap::new();
        for ((table, _), shown) in found {
            by_table.entry(table).or_default().push(shown);
        }
        Self { by_table }
    }

    pub(super) fn of(&self, table: i64) -> &[ShownBy] {
        self.by_table.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// Every relation between a view's column and its table, the table included.
fn path(views: &HashMap<i64, &View>, from: Place) -> Vec<Place> {
    let mut path: Vec<Place> = Vec::new();
    let mut at = from;
    while let Some(next) = views.get(&at.0).and_then(|view| view.origins.get(&at.1)) {
        // Rules can be written so that they go round in a circle.
        if path.contains(next) {
            break;
        }
        path.push(*next);
        at = *next;
    }
    path
}

impl ShownBy {
    /// The names of a key's columns, if all are shown: the first of each.
    pub(super) fn first_names(&self, positions: &[i16]) -> Option<Vec<Ident>> {
        positions.iter().map(|position| self.columns.get(position)?.first().cloned()).collect()
    }

    /// All ways to name a key's columns.
    pub(super) fn all_names(&self, positions: &[i16]) -> Vec<Vec<Ident>> {
        let mut ways: Vec<Vec<Ident>> = vec![Vec::new()];
        for position in positions {
            let Some(names) = self.columns.get(position) else { return Vec::new() };
            let longer = ways.iter().flat_map(|way| {
                names.iter().map(move |name| way.iter().chain([name]).cloned().collect())
            });
            ways = longer.take(MOST_WAYS).collect();
        }
        ways
    }
}
