//! Catalog rows put together into tables.

use super::{
    routines::{Composites, routine},
    rows::{
        ColumnRow, CompositeRow, EnumRow, ForeignKeyRow, NameRow, RoutineRow, SessionRow, TableRow,
        TypeRow, UniqueKeyRow,
    },
};
use catalog::{
    Column, DataType, EnumType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table,
    TableKind, TypeKind, UniqueKey,
};
use std::collections::HashMap;

pub(super) struct Catalog {
    pub session: SessionRow,
    pub tables: Vec<TableRow>,
    pub columns: Vec<ColumnRow>,
    pub types: Vec<TypeRow>,
    pub enums: Vec<EnumRow>,
    pub unique_keys: Vec<UniqueKeyRow>,
    pub foreign_keys: Vec<ForeignKeyRow>,
    pub routines: Vec<RoutineRow>,
    pub composites: Vec<CompositeRow>,
    pub reaching: Vec<NameRow>,
}

impl Catalog {
    pub(super) fn into_schema_cache(self) -> SchemaCache {
        let types = Types(self.types.into_iter().map(|row| (row.oid, row)).collect());
        let mut columns = group(self.columns, |row| row.relation);
        let mut unique_keys = group(self.unique_keys, |row| row.relation);
        let mut foreign_keys = group(self.foreign_keys, |row| row.relation);
        let tables = self.tables.into_iter().filter_map(|row| {
            let columns = columns.remove(&row.oid).unwrap_or_default();
            let unique = unique_keys.remove(&row.oid).unwrap_or_default();
            let foreign = foreign_keys.remove(&row.oid).unwrap_or_default();
            table(row, columns, unique, foreign, &types)
        });
        let enums = self.enums.into_iter().filter_map(|row| {
            Some(EnumType { name: qualified(&row.schema, &row.name)?, values: row.labels })
        });
        let (tables, enums) = (tables.collect(), enums.collect());
        let composites = Composites::of(self.composites, &types);
        let routines = self.routines.into_iter();
        let routines = routines.filter_map(|row| routine(row, &types, &composites)).collect();
        let reaching = self.reaching.into_iter();
        let reaching = reaching.filter_map(|row| qualified(&row.schema, &row.name));
        SchemaCache::new(self.session.version, self.session.search_path, tables, enums)
            .with_routines(routines)
            .with_reaching(reaching)
    }
}

pub(super) fn group<T>(rows: Vec<T>, key: impl Fn(&T) -> i64) -> HashMap<i64, Vec<T>> {
    let mut groups: HashMap<i64, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Only a server built with longer names than PostgreSQL's own has any that do not fit.
pub(super) fn ident(name: &str) -> Option<Ident> {
    Ident::parse(name)
        .inspect_err(|error| tracing::warn!(%error, "a name in the catalog is left out"))
        .ok()
}

fn idents(names: &[String]) -> Option<Vec<Ident>> {
    names.iter().map(|name| ident(name)).collect()
}

pub(super) fn qualified(schema: &str, name: &str) -> Option<QualifiedName> {
    Some(QualifiedName::new(ident(schema)?, ident(name)?))
}

fn table(
    row: TableRow,
    columns: Vec<ColumnRow>,
    unique_keys: Vec<UniqueKeyRow>,
    foreign_keys: Vec<ForeignKeyRow>,
    types: &Types,
) -> Option<Table> {
    let (primary, unique): (Vec<_>, Vec<_>) =
        unique_keys.into_iter().partition(|key| key.is_primary);
    let primary_key = primary.first().and_then(|key| idents(&key.columns)).unwrap_or_default();
    Some(Table {
        name: qualified(&row.schema, &row.name)?,
        kind: table_kind(&row.kind)?,
        columns: columns.into_iter().filter_map(|column| self::column(column, types)).collect(),
        primary_key,
        unique_keys: unique.into_iter().filter_map(unique_key).collect(),
        foreign_keys: foreign_keys.into_iter().filter_map(foreign_key).collect(),
        estimated_rows: row.estimated_rows,
        comment: row.comment,
        row_security: row.row_security,
    })
}

fn table_kind(letter: &str) -> Option<TableKind> {
    match letter {
        "r" => Some(TableKind::Table),
        "v" => Some(TableKind::View),
        "m" => Some(TableKind::MaterializedView),
        "f" => Some(TableKind::ForeignTable),
        "p" => Some(TableKind::Partitioned),
        _ => None,
    }
}

fn column(row: ColumnRow, types: &Types) -> Option<Column> {
    let generated = match (row.identity.as_str(), row.generated.as_str()) {
        ("a", _) => Generated::IdentityAlways,
        ("d", _) => Generated::IdentityByDefault,
        (_, "") => Generated::Never,
        // Stored or, from PostgreSQL 18 on, virtual: neither can be written.
        _ => Generated::Stored,
    };
    Some(Column {
        name: ident(&row.name)?,
        data_type: types.resolve(row.type_oid, row.sql_type),
        nullable: row.nullable,
        default: row.default_value,
        generated,
        comment: row.comment,
    })
}

fn unique_key(row: UniqueKeyRow) -> Option<UniqueKey> {
    Some(UniqueKey { name: ident(&row.name)?, columns: idents(&row.columns)? })
}

fn foreign_key(row: ForeignKeyRow) -> Option<ForeignKey> {
    Some(ForeignKey {
        name: ident(&row.name)?,
        columns: idents(&row.columns)?,
        target: qualified(&row.target_schema, &row.target_name)?,
        target_columns: idents(&row.target_columns)?,
    })
}

pub(super) struct Types(HashMap<i64, TypeRow>);

impl Types {
    pub(super) fn resolve(&self, oid: i64, sql: String) -> DataType {
        // pg_type.oid is 32 bits wide; it came as int8 because oid is unsigned.
        let number = u32::try_from(oid).unwrap_or_default();
        let kind = self.0.get(&oid).map_or(TypeKind::Other, |row| self.kind(row));
        DataType { oid: number, sql, kind }
    }

    fn kind(&self, row: &TypeRow) -> TypeKind {
        if row.element != 0 {
            return TypeKind::Array(Box::new(self.resolve(row.element, self.sql_of(row.element))));
        }
        match row.kind.as_str() {
            "b" => TypeKind::Base(row.name.clone()),
            "e" => qualified(&row.schema, &row.name).map_or(TypeKind::Other, TypeKind::Enum),
            "d" => {
                let sql = row.base_sql.clone().unwrap_or_else(|| self.sql_of(row.base));
                TypeKind::Domain(Box::new(self.resolve(row.base, sql)))
            }
            "c" => TypeKind::Composite,
            "r" | "m" => TypeKind::Range,
            _ => TypeKind::Other,
        }
    }

    fn sql_of(&self, oid: i64) -> String {
        self.0.get(&oid).map_or_else(String::new, |row| row.sql_type.clone())
    }
}
