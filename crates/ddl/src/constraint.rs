//! What rows must keep to: keys, references and checks.

use crate::{
    condition::Condition,
    error::DdlError,
    fields::{Fields, entries, idents},
    sql::Sql,
};
use catalog::{Ident, QualifiedName};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constraint {
    name: Option<Ident>,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    PrimaryKey(Vec<Ident>),
    Unique(Vec<Ident>),
    ForeignKey { columns: Vec<Ident>, target: Reference },
    Check(Condition),
}

/// What a column, or several, refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    table: QualifiedName,
    /// The primary key when there are none.
    columns: Vec<Ident>,
    on_delete: Option<&'static str>,
    on_update: Option<&'static str>,
    is_deferrable: bool,
}

const ACTIONS: [&str; 5] = ["no action", "restrict", "cascade", "set null", "set default"];
const EXPECTED_ACTION: &str = "no action, restrict, cascade, set null or set default";
const TYPES: [&str; 4] = ["primary_key", "unique", "foreign_key", "check"];

impl Constraint {
    pub(crate) fn of(rule: Rule) -> Self {
        Self { name: None, rule }
    }

    /// `{type, name?, …}`
    pub(crate) fn read(mut fields: Fields) -> Result<Self, DdlError> {
        let expected = "primary_key, unique, foreign_key or check";
        let kind = fields.word("type", &TYPES, expected)?.ok_or_else(|| fields.missing("type"))?;
        Self::read_as(kind, fields)
    }

    pub(crate) fn foreign_key(fields: Fields) -> Result<Self, DdlError> {
        Self::read_as("foreign_key", fields)
    }

    fn read_as(kind: &str, mut fields: Fields) -> Result<Self, DdlError> {
        let name = fields.ident("name")?;
        let rule = match kind {
            "primary_key" => Rule::PrimaryKey(needed_columns(&mut fields)?),
            "unique" => Rule::Unique(needed_columns(&mut fields)?),
            "foreign_key" => {
                let columns = needed_columns(&mut fields)?;
                let target = fields.take("references");
                let target = target.ok_or_else(|| fields.missing("references"))?;
                let path = fields.path("references");
                Rule::ForeignKey { columns, target: Reference::of(target, path)? }
            }
            _ => {
                let condition = fields.take("check").ok_or_else(|| fields.missing("check"))?;
                Rule::Check(Condition::of(condition, &fields.path("check"))?)
            }
        };
        fields.finish()?;
        Ok(Self { name, rule })
    }

    /// An entry of a table's `checks`: a condition, or one with a name as `{name, check}`.
    pub(crate) fn check(value: Value, path: String) -> Result<Self, DdlError> {
        if value.get("check").is_some() {
            return Self::read_as("check", Fields::within(value, path)?);
        }
        Ok(Self::of(Rule::Check(Condition::of(value, &path)?)))
    }

    /// An entry of a table's `unique`: names of columns, or `{name?, columns}`.
    pub(crate) fn unique(value: Value, path: String) -> Result<Self, DdlError> {
        match value {
            Value::Array(items) => {
                let columns = idents(entries(items, &path)?)?;
                if columns.is_empty() {
                    return Err(DdlError::Invalid { path, expected: "an array with columns" });
                }
                Ok(Self::of(Rule::Unique(columns)))
            }
            other => Self::read_as("unique", Fields::within(other, path)?),
        }
    }

    pub(crate) fn write(&self, sql: &mut Sql) {
        if let Some(name) = &self.name {
            sql.words("CONSTRAINT ").ident(name).words(" ");
        }
        match &self.rule {
            Rule::PrimaryKey(columns) => {
                sql.words("PRIMARY KEY ").idents(columns);
            }
            Rule::Unique(columns) => {
                sql.words("UNIQUE ").idents(columns);
            }
            Rule::ForeignKey { columns, target } => {
                sql.words("FOREIGN KEY ").idents(columns).words(" ");
                target.write(sql);
            }
            Rule::Check(condition) => {
                sql.words("CHECK (");
                condition.write(sql);
                sql.words(")");
            }
        }
    }
}

fn needed_columns(fields: &mut Fields) -> Result<Vec<Ident>, DdlError> {
    let columns = fields.idents("columns")?;
    if columns.is_empty() {
        return Err(fields.missing("columns"));
    }
    Ok(columns)
}

impl Reference {
    /// `{schema_name?, table, column | columns?, on_delete?, on_update?, deferrable?}`
    pub(crate) fn of(value: Value, path: String) -> Result<Self, DdlError> {
        let mut fields = Fields::within(value, path)?;
        let name = if fields.has("table_name") { "table_name" } else { "table" };
        let table = fields.relation(name)?;
        let mut columns = fields.idents("columns")?;
        if let Some(column) = fields.ident("column")? {
            if !columns.is_empty() {
                return Err(fields.invalid("column", "left out beside columns"));
            }
            columns.push(column);
        }
        let on_delete = action(&mut fields, "on_delete")?;
        let on_update = action(&mut fields, "on_update")?;
        let is_deferrable = fields.flag("deferrable", false)?;
        fields.finish()?;
        Ok(Self { table, columns, on_delete, on_update, is_deferrable })
    }

    pub(crate) fn write(&self, sql: &mut Sql) {
        sql.words("REFERENCES ").name(&self.table);
        if !self.columns.is_empty() {
            sql.words(" ").idents(&self.columns);
        }
        for (words, action) in [(" ON DELETE ", self.on_delete), (" ON UPDATE ", self.on_update)] {
            if let Some(action) = action {
                sql.words(words).words(action);
            }
        }
        sql.words_if(self.is_deferrable, " DEFERRABLE INITIALLY IMMEDIATE");
    }
}

fn action(fields: &mut Fields, name: &str) -> Result<Option<&'static str>, DdlError> {
    let Some(text) = fields.text(name)? else { return Ok(None) };
    let text = text.trim().replace('_', " ");
    let found = ACTIONS.iter().find(|action| action.eq_ignore_ascii_case(&text));
    found.copied().map(Some).ok_or_else(|| fields.invalid(name, EXPECTED_ACTION))
}
