//! What a table would be as a resource, and what somebody should look at before it is one.

use crate::{
    DraftError, Family, Field, FieldType, Fit, Resource,
    resource::{is_name, suggested_name},
};
use api_types::ClientName;
use catalog::{Column, Ident, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is asked for; everything has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DraftInput {
    pub name: Option<String>,
    pub remote_schema: Option<String>,
    /// Only these columns.
    pub include: Option<Vec<String>>,
    /// Not these.
    pub exclude: Vec<String>,
    /// Remote column to local field.
    pub rename: BTreeMap<String, String>,
    /// Remote columns, in key order.
    pub primary_key: Option<Vec<String>>,
    /// Remote column to the type of its field.
    pub types: BTreeMap<String, FieldType>,
    pub writable: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    pub name: Ident,
    #[serde(skip)]
    pub resource: Resource,
    pub notes: Vec<Note>,
    /// What to send to have it imported as drafted, for people who keep such things in files.
    pub config: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    UnknownType,
    LossyType,
    NoKey,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub kind: NoteKind,
    pub message: String,
}

impl Draft {
    pub fn shown(&self) -> Value {
        json!({
            "name": self.name,
            "definition": self.resource.shown(),
            "notes": self.notes,
            "config": self.config,
        })
    }
}

/// Writes nothing anywhere.
pub fn draft(
    client: &ClientName,
    table: &Table,
    input: &DraftInput,
    now: String,
) -> Result<Draft, DraftError> {
    all_known(table, input)?;
    let name = input.name.clone().unwrap_or_else(|| suggested_name(table.name.name.as_str()));
    let name = Some(name.as_str()).filter(|name| is_name(name)).and_then(|n| Ident::parse(n).ok());
    let name = name.ok_or_else(|| DraftError::Name {
        name: input.name.clone().unwrap_or_default().chars().take(80).collect(),
    })?;
    let mut notes = Vec::new();
    let (kept, left): (Vec<&Column>, Vec<&Column>) =
        table.columns.iter().partition(|column| is_wanted(column.name.as_str(), input));
    let fields = kept.iter().map(|column| field(column, input, &mut notes));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    distinct(&fields)?;
    let primary_key = key(table, input, &fields)?;
    if primary_key.is_empty() {
        let message = "The table has no primary key, so no row can be named by one.".to_owned();
        notes.push(Note { column: None, kind: NoteKind::NoKey, message });
    }
    let resource = Resource {
        name: name.clone(),
        client: client.clone(),
        remote_schema: table.name.schema.clone(),
        remote_name: table.name.name.clone(),
        fields,
        key_is_declared: primary_key != table.primary_key,
        primary_key,
        ignore_columns: left.into_iter().map(|column| column.name.clone()).collect(),
        writable: input.writable,
        introspected_at: now,
    };
    let config = config(&resource);
    Ok(Draft { name, resource, notes, config })
}

/// What is named exists.
fn all_known(table: &Table, input: &DraftInput) -> Result<(), DraftError> {
    let known = |field: &'static str, names: &mut dyn Iterator<Item = &String>| {
        let mut unknown = names.filter(|name| table.column(name).is_none());
        unknown.next().map_or(Ok(()), |column| {
            let column = column.chars().take(80).collect();
            Err(DraftError::UnknownColumn { field, column })
        })
    };
    known("include", &mut input.include.iter().flatten())?;
    known("exclude", &mut input.exclude.iter())?;
    known("rename", &mut input.rename.keys())?;
    known("types", &mut input.types.keys())?;
    known("primaryKey", &mut input.primary_key.iter().flatten())
}

fn is_wanted(column: &str, input: &DraftInput) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == column);
    input.include.as_deref().is_none_or(named) && !named(&input.exclude)
}

fn field(column: &Column, input: &DraftInput, notes: &mut Vec<Note>) -> Result<Field, DraftError> {
    let family = Family::of(&column.data_type);
    let own = column.name.as_str();
    let asked = input.types.get(own).copied();
    let field_type = asked.unwrap_or_else(|| family.suggested());
    let sql_type = column.data_type.sql.clone();
    let note = |kind, message: String| Note { column: Some(own.to_owned()), kind, message };
    match family.fit(field_type) {
        Fit::Exact => {}
        Fit::Lossy if family == Family::Unknown && asked.is_none() => notes.push(note(
            NoteKind::UnknownType,
            format!("{sql_type} is not a type that is known here, so the field is text."),
        )),
        Fit::Lossy => notes.push(note(
            NoteKind::LossyType,
            format!("Not every {sql_type} survives as a {} field.", word(field_type)),
        )),
        Fit::Incompatible => {
            let (column, field_type) = (own.to_owned(), word(field_type));
            return Err(DraftError::Incompatible { column, sql_type, field_type });
        }
    }
    let name = input.rename.get(own).map_or(own, String::as_str);
    let name = Ident::parse(name)
        .map_err(|_odd| DraftError::FieldName { name: name.chars().take(80).collect() })?;
    let nullable = column.nullable;
    Ok(Field { name, column: column.name.clone(), field_type, sql_type, nullable })
}

fn distinct(fields: &[Field]) -> Result<(), DraftError> {
    if fields.is_empty() {
        return Err(DraftError::Empty);
    }
    for (at, field) in fields.iter().enumerate() {
        if fields[..at].iter().any(|other| other.name == field.name) {
            return Err(DraftError::Twice { name: field.name.to_string() });
        }
    }
    Ok(())
}

/// Every column of it, in its order.
fn key(table: &Table, input: &DraftInput, fields: &[Field]) -> Result<Vec<Ident>, DraftError> {
    let key = match &input.primary_key {
        None => table.primary_key.clone(),
        Some(names) => {
            let columns = names.iter().filter_map(|name| table.column(name));
            columns.map(|column| column.name.clone()).collect()
        }
    };
    let left_out = key.iter().find(|column| !fields.iter().any(|field| field.column == **column));
    match left_out {
        Some(column) => Err(DraftError::KeyLeftOut { column: column.to_string() }),
        None => Ok(key),
    }
}

pub(crate) fn word(field_type: FieldType) -> String {
    let word = serde_json::to_value(field_type).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

/// JSON values are YAML values, whatever stands in the names.
fn config(resource: &Resource) -> String {
    let renamed: BTreeMap<&str, &str> =
        resource.column_map().into_iter().filter(|(column, name)| column != name).collect();
    let types: BTreeMap<&str, String> = resource
        .fields
        .iter()
        .map(|field| (field.column.as_str(), word(field.field_type)))
        .collect();
    let remote = format!("{}.{}", resource.remote_schema, resource.remote_name);
    let lines = [
        ("name", json!(resource.name)),
        ("remoteSchema", json!(resource.remote_schema)),
        ("exclude", json!(resource.ignore_columns)),
        ("rename", json!(renamed)),
        ("primaryKey", json!(resource.primary_key)),
        ("types", json!(types)),
        ("writable", json!(resource.writable)),
    ];
    // A name may hold a line break, which must not end the comment.
    let told = json!(remote).to_string();
    let head = format!("# The body of an import of {told} of client {}.\n", resource.client);
    lines.iter().fold(head, |text, (key, value)| format!("{text}{key}: {value}\n"))
}
