//! Adding rows.

use crate::{
    DeferredHandle, Error, Written,
    draft::{Draft, call_options, write_options},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Rows to add.
#[derive(Debug)]
#[must_use]
pub struct Insert {
    draft: Draft,
}

/// A row to add, or to change when its key is there already.
#[derive(Debug)]
#[must_use]
pub struct Upsert {
    draft: Draft,
    row: Map<String, Value>,
    key: Vec<String>,
    set: Map<String, Value>,
}

call_options!(Insert);
call_options!(Upsert);
write_options!(Insert);
write_options!(Upsert);

impl Insert {
    pub(crate) fn new(mut draft: Draft, body: Result<Value, Error>) -> Self {
        match body {
            Ok(body) => draft.put("insert_body", body),
            Err(fault) => draft.fail(fault),
        }
        Self { draft }
    }

    /// Let the gateway wait this long for other inserts like this one, and write them by one statement.
    /// From one millisecond to a minute.
    pub fn together_within(mut self, window: std::time::Duration) -> Self {
        self.draft.options.insert_window = Some(window);
        self
    }

    /// Send it, and read the new rows as the database made them.
    ///
    /// # Errors
    /// As every call.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        Ok(self.written().await?.rows)
    }

    /// Send it, and read the one new row.
    ///
    /// # Errors
    /// [`Error::NotOneRow`] when the answer does not hold exactly one.
    pub async fn row<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.written().await?.one()
    }

    /// Send it, and read all that was said about it.
    ///
    /// # Errors
    /// As every call.
    pub async fn written<T: DeserializeOwned>(self) -> Result<Written<T>, Error> {
        self.draft.send().await?.written()
    }

    /// Send it.
    ///
    /// # Errors
    /// As every call.
    pub async fn run(self) -> Result<(), Error> {
        self.draft.send().await?.written::<Value>().map(drop)
    }

    /// Let the gateway do it later.
    ///
    /// # Errors
    /// As every call; [`Error::NotQueued`] when it was done at once.
    pub async fn deferred(self) -> Result<DeferredHandle, Error> {
        self.draft.defer().await
    }
}

impl Upsert {
    pub(crate) fn new(mut draft: Draft, row: Result<Map<String, Value>, Error>) -> Self {
        let row = row.map_err(|fault| draft.fail(fault)).unwrap_or_default();
        Self { draft, row, key: Vec::new(), set: Map::new() }
    }

    /// The columns that make two rows the same one; without them, the primary key.
    pub fn on_conflict(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.key.extend(columns.into_iter().map(Into::into));
        self
    }

    /// What the row that is there gets; without it, all that the new row says beside its key.
    pub fn set(mut self, column: impl Into<String>, value: impl Serialize) -> Self {
        let column = column.into();
        if let Some(value) = self.draft.json(&column, value) {
            self.set.insert(column, value);
        }
        self
    }

    /// Send it, and read the row as it is now.
    ///
    /// # Errors
    /// [`Error::NotOneRow`] when the answer does not hold exactly one.
    pub async fn row<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.finish().send().await?.written()?.one()
    }

    /// Send it.
    ///
    /// # Errors
    /// As every call.
    pub async fn run(self) -> Result<(), Error> {
        self.finish().send().await?.written::<Value>().map(drop)
    }

    /// Let the gateway do it later.
    ///
    /// # Errors
    /// As every call; [`Error::NotQueued`] when it was done at once.
    pub async fn deferred(self) -> Result<DeferredHandle, Error> {
        self.finish().defer().await
    }

    fn finish(mut self) -> Draft {
        if self.set.is_empty() {
            let beside_key = self.row.iter().filter(|(column, _)| !self.key.contains(column));
            self.set = beside_key.map(|(column, value)| (column.clone(), value.clone())).collect();
        }
        if self.set.is_empty() {
            self.draft.fail(Error::incomplete("an upsert has nothing to change beside its key"));
        }
        self.draft.put("insert_body", self.row);
        self.draft.put("update_body", self.set);
        if !self.key.is_empty() {
            self.draft.put("on_conflict", self.key);
        }
        self.draft
    }
}
