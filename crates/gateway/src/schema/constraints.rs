//! The keys of a table, as one list.

use super::ConstraintListing;
use catalog::{Ident, Table};

pub(super) fn listings(table: &Table) -> Vec<ConstraintListing> {
    let mut all = Vec::new();
    if !table.primary_key.is_empty() {
        all.push(listing(table, None, "PRIMARY KEY", &table.primary_key));
    }
    for key in &table.unique_keys {
        // The primary key is unique as well, and may be in both lists.
        if key.columns != table.primary_key {
            all.push(listing(table, Some(&key.name), "UNIQUE", &key.columns));
        }
    }
    for key in &table.foreign_keys {
        all.push(ConstraintListing {
            foreign_table_schema: Some(key.target.schema.to_string()),
            foreign_table_name: Some(key.target.name.to_string()),
            foreign_columns: names(&key.target_columns),
            ..listing(table, Some(&key.name), "FOREIGN KEY", &key.columns)
        });
    }
    all
}

fn listing(
    table: &Table,
    name: Option<&Ident>,
    constraint_type: &'static str,
    columns: &[Ident],
) -> ConstraintListing {
    ConstraintListing {
        constraint_name: name.map(ToString::to_string),
        constraint_type,
        table_schema: table.name.schema.to_string(),
        table_name: table.name.name.to_string(),
        columns: names(columns),
        foreign_table_schema: None,
        foreign_table_name: None,
        foreign_columns: Vec::new(),
    }
}

fn names(columns: &[Ident]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}
