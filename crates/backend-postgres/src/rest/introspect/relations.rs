//! Rows of the catalog put together into relations.

use super::{
    ident, idents, qualified,
    rows::{ColumnRow, PrimaryKeyRow, RelationRow},
    views::Shown,
};
use catalog::Ident;
use indexmap::IndexMap;
use postgrest::schema::{Column, Relation};
use std::collections::HashMap;

/// By relation; those of tables that are not exposed are among them.
pub(super) type PrimaryKeys = HashMap<i64, Vec<Ident>>;

pub(super) fn relations(
    rows: Vec<RelationRow>,
    columns: Vec<ColumnRow>,
    keys: &PrimaryKeys,
) -> Vec<Relation> {
    let mut columns_of = by_relation(columns);
    let relations = rows.into_iter().filter_map(|row| {
        Some(Relation {
            name: qualified(&row.schema, &row.name)?,
            comment: row.comment,
            is_view: row.is_view,
            is_insertable: row.is_insertable,
            is_updatable: row.is_updatable,
            is_deletable: row.is_deletable,
            primary_key: keys.get(&row.oid).cloned().unwrap_or_default(),
            columns: columns_of.remove(&row.oid).unwrap_or_default(),
        })
    });
    relations.collect()
}

fn by_relation(rows: Vec<ColumnRow>) -> HashMap<i64, IndexMap<Ident, Column>> {
    let mut all: HashMap<i64, IndexMap<Ident, Column>> = HashMap::new();
    for row in rows {
        let Some(name) = ident(&row.name) else { continue };
        let column = Column {
            name: name.clone(),
            comment: row.comment,
            is_nullable: row.is_nullable,
            data_type: row.data_type,
            nominal_type: row.nominal_type,
            max_length: row.max_length,
            default: row.default_value,
            enum_labels: row.enum_labels,
        };
        all.entry(row.relation).or_default().insert(name, column);
    }
    all
}

/// A table has its own key; a view the keys of all tables it shows whole keys of.
pub(super) fn primary_keys(rows: &[PrimaryKeyRow], shown: &Shown) -> PrimaryKeys {
    let mut keys = PrimaryKeys::new();
    for row in rows {
        keys.insert(row.relation, idents(&row.columns).unwrap_or_default());
        for view in shown.of(row.relation) {
            if let Some(names) = view.first_names(&row.positions) {
                keys.entry(view.oid).or_default().extend(names);
            }
        }
    }
    keys
}
