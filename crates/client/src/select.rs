//! Reading rows.

use crate::{
    DeferredHandle, Error, Filter, Page, RowStream,
    condition::{comparisons, more_comparisons},
    draft::{Draft, call_options},
    order::{Order, windowed},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A read: columns, conditions, order, window. Without a limit the gateway applies its own (100).
#[derive(Debug)]
#[must_use]
pub struct Select {
    draft: Draft,
    order: Order,
}

call_options!(Select);
windowed!(Select);
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
        Self { draft, order: Order::default() }
    }

    fn filtered(mut self, filter: Filter) -> Self {
        self.draft.filter(filter);
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
        self.order.put_on(&mut self.draft);
        self.draft
    }
}
