//! What this surface shows of a database that belongs to others.

use crate::{federation::Terms, registry::Upstream};
use catalog::{Binding, Column, QualifiedName, SchemaCache as Catalog, Table, TableKind, TypeKind};
use postgrest::schema::{self, BoundTable, Relation, SchemaCache};

/// Allowed schemas, and resources under their own names.
pub(super) fn of(upstream: &Upstream, raw: &SchemaCache, catalog: &Catalog) -> SchemaCache {
    let bound = catalog.bindings().iter().filter_map(|(name, binding)| {
        let table = catalog.table(Some(name.schema.as_str()), name.name.as_str())?;
        Some((relation(name, table, binding, catalog), bound(table, binding)))
    });
    let sees =
        |schema: &str| upstream.terms().is_none_or(|terms: &Terms| terms.allows_schema(schema));
    raw.seen(sees, bound.collect())
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
