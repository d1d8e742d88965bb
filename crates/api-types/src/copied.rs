//! "Copy as": what a list shows, as a program asks for it. The key stands in none of the texts.

mod curl;
mod javascript;
mod like;
mod quote;
mod rest;
mod rust;
#[cfg(test)]
mod tests;

use crate::console::{ColumnSpec, DataType, ListPage, ListQuery, ResourceSpec};

/// The variable of the environment that the texts take the key from.
pub const KEY_VARIABLE: &str = "ATHENA_KEY";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Curl,
    SupabaseJs,
    Rust,
}

/// Why a view cannot be said in a language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    #[error("PostgREST looks for a part of a text in columns of text only, and {column} is none")]
    PartOfNoText { column: String },
    #[error("PostgREST does not compare plain JSON, as in {column}")]
    PlainJson { column: String },
    #[error("no header can name the schema {schema}")]
    Schema { schema: String },
    #[error("the search looks in no column, so there is nothing to ask for")]
    SearchOfNothing,
}

/// A list as it is shown: columns, filters, order and page.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    resource: &'a ResourceSpec,
    columns: &'a [String],
    query: &'a ListQuery,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Curl, Self::SupabaseJs, Self::Rust];

    pub fn label(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::SupabaseJs => "supabase-js",
            Self::Rust => "Rust",
        }
    }

    /// Whether it asks in PostgREST's language, which not every backend has.
    pub fn is_postgrest(self) -> bool {
        matches!(self, Self::Curl | Self::SupabaseJs)
    }
}

impl<'a> View<'a> {
    pub fn of(page: &'a ListPage) -> Self {
        Self { resource: &page.resource, columns: &page.columns, query: &page.query }
    }

    /// The text to copy. `base` is the server's address, without a slash at its end.
    pub fn text(self, language: Language, base: &str) -> Result<String, Unsaid> {
        match language {
            Language::Curl => curl::text(self, base),
            Language::SupabaseJs => javascript::text(self, base),
            Language::Rust => rust::text(self, base),
        }
    }

    fn column(self, name: &str) -> Option<&'a ColumnSpec> {
        self.resource.columns.iter().find(|column| column.name == name)
    }

    fn is_nullable(self, name: &str) -> bool {
        self.column(name).is_some_and(|column| column.nullable)
    }

    /// Whether patterns fit; an enum's words are no text to the database.
    fn is_text(self, name: &str) -> bool {
        let fits = |c: &ColumnSpec| c.data_type == DataType::String && c.options.is_empty();
        self.column(name).is_none_or(fits)
    }

    fn search(self) -> Option<&'a str> {
        self.query.search.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    fn limit(self) -> u64 {
        u64::from(self.query.page_size)
    }

    fn offset(self) -> u64 {
        u64::from(self.query.page.saturating_sub(1)) * self.limit()
    }

    /// Columns that only the key adds to the order, so that pages never overlap.
    fn order_by_key(self) -> impl Iterator<Item = &'a str> {
        let sort = &self.query.sort;
        let ids = self.resource.id_columns.iter();
        ids.filter(|id| !sort.iter().any(|term| term.column == **id)).map(String::as_str)
    }
}
