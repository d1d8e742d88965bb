//! Reading rows.

use crate::{
    DeferredHandle, Error, Filter, Page, RowStream,
    condition::{comparisons, more_comparisons},
    draft::{Draft, call_options},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A read: columns, conditions, order, window. Without a limit the gateway applies its own (100).
#[derive(Debug)]
#[must_use]
pub struct Select {
    draft: Draft,
    order: Vec<Term>,
}

#[derive(Debug, Serialize)]
struct Term {
    field: String,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nulls: Option<&'static str>,
}

call_options!(Select);
comparisons!(Select => Select);
more_comparisons!(Select => Select);

impl Select {
    pub(crate) fn new(mut draft: Draft, columns: Option<Vec<String>>) -> Self {
        match columns {
            Some(columns) if columns.is_empty() => {
                draft.fail(Error::incomplete("no column was selected"));
            }
            Some(columns) => draft.put("columns", columns),
            None => {}
        }
        Self { draft, order: Vec::new() }
    }

    fn filtered(mut self, filter: Filter) -> Self {
        self.draft.filter(filter);
        self
    }

    /// Sort by a column, ascending; called again, it settles what the columns before left equal.
    pub fn order_by(mut self, column: impl Into<String>) -> Self {
        self.order.push(Term { field: column.into(), direction: "ascending", nulls: None });
        self
    }

    /// Largest first, for the column named last.
    pub fn descending(self) -> Self {
        self.adjust("descending", |term| term.direction = "descending")
    }

    /// Nulls before everything else, for the column named last.
    pub fn nulls_first(self) -> Self {
        self.adjust("nulls_first", |term| term.nulls = Some("first"))
    }

    /// Nulls after everything else, for the column named last.
    pub fn nulls_last(self) -> Self {
        self.adjust("nulls_last", |term| term.nulls = Some("last"))
    }

    fn adjust(mut self, what: &str, change: impl FnOnce(&mut Term)) -> Self {
        match self.order.last_mut() {
            Some(term) => change(term),
            None => self.draft.fail(Error::incomplete(format!("{what} must follow order_by"))),
        }
        self
    }

    pub fn limit(mut self, rows: u64) -> Self {
        self.draft.put("limit", rows);
        self
    }

    pub fn offset(mut self, rows: u64) -> Self {
        self.draft.put("offset", rows);
        self
    }

    /// Also count all the rows that match, whatever the limit: [`Page::count`].
    pub fn with_count(mut self) -> Self {
        self.draft.put("count", "exact");
        self
    }

    /// Leave null members out of each row.
    pub fn strip_nulls(mut self) -> Self {
        self.draft.put("strip_nulls", true);
        self
    }

    /// Ask the database itself, not the gateway's cache.
    pub fn no_cache(mut self) -> Self {
        self.draft.options.skips_cache = true;
        self
    }

    /// The rows.
    ///
    /// # Errors
    /// As every call; [`Error::Decode`] when a row does not fit `T`.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        Ok(self.page().await?.rows)
    }

    /// The rows, and what was said about them.
    ///
    /// # Errors
    /// As every call; [`Error::Decode`] when a row does not fit `T`.
    pub async fn page<T: DeserializeOwned>(self) -> Result<Page<T>, Error> {
        self.finish().send().await?.page()
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As every call.
    pub async fn first<T: DeserializeOwned>(self) -> Result<Option<T>, Error> {
        Ok(self.limit(1).rows().await?.into_iter().next())
    }

    /// The only row.
    ///
    /// # Errors
    /// [`Error::NotOneRow`] when there is none or more than one.
    pub async fn one<T: DeserializeOwned>(self) -> Result<T, Error> {
        let mut rows = self.limit(2).rows().await?;
        match (rows.pop(), rows.len()) {
            (Some(row), 0) => Ok(row),
            (None, _) => Err(Error::NotOneRow { found: 0 }),
            (Some(_), others) => Err(Error::NotOneRow { found: others + 1 }),
        }
    }

    /// How many rows match; none of them is sent.
    ///
    /// # Errors
    /// As every call; [`Error::Unreadable`] when the answer has no count.
    pub async fn count(self) -> Result<u64, Error> {
        let answer = self.with_count().limit(0).finish().send().await?;
        let status = answer.status;
        let page = answer.page::<Value>()?;
        let reason = "it has no count";
        page.count.ok_or_else(|| Error::Unreadable { status, reason: reason.to_owned() })
    }

    /// The rows one by one, as fast as they are taken and no faster.
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
        match self.order.len() {
            0 => {}
            // One term goes out in the form older gateways know.
            1 => self.draft.put("sort_by", &self.order[0]),
            _ => self.draft.put("sort_by", &self.order),
        }
        self.draft
    }
}
