//! In what a table differs from what was imported of it.

use crate::{Family, Fit, Resource, draft::word};
use catalog::{Column, Table};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    MissingTable,
    MissingColumn,
    TypeMismatch,
    NullabilityMismatch,
    PkMismatch,
    UnmappedColumn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    pub kind: DiffKind,
    pub remote_schema: String,
    pub remote_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    pub severity: Severity,
    /// It was so when it was imported: worth telling, but nothing has moved.
    #[serde(skip)]
    pub is_old: bool,
}

/// Everything that differs, in the table's order.
pub fn diff(resource: &Resource, table: Option<&Table>) -> Vec<Diff> {
    let found = Found { resource };
    let Some(table) = table else {
        return vec![found.entry(DiffKind::MissingTable, Severity::Error)];
    };
    let mut diffs = Vec::new();
    for field in &resource.fields {
        let column = table.column(field.column.as_str());
        diffs.extend(found.field(field, column));
    }
    diffs.extend(found.key(table));
    diffs.extend(found.unmapped(table));
    diffs
}

/// Whether the resource can no longer be what it was.
pub fn has_error(diffs: &[Diff]) -> bool {
    diffs.iter().any(|diff| diff.severity == Severity::Error)
}

/// Whether the table has moved since it was imported.
pub fn is_drift(diffs: &[Diff]) -> bool {
    diffs.iter().any(|diff| !diff.is_old)
}

/// The same for the same differences, and for no others.
pub fn fingerprint(diffs: &[Diff]) -> String {
    let text = serde_json::to_string(diffs).unwrap_or_default();
    hex::encode(&Sha256::digest(text)[..16])
}

struct Found<'a> {
    resource: &'a Resource,
}

impl Found<'_> {
    fn entry(&self, kind: DiffKind, severity: Severity) -> Diff {
        Diff {
            kind,
            remote_schema: self.resource.remote_schema.to_string(),
            remote_name: self.resource.remote_name.to_string(),
            column: None,
            expected: None,
            actual: None,
            severity,
            is_old: false,
        }
    }

    fn field(&self, field: &crate::Field, column: Option<&Column>) -> Vec<Diff> {
        let about = |kind, severity, expected: String, actual: Option<String>| Diff {
            column: Some(field.column.to_string()),
            expected: Some(expected),
            actual,
            ..self.entry(kind, severity)
        };
        let Some(column) = column else {
            let sql_type = field.sql_type.clone();
            return vec![about(DiffKind::MissingColumn, Severity::Error, sql_type, None)];
        };
        let mut diffs = Vec::new();
        let actual = column.data_type.sql.clone();
        let severity = match Family::of(&column.data_type).fit(field.field_type) {
            Fit::Exact => None,
            Fit::Lossy => Some(Severity::Warning),
            Fit::Incompatible => Some(Severity::Error),
        };
        if let Some(severity) = severity {
            let is_old = actual == field.sql_type;
            let expected = format!("{} ({})", field.sql_type, word(field.field_type));
            let entry = about(DiffKind::TypeMismatch, severity, expected, Some(actual));
            diffs.push(Diff { is_old, ..entry });
        }
        if column.nullable != field.nullable {
            let told = |nullable| String::from(if nullable { "null" } else { "not null" });
            let (expected, actual) = (told(field.nullable), told(column.nullable));
            let kind = DiffKind::NullabilityMismatch;
            diffs.push(about(kind, Severity::Warning, expected, Some(actual)));
        }
        diffs
    }

    /// A key that the importer chose is measured against no other.
    fn key(&self, table: &Table) -> Option<Diff> {
        let is_same = table.primary_key == self.resource.primary_key;
        if self.resource.key_is_declared || is_same {
            return None;
        }
        let told = |key: &[catalog::Ident]| {
            key.iter().map(catalog::Ident::as_str).collect::<Vec<_>>().join(", ")
        };
        Some(Diff {
            expected: Some(told(&self.resource.primary_key)),
            actual: Some(told(&table.primary_key)),
            ..self.entry(DiffKind::PkMismatch, Severity::Error)
        })
    }

    fn unmapped(&self, table: &Table) -> Vec<Diff> {
        let is_known = |column: &&Column| {
            self.resource.field_of(column.name.as_str()).is_some()
                || self.resource.ignore_columns.contains(&column.name)
        };
        let new = table.columns.iter().filter(|column| !is_known(column));
        new.map(|column| Diff {
            column: Some(column.name.to_string()),
            actual: Some(column.data_type.sql.clone()),
            ..self.entry(DiffKind::UnmappedColumn, Severity::Warning)
        })
        .collect()
    }
}
