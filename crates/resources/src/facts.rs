//! Snapshot and live catalog laid over each other: what is true of each table.
//!
//! The snapshot gives order and names; the live catalog, when there is one, wins on types, keys,
//! foreign-key pairs, nulls and defaults, because pulled snapshots are known to get those wrong.

use crate::{
    problem::ConfigProblem,
    snapshot::{self, Snapshot},
    types::SqlType,
};
use catalog::{Generated, SchemaCache, TableKind, TypeKind};
use std::collections::HashSet;

/// A table or view with all that is known of it.
#[derive(Debug, Clone)]
pub(crate) struct TableFacts {
    pub schema: String,
    pub name: String,
    pub is_view: bool,
    pub columns: Vec<ColumnFacts>,
    /// In key order.
    pub key: Vec<String>,
    /// Each a set of columns that no two rows share.
    pub uniques: Vec<Vec<String>>,
    pub foreign_keys: Vec<ForeignFacts>,
    pub estimated_rows: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct ColumnFacts {
    pub name: String,
    pub sql_type: String,
    pub parsed: SqlType,
    pub options: Vec<String>,
    pub not_null: bool,
    pub default: Option<String>,
    pub filled: Filled,
    pub comment: Option<String>,
}

/// Who fills a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    People,
    Expression,
    IdentityAlways,
    Identity,
    Sequence,
}

#[derive(Debug, Clone)]
pub(crate) struct ForeignFacts {
    pub columns: Vec<String>,
    pub target_schema: String,
    pub target_table: String,
    pub target_columns: Vec<String>,
}

impl TableFacts {
    pub fn key(&self) -> (&str, &str) {
        (&self.schema, &self.name)
    }

    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Every table and view of the snapshot, and of the schemas it covers in the database.
pub(crate) fn gather(
    snapshot: &Snapshot,
    live: Option<&SchemaCache>,
    problems: &mut Vec<ConfigProblem>,
) -> Vec<TableFacts> {
    let tables = snapshot.tables.values().map(|table| from_table(table, snapshot));
    let views = snapshot.views.values().map(|view| from_view(view, snapshot));
    let drawn: Vec<_> = tables.chain(views).collect();
    let Some(live) = live else { return drawn };
    let mut facts = Vec::new();
    let mut seen = HashSet::new();
    let mut covered: HashSet<String> = HashSet::from(["public".to_owned()]);
    covered.extend(snapshot.schemas.values().cloned());
    for table in drawn {
        covered.insert(table.schema.clone());
        seen.insert((table.schema.clone(), table.name.clone()));
        match live.table(Some(&table.schema), &table.name) {
            Some(found) => facts.push(overlay(table, found, live, problems)),
            None => problems.push(ConfigProblem::new(format!(
                "{}.{} is in the snapshot but not in the database; it has no page",
                table.schema, table.name
            ))),
        }
    }
    let is_bare = snapshot.tables.is_empty() && snapshot.views.is_empty();
    for table in live.tables() {
        let (schema, name) = (table.name.schema.as_str(), table.name.name.as_str());
        if seen.contains(&(schema.to_owned(), name.to_owned()))
            || !(is_bare || covered.contains(schema))
        {
            continue;
        }
        // drizzle-kit leaves partitioned parents out, so their absence says nothing.
        if !is_bare && table.kind != TableKind::Partitioned {
            problems.push(ConfigProblem::new(format!(
                "{schema}.{name} is in the database but not in the snapshot; pull the snapshot again"
            )));
        }
        facts.push(from_live(table, live));
    }
    facts
}

fn from_table(table: &snapshot::Table, snapshot: &Snapshot) -> TableFacts {
    let single = table.columns.values().find(|column| column.primary_key);
    let composite = table.composite_primary_keys.values().next();
    let key = match (composite, single) {
        (Some(key), _) => key.columns.clone(),
        (None, Some(column)) => vec![column.name.clone()],
        (None, None) => Vec::new(),
    };
    let mut uniques: Vec<_> =
        table.unique_constraints.values().map(|unique| unique.columns.clone()).collect();
    uniques.extend(
        table.columns.values().filter(|c| c.is_unique == Some(true)).map(|c| vec![c.name.clone()]),
    );
    let foreign_keys = table.foreign_keys.values().map(|key| ForeignFacts {
        columns: key.columns_from.clone(),
        target_schema: key.target_schema().to_owned(),
        target_table: key.table_to.clone(),
        target_columns: key.columns_to.clone(),
    });
    TableFacts {
        schema: table.schema_name().to_owned(),
        name: table.name.clone(),
        is_view: false,
        columns: table.columns.values().map(|column| from_column(column, snapshot)).collect(),
        key,
        uniques,
        foreign_keys: foreign_keys.collect(),
        estimated_rows: None,
    }
}

fn from_view(view: &snapshot::View, snapshot: &Snapshot) -> TableFacts {
    let plain = |column: &snapshot::Column| ColumnFacts {
        // A generated snapshot copies these from the base table; a view has none of them.
        default: None,
        filled: Filled::People,
        not_null: false,
        ..from_column(column, snapshot)
    };
    TableFacts {
        schema: view.schema_name().to_owned(),
        name: view.name.clone(),
        is_view: true,
        columns: view.columns.values().map(plain).collect(),
        key: Vec::new(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
    }
}

fn from_column(column: &snapshot::Column, snapshot: &Snapshot) -> ColumnFacts {
    let parsed = SqlType::parse(&column.sql_type);
    let default = column.default_sql();
    let filled = match (&column.identity, &column.generated) {
        (_, Some(_)) => Filled::Expression,
        (Some(identity), None) if identity.kind == "always" => Filled::IdentityAlways,
        (Some(_), None) => Filled::Identity,
        (None, None) if parsed.is_serial() => Filled::Sequence,
        (None, None) => Filled::People,
    };
    ColumnFacts {
        name: column.name.clone(),
        options: enum_values(column, snapshot),
        sql_type: column.sql_type.clone(),
        parsed,
        not_null: column.not_null,
        default,
        filled,
        comment: None,
    }
}

/// The enum is named by `type` and `typeSchema`; pulled arrays write `schema.name[]` instead.
fn enum_values(column: &snapshot::Column, snapshot: &Snapshot) -> Vec<String> {
    let bare = column.sql_type.split('[').next().unwrap_or_default().trim_end_matches('"');
    let schema = column.type_schema.as_deref().unwrap_or("public");
    let found = snapshot.enums.values().find(|known| {
        let known_schema = if known.schema.is_empty() { "public" } else { &known.schema };
        (known_schema == schema && known.name == bare)
            || bare.strip_prefix(known_schema).and_then(|rest| rest.strip_prefix('.'))
                == Some(known.name.as_str())
    });
    found.map(|known| known.values.clone()).unwrap_or_default()
}

fn from_live(table: &catalog::Table, live: &SchemaCache) -> TableFacts {
    let names = |idents: &[catalog::Ident]| {
        idents.iter().map(|ident| ident.as_str().to_owned()).collect::<Vec<_>>()
    };
    let foreign_keys = table.foreign_keys.iter().map(|key| ForeignFacts {
        columns: names(&key.columns),
        target_schema: key.target.schema.as_str().to_owned(),
        target_table: key.target.name.as_str().to_owned(),
        target_columns: names(&key.target_columns),
    });
    TableFacts {
        schema: table.name.schema.as_str().to_owned(),
        name: table.name.name.as_str().to_owned(),
        is_view: matches!(table.kind, TableKind::View | TableKind::MaterializedView),
        columns: table.columns.iter().map(|column| live_column(column, live)).collect(),
        key: names(&table.primary_key),
        uniques: table.unique_keys.iter().map(|key| names(&key.columns)).collect(),
        foreign_keys: foreign_keys.collect(),
        estimated_rows: table.estimated_rows,
    }
}

fn live_column(column: &catalog::Column, live: &SchemaCache) -> ColumnFacts {
    let base = column.data_type.underlying();
    let named = match &base.kind {
        TypeKind::Enum(name) => Some(name),
        TypeKind::Array(element) => match &element.underlying().kind {
            TypeKind::Enum(name) => Some(name),
            _ => None,
        },
        _ => None,
    };
    let is_sequence =
        column.default.as_deref().is_some_and(|default| default.starts_with("nextval("));
    ColumnFacts {
        name: column.name.as_str().to_owned(),
        sql_type: column.data_type.sql.clone(),
        parsed: SqlType::parse(&base.sql),
        options: named
            .and_then(|name| live.enum_type(name))
            .map(|known| known.values.clone())
            .unwrap_or_default(),
        not_null: !column.nullable,
        default: column.default.clone(),
        filled: match column.generated {
            Generated::Stored => Filled::Expression,
            Generated::IdentityAlways => Filled::IdentityAlways,
            Generated::IdentityByDefault => Filled::Identity,
            Generated::Never if is_sequence => Filled::Sequence,
            Generated::Never => Filled::People,
        },
        comment: column.comment.clone(),
    }
}

/// The snapshot's order with the database's truth; differences are told.
fn overlay(
    drawn: TableFacts,
    found: &catalog::Table,
    live: &SchemaCache,
    problems: &mut Vec<ConfigProblem>,
) -> TableFacts {
    let mut facts = from_live(found, live);
    let mut rest = std::mem::take(&mut facts.columns);
    let place = format!("{}.{}", facts.schema, facts.name);
    for column in &drawn.columns {
        match rest.iter().position(|other| other.name == column.name) {
            Some(at) => facts.columns.push(rest.remove(at)),
            None => problems.push(ConfigProblem::new(format!(
                "column {} of {place} is in the snapshot but not in the database",
                column.name
            ))),
        }
    }
    // A view's computed columns are missing in generated snapshots by design.
    if !facts.is_view {
        problems.extend(rest.iter().map(|column| {
            ConfigProblem::new(format!(
                "column {} of {place} is in the database but not in the snapshot; pull the snapshot again",
                column.name
            ))
        }));
    }
    facts.columns.extend(rest);
    facts
}
