//! What this surface shows of a database that belongs to others.

use crate::{federation::Terms, registry::Upstream};
use catalog::{
    Binding, Column, Ident, QualifiedName, SchemaCache as Catalog, Table, TableKind, TypeKind,
};
use postgrest::schema::{
    self, BoundTable, Cardinality, KeyColumns, Relation, Relationship, SchemaCache,
};

/// Allowed schemas, and resources under their own names.
pub(super) fn of(upstream: &Upstream, raw: &SchemaCache, catalog: &Catalog) -> SchemaCache {
    let bound = catalog.bindings().iter().filter_map(|(name, binding)| {
        let table = catalog.table(Some(name.schema.as_str()), name.name.as_str())?;
        Some((relation(name, table, binding, catalog), bound(table, binding)))
    });
    let sees =
        |schema: &str| upstream.terms().is_none_or(|terms: &Terms| terms.allows_schema(schema));
    raw.seen(sees, bound.collect(), relationships(catalog))
}

/// Between resources, by the keys of the tables they stand for, seen from both sides.
fn relationships(catalog: &Catalog) -> Vec<Relationship> {
    let mut all = Vec::new();
    for name in catalog.bindings().keys() {
        let Some(table) = catalog.table(Some(name.schema.as_str()), name.name.as_str()) else {
            continue;
        };
        for key in &table.foreign_keys {
            if catalog.binding(&key.target).is_none() {
                continue;
            }
            let columns = key.columns.iter().cloned().zip(key.target_columns.iter().cloned());
            let forth = KeyColumns { constraint: key.name.clone(), columns: columns.collect() };
            let back = forth.reversed();
            let is_unique = is_key(table, &key.columns);
            let (there, here) = match is_unique {
                true => (
                    Cardinality::OneToOne { key: forth, is_parent: false },
                    Cardinality::OneToOne { key: back, is_parent: true },
                ),
                false => (Cardinality::ManyToOne(forth), Cardinality::OneToMany(back)),
            };
            all.push(keyed(name, &key.target, there));
            all.push(keyed(&key.target, name, here));
        }
    }
    all
}

/// No two rows are alike in these columns.
fn is_key(table: &Table, columns: &[Ident]) -> bool {
    let same = |key: &[Ident]| {
        !key.is_empty() && key.len() == columns.len() && key.iter().all(|one| columns.contains(one))
    };
    same(&table.primary_key) || table.unique_keys.iter().any(|key| same(&key.columns))
}

fn keyed(from: &QualifiedName, to: &QualifiedName, cardinality: Cardinality) -> Relationship {
    Relationship::Keyed {
        table: from.clone(),
        foreign_table: to.clone(),
        is_self: from == to,
        cardinality,
        table_is_view: false,
        foreign_table_is_view: false,
    }
}

fn bound(table: &Table, binding: &Binding) -> BoundTable {
    let columns = table.columns.iter();
    let columns = columns.map(|column| (column.name.clone(), binding.column(&column.name).clone()));
    BoundTable { table: binding.table.name.clone(), columns: columns.collect() }
}

fn relation(name: &QualifiedName, table: &Table, binding: &Binding, catalog: &Catalog) -> Relation {
    let is_view = matches!(table.kind, TableKind::View | TableKind::MaterializedView);
    let takes_rows = binding.writable && table.kind != TableKind::MaterializedView;
    let columns = table.columns.iter();
    let columns = columns.map(|one| (one.name.clone(), column(one, catalog)));
    Relation {
        name: name.clone(),
        comment: table.comment.clone(),
        is_view,
        is_insertable: takes_rows,
        is_updatable: takes_rows,
        is_deletable: takes_rows,
        primary_key: table.primary_key.clone(),
        columns: columns.collect(),
    }
}

fn column(column: &Column, catalog: &Catalog) -> schema::Column {
    let labels = match &column.data_type.underlying().kind {
        TypeKind::Enum(name) => catalog.enum_type(name).map(|found| found.values.clone()),
        _ => None,
    };
    schema::Column {
        name: column.name.clone(),
        comment: column.comment.clone(),
        is_nullable: column.nullable,
        data_type: without_modifier(&column.data_type.underlying().sql),
        nominal_type: column.data_type.sql.clone(),
        max_length: None,
        default: column.default.clone(),
        enum_labels: labels.unwrap_or_default(),
    }
}

/// `numeric(12,2)` is `numeric`.
fn without_modifier(sql: &str) -> String {
    match (sql.find('('), sql.rfind(')')) {
        (Some(begin), Some(end)) if begin < end => format!("{}{}", &sql[..begin], &sql[end + 1..]),
        _ => sql.to_owned(),
    }
}
