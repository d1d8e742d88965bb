//! Statements of SQL.

use crate::{
    Athena, DeferredHandle, Error, Page, RowStream,
    draft::{Draft, Repeat, call_options, write_options},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A statement with its values: `$1` is what was bound first.
#[derive(Debug)]
#[must_use]
pub struct Sql {
    draft: Draft,
    values: Vec<Value>,
}

call_options!(Sql);
write_options!(Sql);

impl Sql {
    pub(crate) fn new(athena: Athena, statement: String) -> Self {
        let mut draft = Draft::write(athena, Method::POST, "/gateway/query");
        if statement.trim().is_empty() {
            draft.fail(Error::incomplete("the statement is blank"));
        }
        draft.put("query", statement);
        Self { draft, values: Vec::new() }
    }

    /// The value of the next placeholder.
    pub fn bind(mut self, value: impl Serialize) -> Self {
        let what = format!("the value ${}", self.values.len() + 1);
        let value = self.draft.json(&what, value);
        self.values.extend(value);
        self
    }

    /// The statement only reads, so it may be repeated when it meets a passing failure.
    pub fn only_reads(mut self) -> Self {
        self.draft.repeat = Repeat::Freely;
        self
    }

    /// Send it, and read the rows.
    ///
    /// # Errors
    /// As every call.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        Ok(self.page().await?.rows)
    }

    /// Send it, and read the rows with what was said about them (`meta`).
    ///
    /// # Errors
    /// As every call.
    pub async fn page<T: DeserializeOwned>(self) -> Result<Page<T>, Error> {
        self.finish().send().await?.page()
    }

    /// Send it; how many rows it affected, if the gateway says so.
    ///
    /// # Errors
    /// As every call.
    pub async fn run(self) -> Result<Option<u64>, Error> {
        Ok(self.finish().send().await?.written::<Value>()?.affected)
    }

    /// Send it, and take the rows one by one.
    ///
    /// # Errors
    /// As every call; [`Error::Unreadable`] when the gateway does not stream this.
    pub async fn stream<T>(self) -> Result<RowStream<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.finish().stream().await
    }

    /// Let the gateway do it later.
    ///
    /// # Errors
    /// As every call; [`Error::NotQueued`] when it was done at once.
    pub async fn deferred(self) -> Result<DeferredHandle, Error> {
        self.finish().defer().await
    }

    fn finish(mut self) -> Draft {
        if !self.values.is_empty() {
            self.draft.put("params", self.values);
        }
        self.draft
    }
}
