//! Catalog rows put together as a version 7 snapshot.

use super::{
    rows::{ColumnRow, ConstraintRow, EnumRow, IndexRow, PolicyRow, RelationRow, SequenceRow},
    spell,
};
use indexmap::IndexMap;
use resources::snapshot::{
    Check, Column, CompositeKey, Enum, ForeignKey, GeneratedAs, Identity, Index, IndexColumn,
    Internal, InternalColumn, Meta, Policy, Sequence, Snapshot, Table, Unique, View,
};
use serde_json::Value;

/// Everything the queries found.
pub(super) struct Catalog {
    pub schemas: Vec<String>,
    pub relations: Vec<RelationRow>,
    pub columns: Vec<ColumnRow>,
    pub constraints: Vec<ConstraintRow>,
    pub indexes: Vec<IndexRow>,
    pub policies: Vec<PolicyRow>,
    pub enums: Vec<EnumRow>,
    pub sequences: Vec<SequenceRow>,
}

const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

impl Catalog {
    pub fn into_snapshot(self) -> Snapshot {
        let mut snapshot = Snapshot {
            id: NO_ID.to_owned(),
            prev_id: String::new(),
            version: "7".to_owned(),
            dialect: "postgresql".to_owned(),
            tables: IndexMap::new(),
            enums: self.enums.into_iter().map(enum_of).collect(),
            schemas: IndexMap::new(),
            sequences: self.sequences.into_iter().map(sequence_of).collect(),
            roles: IndexMap::new(),
            policies: IndexMap::new(),
            views: IndexMap::new(),
            meta: Meta::default(),
            internal: Some(Internal::default()),
        };
        for relation in self.relations {
            add_relation(&mut snapshot, relation);
        }
        for column in self.columns {
            add_column(&mut snapshot, column, &self.schemas);
        }
        for constraint in self.constraints {
            let table = snapshot.tables.get_mut(&key(&constraint.schema, &constraint.relation));
            if let Some(table) = table {
                add_constraint(table, constraint);
            }
        }
        for index in self.indexes {
            if let Some(table) = snapshot.tables.get_mut(&key(&index.schema, &index.relation)) {
                table.indexes.insert(index.name.clone(), index_of(index));
            }
        }
        for policy in self.policies {
            if let Some(table) = snapshot.tables.get_mut(&key(&policy.schema, &policy.relation)) {
                table.policies.insert(policy.name.clone(), policy_of(policy));
            }
        }
        let others = self.schemas.into_iter().filter(|schema| schema != "public");
        snapshot.schemas = others.map(|schema| (schema.clone(), schema)).collect();
        snapshot
    }
}

fn key(schema: &str, name: &str) -> String {
    format!("{schema}.{name}")
}

fn add_relation(snapshot: &mut Snapshot, relation: RelationRow) {
    let at = key(&relation.schema, &relation.name);
    match relation.definition {
        Some(definition) => {
            let view = View {
                name: relation.name,
                schema: relation.schema,
                definition: Some(spell::one_line(&definition)),
                materialized: relation.kind == "m",
                with: relation.options.map(|options| view_options(&options)),
                with_no_data: (!relation.populated).then_some(true),
                ..View::default()
            };
            snapshot.views.insert(at, view);
        }
        None => {
            let schema = if relation.schema == "public" { String::new() } else { relation.schema };
            let is_rls_enabled = relation.row_security;
            let table = Table { name: relation.name, schema, is_rls_enabled, ..Table::default() };
            snapshot.tables.insert(at, table);
        }
    }
}

fn view_options(options: &[String]) -> IndexMap<String, Value> {
    let pairs = options.iter().filter_map(|option| option.split_once('='));
    let value = |text: &str| match text {
        "true" | "on" => Value::Bool(true),
        "false" | "off" => Value::Bool(false),
        _ => match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) => Value::Number(number),
            Err(_) => text.into(),
        },
    };
    pairs.map(|(name, text)| (spell::camel(name), value(text))).collect()
}

fn add_column(snapshot: &mut Snapshot, row: ColumnRow, schemas: &[String]) {
    let at = key(&row.schema, &row.relation);
    let (mut sql_type, type_schema) = spell::type_of(&row, schemas);
    let base = if row.is_array { String::new() } else { sql_type.clone() };
    let mut column =
        Column { name: row.name.clone(), type_schema, not_null: row.not_null, ..Column::default() };
    let is_owned = row.sequence.as_ref().is_some_and(|owned| owned.kind.as_deref() == Some("a"));
    match (&row.expression, spell::serial_of(&base)) {
        (Some(expression), _) if row.generated == "s" => {
            let expression = expression.clone();
            column.generated = Some(GeneratedAs { expression, kind: "stored".to_owned() });
        }
        (Some(_), Some(serial)) if is_owned => serial.clone_into(&mut sql_type),
        (Some(expression), _) => column.default = Some(spell::default_of(expression, &base)),
        (None, _) => {}
    }
    if let Some(sequence) = &row.sequence
        && !row.identity.is_empty()
    {
        column.identity = Some(identity_of(sequence, &row.identity));
    }
    note(snapshot, &row, &column, &base);
    column.sql_type = sql_type;
    if let Some(table) = snapshot.tables.get_mut(&at) {
        table.columns.insert(row.name, column);
    } else if let Some(view) = snapshot.views.get_mut(&at) {
        view.columns.insert(row.name, column);
    }
}

/// What pull notes beside the tables: the raw type of arrays, and some defaults.
fn note(snapshot: &mut Snapshot, row: &ColumnRow, column: &Column, base: &str) {
    let is_expression =
        column.default.as_ref().is_some_and(|value| spell::is_noted_expression(value, base));
    if !row.is_array && !is_expression {
        return;
    }
    let noted = InternalColumn {
        is_array: row.is_array.then_some(true),
        dimensions: row.is_array.then_some(row.dimensions),
        raw_type: row.is_array.then(|| spell::element(row).to_owned()),
        is_default_an_expression: is_expression.then_some(true),
    };
    let internal = snapshot.internal.get_or_insert_default();
    let table = internal.tables.entry(row.relation.clone()).or_default();
    table.columns.insert(row.name.clone(), noted);
}

fn identity_of(sequence: &SequenceRow, identity: &str) -> Identity {
    let name = match sequence.schema.as_str() {
        "public" => sequence.name.clone(),
        schema => format!("{schema}.{}", sequence.name),
    };
    Identity {
        kind: if identity == "a" { "always" } else { "byDefault" }.to_owned(),
        name,
        increment: Some(sequence.increment.clone()),
        min_value: Some(sequence.min.clone()),
        max_value: Some(sequence.max.clone()),
        start_with: Some(sequence.start.clone()),
        cache: Some(sequence.cache.clone()),
        cycle: Some(sequence.cycle),
        schema: Some(sequence.schema.clone()),
    }
}

fn add_constraint(table: &mut Table, row: ConstraintRow) {
    let ConstraintRow { name, columns, .. } = row;
    match (row.kind.as_str(), columns.as_slice()) {
        ("p", [only]) => {
            if let Some(column) = table.columns.get_mut(only) {
                column.primary_key = true;
            }
        }
        ("p", _) => {
            let key = CompositeKey { name: name.clone(), columns };
            table.composite_primary_keys.insert(name, key);
        }
        ("u", _) => {
            let nulls_not_distinct = row.nulls_not_distinct;
            let unique = Unique { columns, nulls_not_distinct, name: name.clone() };
            table.unique_constraints.insert(name, unique);
        }
        ("c", _) => {
            let expression = row.expression.unwrap_or_default();
            let value = spell::without_outer_brackets(&expression).to_owned();
            table.check_constraints.insert(name.clone(), Check { name, value });
        }
        _ => {
            let key = ForeignKey {
                name: name.clone(),
                table_from: row.relation,
                table_to: row.target.unwrap_or_default(),
                schema_to: row.target_schema,
                columns_from: columns,
                columns_to: row.target_columns,
                on_delete: Some(action(&row.on_delete).to_owned()),
                on_update: Some(action(&row.on_update).to_owned()),
            };
            table.foreign_keys.insert(name, key);
        }
    }
}

fn action(code: &str) -> &'static str {
    match code {
        "r" => "restrict",
        "c" => "cascade",
        "n" => "set null",
        "d" => "set default",
        _ => "no action",
    }
}

fn index_of(row: IndexRow) -> Index {
    let columns = row.columns.into_iter().map(|column| IndexColumn {
        is_expression: column.name.is_none(),
        expression: column.name.unwrap_or(column.expression),
        asc: column.flags & 1 == 0,
        nulls: Some(if column.flags & 2 == 0 { "last" } else { "first" }.to_owned()),
        opclass: Some(column.opclass),
    });
    let options = row.options.unwrap_or_default();
    let pairs = options.iter().filter_map(|option| option.split_once('='));
    Index {
        name: row.name,
        columns: columns.collect(),
        is_unique: row.unique,
        concurrently: false,
        method: row.method,
        condition: row.condition,
        with: pairs.map(|(name, value)| (name.to_owned(), value.into())).collect(),
    }
}

fn policy_of(row: PolicyRow) -> Policy {
    let command = match row.command.as_str() {
        "r" => "SELECT",
        "a" => "INSERT",
        "w" => "UPDATE",
        "d" => "DELETE",
        _ => "ALL",
    };
    Policy {
        name: row.name,
        kind: Some(if row.permissive { "PERMISSIVE" } else { "RESTRICTIVE" }.to_owned()),
        command: Some(command.to_owned()),
        to: row.roles,
        using: row.using,
        with_check: row.with_check,
        on: None,
        schema: None,
    }
}

fn enum_of(row: EnumRow) -> (String, Enum) {
    let EnumRow { schema, name, values } = row;
    (key(&schema, &name), Enum { name, values, schema })
}

fn sequence_of(row: SequenceRow) -> (String, Sequence) {
    let sequence = Sequence {
        name: row.name.clone(),
        schema: row.schema.clone(),
        start_with: Some(row.start),
        min_value: Some(row.min),
        max_value: Some(row.max),
        increment: Some(row.increment),
        cycle: Some(row.cycle),
        cache: Some(row.cache),
    };
    (key(&row.schema, &row.name), sequence)
}
