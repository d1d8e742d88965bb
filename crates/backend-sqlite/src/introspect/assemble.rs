//! Catalog rows put together into tables.

use super::{
    rows::{ColumnRow, ForeignKeyRow, TableRow, UniqueKeyRow},
    types,
};
use catalog::{
    Column, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind, UniqueKey,
};
use std::collections::{BTreeMap, HashMap};

/// The only schema of a file. SQLite calls it `main`; to callers, rights and the console it is the
/// one that goes without saying everywhere else.
const SCHEMA: &str = "public";

/// One table and everything read of it.
pub(super) struct Found {
    pub table: TableRow,
    pub columns: Vec<ColumnRow>,
    pub unique_keys: Vec<UniqueKeyRow>,
    pub foreign_keys: Vec<ForeignKeyRow>,
}

/// Names as they are spelled, by how SQLite compares them.
struct Names(HashMap<String, (Ident, Vec<Ident>)>);

pub(super) fn schema_cache(
    version: &str,
    found: Vec<Found>,
    with_triggers: &[String],
) -> SchemaCache {
    let named = found.iter().filter_map(|found| {
        let name = ident(&found.table.name)?;
        Some((name.as_str().to_ascii_lowercase(), (name, primary_key(&found.columns))))
    });
    let names = Names(named.collect());
    let tables = found.into_iter().filter_map(|found| table(found, &names)).collect();
    // A trigger names its table as whoever made it spelled it.
    let reaching = with_triggers.iter().filter_map(|name| {
        let (name, _) = names.0.get(&name.to_ascii_lowercase())?;
        qualified(name.clone())
    });
    SchemaCache::new(format!("SQLite {version}"), vec![SCHEMA.to_owned()], tables, Vec::new())
        .with_reaching(reaching)
}

/// SQLite has no limit on names; what is longer than PostgreSQL's is left out.
pub(super) fn ident(name: &str) -> Option<Ident> {
    Ident::parse(name)
        .inspect_err(|error| tracing::warn!(%error, "a name in the catalog is left out"))
        .ok()
}

pub(super) fn qualified(name: Ident) -> Option<QualifiedName> {
    Some(QualifiedName::new(ident(SCHEMA)?, name))
}

fn table(found: Found, names: &Names) -> Option<Table> {
    let Found { table, columns, unique_keys, foreign_keys } = found;
    let primary_key = primary_key(&columns);
    let has_index = unique_keys.iter().any(|key| key.origin == "pk");
    let shape = Shape {
        // A single integer key without an index of its own is the row's number.
        is_row_number: primary_key.len() == 1 && !has_index && !table.without_rowid,
        is_strict: table.strict || table.without_rowid,
        is_table: table.kind == "table",
    };
    let name = ident(&table.name)?;
    Some(Table {
        foreign_keys: self::foreign_keys(&name, foreign_keys, names),
        name: qualified(name)?,
        kind: match table.kind.as_str() {
            "view" => TableKind::View,
            "virtual" => TableKind::ForeignTable,
            _ => TableKind::Table,
        },
        columns: columns.into_iter().filter_map(|row| column(row, &shape)).collect(),
        primary_key,
        unique_keys: self::unique_keys(unique_keys),
        estimated_rows: None,
        comment: None,
        row_security: false,
    })
}

/// What of a table decides about its columns.
struct Shape {
    is_row_number: bool,
    /// Key columns take no null; elsewhere SQLite lets them, for the sake of old files.
    is_strict: bool,
    is_table: bool,
}

fn primary_key(columns: &[ColumnRow]) -> Vec<Ident> {
    let mut key: Vec<_> = columns.iter().filter(|column| column.key_position > 0).collect();
    key.sort_by_key(|column| column.key_position);
    key.iter().map(|column| ident(&column.name)).collect::<Option<_>>().unwrap_or_default()
}

fn column(row: ColumnRow, shape: &Shape) -> Option<Column> {
    const OF_A_VIRTUAL_TABLE: i64 = 1;
    const COMPUTED: [i64; 2] = [2, 3];
    if row.hidden == OF_A_VIRTUAL_TABLE {
        return None;
    }
    let is_key = row.key_position > 0;
    let is_row_number = is_key && shape.is_row_number;
    Some(Column {
        name: ident(&row.name)?,
        data_type: types::data_type(&row.declared),
        nullable: !(shape.is_table
            && (row.not_null || is_row_number || (is_key && shape.is_strict))),
        default: row.default_value,
        generated: match row.hidden {
            hidden if COMPUTED.contains(&hidden) => Generated::Stored,
            _ if is_row_number => Generated::IdentityByDefault,
            _ => Generated::Never,
        },
        comment: None,
    })
}

/// Keys over expressions have no columns that could be named.
fn unique_keys(rows: Vec<UniqueKeyRow>) -> Vec<UniqueKey> {
    let mut keys: Vec<(String, Option<Vec<Ident>>)> = Vec::new();
    for row in rows.into_iter().filter(|row| row.origin != "pk") {
        if keys.last().is_none_or(|(name, _)| *name != row.name) {
            keys.push((row.name, Some(Vec::new())));
        }
        let Some((_, columns)) = keys.last_mut() else { continue };
        let name = row.column_name.as_deref().and_then(ident);
        *columns = columns.take().zip(name).map(|(mut columns, name)| {
            columns.push(name);
            columns
        });
    }
    let keys = keys.into_iter();
    keys.filter_map(|(name, columns)| Some(UniqueKey { name: ident(&name)?, columns: columns? }))
        .collect()
}

fn foreign_keys(table: &Ident, rows: Vec<ForeignKeyRow>, names: &Names) -> Vec<ForeignKey> {
    let mut keys: BTreeMap<i64, Vec<ForeignKeyRow>> = BTreeMap::new();
    for row in rows {
        keys.entry(row.id).or_default().push(row);
    }
    keys.into_values().filter_map(|rows| foreign_key(table, &rows, names)).collect()
}

fn foreign_key(table: &Ident, rows: &[ForeignKeyRow], names: &Names) -> Option<ForeignKey> {
    let (target, target_key) = names.0.get(&rows.first()?.target.to_ascii_lowercase())?;
    let columns = rows.iter().map(|row| ident(&row.column_name)).collect::<Option<Vec<_>>>()?;
    let named = rows.iter().map(|row| row.target_column.as_deref().and_then(ident));
    let target_columns = match named.collect::<Option<Vec<_>>>() {
        Some(named) => named,
        None if target_key.len() == columns.len() => target_key.clone(),
        None => return None,
    };
    Some(ForeignKey {
        name: key_name(table, &columns)?,
        columns,
        target: qualified(target.clone())?,
        target_columns,
    })
}

/// SQLite keeps no name, so it gets the one PostgreSQL would have given, as far as it fits.
fn key_name(table: &Ident, columns: &[Ident]) -> Option<Ident> {
    let columns: Vec<_> = columns.iter().map(Ident::as_str).collect();
    let whole = format!("{table}_{}", columns.join("_"));
    let mut end = whole.len().min(Ident::MAX_BYTES - "_fkey".len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    ident(&format!("{}_fkey", &whole[..end]))
}
