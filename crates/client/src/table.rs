//! A table or a view, before it is said what to do with it.

use crate::{
    Athena, Delete, Error, Insert, Select, Unfiltered, Update, Upsert,
    draft::{Draft, to_row},
};
use reqwest::Method;
use serde::Serialize;

/// A relation to read from or write to.
#[derive(Debug, Clone)]
#[must_use]
pub struct Table {
    athena: Athena,
    schema: Option<String>,
    name: String,
}

impl Table {
    pub(crate) fn new(athena: Athena, name: String) -> Self {
        Self { athena, schema: None, name }
    }

    /// The schema it is in, when that is not the client's usual one.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// Read these columns.
    pub fn select(self, columns: impl IntoIterator<Item = impl Into<String>>) -> Select {
        let columns = columns.into_iter().map(Into::into).collect();
        Select::new(self.reading(), Some(columns))
    }

    /// Read every column.
    pub fn all(self) -> Select {
        Select::new(self.reading(), None)
    }

    /// Add a row: anything that serialises to an object.
    pub fn insert(self, row: impl Serialize) -> Insert {
        let row = to_row(row).map(Into::into);
        Insert::new(self.writing(Method::PUT, "/gateway/insert"), row)
    }

    /// Add many rows in one statement: all or none.
    pub fn insert_many(self, rows: impl IntoIterator<Item = impl Serialize>) -> Insert {
        let rows: Result<Vec<_>, _> = rows.into_iter().map(to_row).collect();
        let rows = rows.and_then(|rows| {
            if rows.is_empty() {
                return Err(Error::incomplete("there is no row to insert"));
            }
            Ok(rows.into())
        });
        Insert::new(self.writing(Method::PUT, "/gateway/insert"), rows)
    }

    /// Add a row, or change the one that is there already.
    pub fn upsert(self, row: impl Serialize) -> Upsert {
        let row = to_row(row);
        Upsert::new(self.writing(Method::PUT, "/gateway/insert"), row)
    }

    /// Change rows; which ones must be said before it can be sent.
    pub fn update(self) -> Update<Unfiltered> {
        Update::new(self.writing(Method::POST, "/gateway/update"))
    }

    /// Remove rows; which ones must be said before it can be sent.
    pub fn delete(self) -> Delete<Unfiltered> {
        Delete::new(self.writing(Method::DELETE, "/gateway/delete"))
    }

    fn reading(self) -> Draft {
        let draft = Draft::read(self.athena.clone(), Method::POST, "/gateway/fetch");
        self.name_on(draft)
    }

    fn writing(self, method: Method, path: &str) -> Draft {
        let draft = Draft::write(self.athena.clone(), method, path);
        self.name_on(draft)
    }

    fn name_on(self, mut draft: Draft) -> Draft {
        if self.name.trim().is_empty() {
            draft.fail(Error::incomplete("the name of the table is blank"));
        }
        draft.put("table_name", self.name);
        if let Some(schema) = self.schema {
            draft.put("schema", schema);
        }
        draft
    }
}
