//! Rights as granted, and rights as needed. `gateway.*` is every right over data, and over nothing else.

use crate::permit::Action;
use catalog::{Ident, QualifiedName};
use std::{fmt, sync::Arc};

/// A right as granted: `invoices.read`, `billing.invoices.*`, `gateway.*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Right(pub Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no right '{0}'")]
pub struct RightError(pub String);

/// Rights that are about no table; they are in every catalogue of rights.
pub const SEEDED_RIGHTS: [&str; 23] = [
    "*",
    "gateway.*",
    "gateway.read",
    "gateway.write",
    "gateway.delete",
    "gateway.query",
    "gateway.sql",
    "gateway.rpc.execute",
    "gateway.jdbc",
    "schema.read",
    "management.*",
    "management.read",
    "management.tables.write",
    "management.tables.drop",
    "management.columns.write",
    "management.columns.drop",
    "management.indexes.write",
    "management.indexes.drop",
    "management.functions.read",
    "management.functions.write",
    "management.functions.drop",
    "management.extensions.write",
    "management.provision.write",
];

/// Namespaces that rights over data never reach into.
const GUARDED: [&str; 3] = ["management", "admin", "control_plane"];

/// First words that mean something else than a table; such a table is named with its schema.
const RESERVED: [&str; 7] =
    ["gateway", "management", "admin", "control_plane", "schema", "registry", "storage"];

impl Right {
    const MAX_BYTES: usize = 200;

    /// A right that can open something; a misspelt one is refused when it is granted.
    pub fn parse(text: &str) -> Result<Self, RightError> {
        let text = text.trim();
        let known = SEEDED_RIGHTS.iter().any(|seeded| seeded.eq_ignore_ascii_case(text));
        if known || is_about_tables(text) {
            return Ok(Self(Arc::from(text)));
        }
        Err(RightError(text.chars().take(80).collect()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `*.read`, `invoices.read`, `billing.invoices.*`.
fn is_about_tables(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let Some((action, names)) = parts.split_last() else { return false };
    let action_known =
        ["read", "write", "delete", "*"].iter().any(|a| a.eq_ignore_ascii_case(action));
    let names_known = match names {
        [table] => (*table == "*" && *action != "*") || is_open(table),
        [schema, table] => is_open(schema) && is_plain(table),
        _ => false,
    };
    text.len() <= Right::MAX_BYTES && action_known && names_known
}

fn is_open(first: &str) -> bool {
    is_plain(first) && !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(first))
}

/// A name that needs no quotes; no other can be told apart from its neighbours in a right.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}

/// What must be granted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// A right over one relation; the names it goes by, most readable first.
    Relation {
        names: Vec<String>,
        action: Action,
    },
    Named(String),
}

impl Needed {
    pub(crate) fn relation(relation: &QualifiedName, action: Action) -> Self {
        let QualifiedName { schema, name } = relation;
        let mut names = Vec::new();
        if schema.as_str() == "public" && is_open(name.as_str()) {
            names.push(name.to_string());
        }
        if is_open(schema.as_str()) && [schema, name].into_iter().all(plain) {
            names.push(relation.to_string());
        }
        Self::Relation { names, action }
    }

    pub(crate) fn named(right: &str) -> Self {
        Self::Named(right.to_owned())
    }

    pub(crate) fn met_by(&self, granted: &Right) -> bool {
        let granted = granted.as_str();
        if granted == "*" {
            return true;
        }
        match self {
            Self::Relation { names, action } => {
                covers_all(granted, action.as_str())
                    || names.iter().any(|name| covers_name(granted, name, action.as_str()))
            }
            Self::Named(right) => names_right(granted, right),
        }
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relation { names, action } => {
                let name = names.first().map_or("gateway", String::as_str);
                write!(f, "{name}.{}", action.as_str())
            }
            Self::Named(right) => f.write_str(right),
        }
    }
}

fn plain(ident: &Ident) -> bool {
    is_plain(ident.as_str())
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// `*.action`, `gateway.action`, `gateway.*`.
fn covers_all(granted: &str, action: &str) -> bool {
    granted.split_once('.').is_some_and(|(first, rest)| {
        (first == "*" && same(rest, action))
            || (same(first, "gateway") && (rest == "*" || same(rest, action)))
    })
}

/// `name.action`, `name.*`. A name with capitals is matched as it stands, for PostgreSQL may have it in both spellings.
fn covers_name(granted: &str, name: &str, action: &str) -> bool {
    granted.rsplit_once('.').is_some_and(|(names, rest)| {
        let named = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            names == name
        } else {
            same(names, name)
        };
        named && (rest == "*" || same(rest, action))
    })
}

/// The contract's rules for a right that is spelled out.
fn names_right(granted: &str, needed: &str) -> bool {
    let Some((resource, action)) = needed.split_once('.') else { return same(granted, needed) };
    let guarded = GUARDED.iter().any(|namespace| same(namespace, resource));
    let whole_resource =
        granted.split_once('.').is_some_and(|(first, rest)| same(first, resource) && rest == "*");
    same(granted, needed) || whole_resource || (!guarded && covers_all(granted, action))
}
