//! What a member of an organisation may do with rows: `create:invoices`, `read:*`.

use catalog::QualifiedName;
use std::{fmt, sync::Arc};

/// What is done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Read,
    Create,
    Update,
    Delete,
}

impl Verb {
    pub const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Update, Self::Delete];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One thing a member may do, to one table or to all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Nothing for every verb.
    verb: Option<Verb>,
    /// `invoices`, `billing.invoices`; nothing for every table.
    table: Option<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope '{0}'")]
pub struct ScopeError(pub String);

impl Scope {
    const MAX_BYTES: usize = 200;

    /// A misspelt scope is refused when it is given.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let refused = || ScopeError(text.chars().take(80).collect());
        let (verb, table) = text.trim().split_once(':').ok_or_else(refused)?;
        let verb = match verb {
            "*" => None,
            word => {
                let known = Verb::ALL.into_iter().find(|v| v.as_str().eq_ignore_ascii_case(word));
                Some(known.ok_or_else(refused)?)
            }
        };
        let table = match table {
            "*" => None,
            name if is_table(name) && name.len() <= Self::MAX_BYTES => Some(Arc::from(name)),
            _ => return Err(refused()),
        };
        Ok(Self { verb, table })
    }

    /// Whether this is enough for that.
    pub fn covers(&self, verb: Verb, relation: &QualifiedName) -> bool {
        let fits = self.table.as_deref().is_none_or(|table| is_called(table, relation));
        fits && self.verb.is_none_or(|known| known == verb)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.verb.map_or("*", Verb::as_str);
        write!(f, "{verb}:{}", self.table.as_deref().unwrap_or("*"))
    }
}

/// A name with a dot before it is a schema's; one without is a table's in `public`.
fn is_called(table: &str, relation: &QualifiedName) -> bool {
    match table.split_once('.') {
        Some((schema, name)) => {
            relation.schema.as_str() == schema && relation.name.as_str() == name
        }
        None => relation.schema.as_str() == "public" && relation.name.as_str() == table,
    }
}

/// Names that need quotes cannot be told apart from what stands around them.
fn is_table(name: &str) -> bool {
    let is_plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
    };
    name.split('.').count() <= 2 && name.split('.').all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Ident;

    fn relation(schema: &str, name: &str) -> QualifiedName {
        QualifiedName::new(Ident::parse(schema).unwrap(), Ident::parse(name).unwrap())
    }

    #[test]
    fn a_scope_is_about_its_verb_and_its_table_only() {
        let invoices = relation("public", "invoices");
        let covers = |scope: &str, verb: Verb, relation: &QualifiedName| {
            Scope::parse(scope).unwrap().covers(verb, relation)
        };
        for scope in [
            "create:invoices",
            "Create:invoices",
            "create:*",
            "*:invoices",
            "*:*",
            "create:public.invoices",
        ] {
            assert!(covers(scope, Verb::Create, &invoices), "{scope}");
        }
        for scope in
            ["update:invoices", "create:customers", "create:billing.invoices", "create:Invoices"]
        {
            assert!(!covers(scope, Verb::Create, &invoices), "{scope}");
        }
        assert!(!covers("create:invoices", Verb::Create, &relation("billing", "invoices")));
        assert!(!covers("read:a", Verb::Read, &relation("public", "a.b")));
    }

    #[test]
    fn what_is_no_scope_is_refused_and_what_is_one_reads_back() {
        for text in [
            "",
            "create",
            "create:",
            "make:invoices",
            "create:a b",
            "create:a.b.c",
            "create:a;b",
            ":x",
            "create:*.x",
        ] {
            assert!(Scope::parse(text).is_err(), "{text}");
        }
        for text in ["create:invoices", "*:*", "read:billing.invoices"] {
            assert_eq!(Scope::parse(text).unwrap().to_string(), text);
        }
    }
}
