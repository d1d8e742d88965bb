//! What callers see of a database that belongs to others: its allowed schemas, and the resources
//! that were imported of it under their own names.

use crate::{Resource, diff, has_error};
use catalog::{
    Binding, Column, DataType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table,
    TableKind, TypeKind, UniqueKey,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// The schema that resources are in.
pub const HOME: &str = "public";

/// Whether a schema is seen; without a list, all are.
pub fn allows(allowed: Option<&[String]>, schema: &str) -> bool {
    allowed.is_none_or(|allowed| allowed.iter().any(|one| one == schema))
}

/// The catalog as it is seen. With `strict`, a resource that is no longer what was imported is
/// there but broken; otherwise it has what is left of it.
pub fn view(
    raw: &SchemaCache,
    allowed: Option<&[String]>,
    resources: &[Resource],
    strict: bool,
) -> SchemaCache {
    let Ok(home) = Ident::parse(HOME) else { return raw.clone() };
    let sees = |schema: &str| allows(allowed, schema);
    let found = |resource: &Resource| {
        let schema = resource.remote_schema.as_str();
        raw.table(Some(schema), resource.remote_name.as_str()).filter(|_| sees(schema))
    };
    let bound = resources.iter().map(|resource| bound(resource, found(resource), &home, strict));
    let bound: BTreeMap<QualifiedName, (Table, Arc<Binding>)> =
        bound.map(|(table, binding)| (table.name.clone(), (table, Arc::new(binding)))).collect();
    let bindings: BTreeMap<_, _> =
        bound.iter().map(|(name, (_, binding))| (name.clone(), Arc::clone(binding))).collect();
    let own = raw
        .tables()
        .filter(|table| sees(table.name.schema.as_str()) && !bindings.contains_key(&table.name));
    let mut tables: Vec<Table> = own.map(|table| Table::clone(table)).collect();
    // A name that means a resource now, meant the table before.
    for table in &mut tables {
        let shadowed = |name: &QualifiedName| bindings.get(name).map(|found| (name.clone(), found));
        retarget(&mut table.foreign_keys, shadowed);
    }
    for (table, _) in bound.into_values() {
        let mut table = table;
        let preferred = |remote: &QualifiedName| {
            let mut all = bindings.iter().filter(|(_, found)| found.table.name == *remote);
            all.next().map(|(name, found)| (name.clone(), found))
        };
        retarget(&mut table.foreign_keys, preferred);
        tables.push(table);
    }
    raw.seen_as(HOME, tables, bindings, sees)
}

fn bound(
    resource: &Resource,
    found: Option<&Arc<Table>>,
    home: &Ident,
    strict: bool,
) -> (Table, Binding) {
    let is_broken = match found {
        None => true,
        Some(table) => strict && has_error(&diff(resource, Some(table))),
    };
    let remote = found.map_or_else(|| Arc::new(as_imported(resource)), Arc::clone);
    let columns: HashMap<Ident, Ident> =
        resource.fields.iter().map(|field| (field.name.clone(), field.column.clone())).collect();
    let table = renamed(resource, &remote, home);
    let (resource, writable) = (resource.name.clone(), resource.writable);
    (table, Binding { resource, table: remote, columns, writable, is_broken })
}

/// The remote table under the names of the resource.
fn renamed(resource: &Resource, remote: &Table, home: &Ident) -> Table {
    // What is gone there is gone here.
    let local = |column: &Ident| {
        let field = resource.field_of(remote.column(column.as_str())?.name.as_str())?;
        Some(field.name.clone())
    };
    let locals = |columns: &[Ident]| columns.iter().map(local).collect::<Option<Vec<_>>>();
    let columns = remote
        .columns
        .iter()
        .filter_map(|column| Some(Column { name: local(&column.name)?, ..column.clone() }));
    let unique_keys = remote.unique_keys.iter().filter_map(|key| {
        Some(UniqueKey { name: key.name.clone(), columns: locals(&key.columns)? })
    });
    let foreign_keys = remote
        .foreign_keys
        .iter()
        .filter_map(|key| Some(ForeignKey { columns: locals(&key.columns)?, ..key.clone() }));
    Table {
        name: QualifiedName::new(home.clone(), resource.name.clone()),
        kind: remote.kind,
        columns: columns.collect(),
        primary_key: locals(&resource.primary_key).unwrap_or_default(),
        unique_keys: unique_keys.collect(),
        foreign_keys: foreign_keys.collect(),
        estimated_rows: remote.estimated_rows,
        comment: remote.comment.clone(),
        row_security: remote.row_security,
    }
}

/// Let keys point at the resource that stands for their table. One that points at a column which
/// was left out leads nowhere.
fn retarget<'a>(
    keys: &mut Vec<ForeignKey>,
    stands_for: impl Fn(&QualifiedName) -> Option<(QualifiedName, &'a Arc<Binding>)>,
) {
    keys.retain_mut(|key| {
        let Some((name, binding)) = stands_for(&key.target) else { return true };
        let local = |column: &Ident| {
            let mut pairs = binding.columns.iter();
            pairs.find(|(_, remote)| *remote == column).map(|(local, _)| local.clone())
        };
        let columns: Option<Vec<Ident>> = key.target_columns.iter().map(local).collect();
        let Some(columns) = columns else { return false };
        (key.target, key.target_columns) = (name, columns);
        true
    });
}

/// For a table that is gone, so that its name still means something.
fn as_imported(resource: &Resource) -> Table {
    let column = |field: &crate::Field| Column {
        name: field.column.clone(),
        data_type: DataType { oid: 0, sql: field.sql_type.clone(), kind: TypeKind::Other },
        nullable: field.nullable,
        default: None,
        generated: Generated::Never,
        comment: None,
    };
    Table {
        name: resource.remote(),
        kind: TableKind::Table,
        columns: resource.fields.iter().map(column).collect(),
        primary_key: resource.primary_key.clone(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}
