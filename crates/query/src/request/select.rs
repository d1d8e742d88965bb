//! What to answer of each row: columns, other names for them, and rows of related tables.

mod object;
mod text;

use super::{
    Filter, OrderTerm, ParseOptions, RelationName, ResponseCase, condition::Conditions,
    error::RequestError,
};
use serde_json::Value;

/// Empty in both lists: every column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    pub columns: Vec<Selected>,
    pub embeds: Vec<EmbedRequest>,
    pub case: ResponseCase,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    Every,
    Column {
        name: String,
        /// What the caller wants it called.
        alias: Option<String>,
    },
}

/// Rows of a related table, inside each row.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbedRequest {
    /// Where it stood in the request, for error texts: `select.orders`.
    pub path: String,
    /// The other table, or the column here that points at it.
    pub relation: RelationName,
    pub alias: Option<String>,
    /// The constraint, the column or the table between, where several lead there.
    pub hint: Option<String>,
    /// Leave out rows that have none.
    pub is_inner: bool,
    pub selection: Selection,
    pub filter: Filter,
    pub order: Vec<OrderTerm>,
    pub limit: Option<u64>,
    pub offset: u64,
}

impl Selection {
    pub fn every() -> Self {
        Self::default()
    }

    /// Nothing in particular was asked for.
    pub fn is_every(&self) -> bool {
        self.embeds.is_empty() && self.columns.iter().all(|selected| *selected == Selected::Every)
    }

    /// Columns under their own names.
    pub fn named<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let column = |name: N| Selected::Column { name: name.into(), alias: None };
        Self { columns: names.into_iter().map(column).collect(), ..Self::default() }
    }

    pub(super) fn set_case(&mut self, case: ResponseCase) {
        self.case = case;
        self.embeds.iter_mut().for_each(|embed| embed.selection.set_case(case));
    }
}

/// Reads selections, and counts the relations embedded in them.
struct Reader<'a, 'b> {
    options: &'a ParseOptions,
    conditions: &'a mut Conditions<'b>,
    embeds: usize,
}

/// A list of names, a text in the select grammar, or an object tree.
pub(super) fn parse(
    value: Option<Value>,
    field: &'static str,
    options: &ParseOptions,
    conditions: &mut Conditions<'_>,
) -> Result<Selection, RequestError> {
    let mut reader = Reader { options, conditions, embeds: 0 };
    let mut selection = match value {
        None => Selection::default(),
        Some(value) => reader.value(value, field, 0)?,
    };
    selection.set_case(match (options.response_case, options.snake_case) {
        (ResponseCase::AsIs, true) => ResponseCase::Snake,
        (case, _) => case,
    });
    Ok(selection)
}

impl Reader<'_, '_> {
    fn value(&mut self, value: Value, path: &str, depth: usize) -> Result<Selection, RequestError> {
        match value {
            Value::String(text) if text.trim().is_empty() => Ok(Selection::default()),
            Value::String(text) => self.text(&text, path, depth),
            Value::Array(items) => self.items(items, path, depth),
            Value::Object(members) => self.object(members, path, depth),
            _ => Err(unfit(path)),
        }
    }

    fn items(
        &mut self,
        items: Vec<Value>,
        path: &str,
        depth: usize,
    ) -> Result<Selection, RequestError> {
        let mut selection = Selection::default();
        for item in items {
            match item {
                Value::String(text) => self.item(text.trim(), path, depth, &mut selection)?,
                Value::Object(members) => selection.extend(self.object(members, path, depth)?),
                _ => return Err(unfit(path)),
            }
        }
        Ok(selection)
    }

    fn column(&self, name: String, alias: Option<String>) -> Selected {
        Selected::Column { name: self.options.name(name), alias }
    }

    /// Counts one more, and says how deep it stands.
    fn embed(&mut self, path: &str, depth: usize) -> Result<usize, RequestError> {
        self.embeds += 1;
        if self.embeds > self.options.max_embeds {
            let limit = self.options.max_embeds;
            return Err(RequestError::TooMany { what: "embedded relations", limit });
        }
        if depth >= self.options.max_embed_depth {
            return Err(invalid(path, "at most five levels of embedded relations"));
        }
        Ok(depth + 1)
    }
}

impl Selection {
    fn extend(&mut self, other: Self) {
        self.columns.extend(other.columns);
        self.embeds.extend(other.embeds);
    }
}

fn unfit(path: &str) -> RequestError {
    invalid(path, "an array of column names, a comma list of them, or an object of columns")
}

fn invalid(path: &str, expected: &'static str) -> RequestError {
    RequestError::InvalidField { field: path.to_owned(), expected }
}

#[cfg(test)]
mod tests;
