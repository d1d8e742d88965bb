//! The keys of a table, and what its rows must keep to, as one list.

use super::ConstraintListing;
use backend::{RuleKind, TableRule};
use catalog::{Ident, QualifiedName, Table};
use std::collections::HashMap;

pub(super) type Rules<'a> = HashMap<&'a QualifiedName, Vec<&'a TableRule>>;

pub(super) fn by_table(rules: &[TableRule]) -> Rules<'_> {
    let mut by_table = Rules::new();
    for rule in rules {
        by_table.entry(&rule.table).or_default().push(rule);
    }
    by_table
}

pub(super) fn listings(table: &Table, rules: &Rules<'_>) -> Vec<ConstraintListing> {
    let rules = rules.get(&table.name).map_or(&[][..], Vec::as_slice);
    let (own, others): (Vec<&TableRule>, Vec<&TableRule>) =
        rules.iter().partition(|rule| rule.kind == RuleKind::PrimaryKey);
    let mut all = keys(table, own.first().copied());
    all.extend(others.into_iter().map(|rule| ConstraintListing {
        columns: rule.columns.clone(),
        definition: Some(rule.definition.clone()),
        ..listing(table, Some(rule.name.clone()), rule.kind.as_sql(), &[])
    }));
    all
}

fn keys(table: &Table, own: Option<&TableRule>) -> Vec<ConstraintListing> {
    let mut all = Vec::new();
    if !table.primary_key.is_empty() {
        let name = own.map(|rule| rule.name.clone());
        all.push(listing(table, name, RuleKind::PrimaryKey.as_sql(), &table.primary_key));
    }
    for key in &table.unique_keys {
        // The primary key is unique as well, and may be in both lists.
        if key.columns != table.primary_key {
            all.push(listing(table, Some(key.name.to_string()), "UNIQUE", &key.columns));
        }
    }
    for key in &table.foreign_keys {
        all.push(ConstraintListing {
            foreign_table_schema: Some(key.target.schema.to_string()),
            foreign_table_name: Some(key.target.name.to_string()),
            foreign_columns: names(&key.target_columns),
            ..listing(table, Some(key.name.to_string()), "FOREIGN KEY", &key.columns)
        });
    }
    all
}

fn listing(
    table: &Table,
    constraint_name: Option<String>,
    constraint_type: &'static str,
    columns: &[Ident],
) -> ConstraintListing {
    ConstraintListing {
        constraint_name,
        constraint_type,
        table_schema: table.name.schema.to_string(),
        table_name: table.name.name.to_string(),
        columns: names(columns),
        foreign_table_schema: None,
        foreign_table_name: None,
        foreign_columns: Vec::new(),
        definition: None,
    }
}

fn names(columns: &[Ident]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}
