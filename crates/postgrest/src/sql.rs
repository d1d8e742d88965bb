//! Statements: fixed words, quoted identifiers and bound values, and nothing else.
//!
//! What the database itself said, like the types and defaults of its catalog, is the one other
//! thing that becomes text, and numbers of rows where many requests ask for as many.

mod body;
mod bound;
mod call;
mod count;
mod filter;
mod read;
mod statement;
mod types;
mod write;

#[cfg(test)]
mod tests;

use crate::schema::Bound;
use bytes::Bytes;
use catalog::QualifiedName;

/// A statement and its values, which stand in it as `$1`, `$2`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    pub params: Vec<Param>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Param {
    Null,
    /// Of the type that its place in the statement asks for, as a literal would be.
    Unknown(String),
    Text(String),
    Json(Bytes),
    Bytes(Bytes),
}

/// What the rows of a part of a statement are called in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Relation(QualifiedName),
    Alias(String),
}

/// A statement in the making.
#[derive(Debug, Default)]
pub(crate) struct Sql {
    text: String,
    params: Vec<Param>,
    /// Relations that stand for tables of other names.
    bound: Bound,
    /// What is written to is named as it is; what is read, as it is seen.
    writes: bool,
}

impl Sql {
    pub(crate) fn about(bound: &Bound) -> Self {
        Self { bound: Bound::clone(bound), ..Self::default() }
    }

    pub(crate) fn finish(self) -> Statement {
        Statement { sql: self.text, params: self.params }
    }

    pub(crate) fn word(&mut self, word: &'static str) -> &mut Self {
        self.text.push_str(word);
        self
    }

    /// The one place where a name becomes text. A name ends where it holds a NUL character.
    pub(crate) fn ident(&mut self, name: &str) -> &mut Self {
        let name = name.split('\0').next().unwrap_or_default();
        self.text.push('"');
        self.text.push_str(&name.replace('"', "\"\""));
        self.text.push('"');
        self
    }

    pub(crate) fn qualified(&mut self, name: &QualifiedName) -> &mut Self {
        self.ident(name.schema.as_str()).word(".").ident(name.name.as_str())
    }

    pub(crate) fn place(&mut self, place: &Place) -> &mut Self {
        match place {
            Place::Relation(name) => self.relation_place(name),
            Place::Alias(alias) => self.ident(alias),
        }
    }

    /// A column, or all of them.
    pub(crate) fn column(&mut self, place: &Place, column: &str) -> &mut Self {
        self.place(place).word(".");
        if column == "*" { self.word("*") } else { self.column_of(place, column) }
    }

    pub(crate) fn value(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        self.text.push('$');
        self.text.push_str(&self.params.len().to_string());
        self
    }

    /// A number that was understood as one, in our own digits.
    fn number(&mut self, number: i64) -> &mut Self {
        self.text.push_str(&number.to_string());
        self
    }

    pub(crate) fn unknown(&mut self, text: impl Into<String>) -> &mut Self {
        self.value(Param::Unknown(text.into()))
    }

    /// SQL as the database's catalog writes it.
    pub(crate) fn catalog(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// A name of the catalog as a literal.
    pub(crate) fn catalog_literal(&mut self, name: &str) -> &mut Self {
        self.text.push('\'');
        self.text.push_str(&name.replace('\'', "''"));
        self.text.push('\'');
        self
    }

    /// Each of them, with the words between two.
    pub(crate) fn each<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &'static str,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.word(between);
            }
            write(self, item);
        }
        self
    }
}
