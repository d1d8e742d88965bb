//! A statement's text as it grows. Nothing is put in but what cannot end or begin anything else.

use catalog::{Ident, QualifiedName};
use std::fmt::{self, Write};

/// A statement that is ready to run. Only this crate makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    text: String,
    /// Where something in it is nobody's business.
    shown: Option<String>,
}

impl Statement {
    /// For the database alone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// For people and logs.
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.text)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Sql(String);

impl Sql {
    pub(crate) fn new(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    pub(crate) fn words(&mut self, words: &'static str) -> &mut Self {
        self.0.push_str(words);
        self
    }

    pub(crate) fn words_if(&mut self, wanted: bool, words: &'static str) -> &mut Self {
        if wanted { self.words(words) } else { self }
    }

    pub(crate) fn ident(&mut self, ident: &Ident) -> &mut Self {
        self.0.push('"');
        self.0.push_str(&ident.as_str().replace('"', "\"\""));
        self.0.push('"');
        self
    }

    pub(crate) fn name(&mut self, name: &QualifiedName) -> &mut Self {
        self.ident(&name.schema).words(".").ident(&name.name)
    }

    pub(crate) fn idents(&mut self, idents: &[Ident]) -> &mut Self {
        self.words("(").list(idents, |sql, ident| {
            sql.ident(ident);
        });
        self.words(")")
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) -> &mut Self {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.words(", ");
            }
            one(self, item);
        }
        self
    }

    /// A text constant, the same however the session reads backslashes.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        if text.contains('\\') {
            self.0.push_str(" E");
        }
        self.0.push('\'');
        self.0.push_str(&text.replace('\'', "''").replace('\\', "\\\\"));
        self.0.push('\'');
        self
    }

    /// What was written elsewhere by the same rules.
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    pub(crate) fn integer(&mut self, number: i64) -> &mut Self {
        // Writing to a text cannot fail.
        let _ = write!(self.0, "{number}");
        self
    }

    /// A number's digits, as the lexer or a JSON parser found them.
    pub(crate) fn number(&mut self, number: &Number) -> &mut Self {
        self.0.push_str(&number.0);
        self
    }

    pub(crate) fn finish(self) -> Statement {
        Statement { text: self.0, shown: None }
    }

    pub(crate) fn finish_shown_as(self, shown: Self) -> Statement {
        Statement { text: self.0, shown: Some(shown.0) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A number as it was written: digits, a sign, a point, an exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number(String);

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        let begins = unsigned.starts_with(|c: char| c.is_ascii_digit());
        // Two signs in a row would begin a comment.
        let fits = begins && text.len() <= 400 && text.chars().all(is_plain);
        (fits && !text.contains("--") && text.parse::<f64>().is_ok()).then(|| Self(text.to_owned()))
    }
}
