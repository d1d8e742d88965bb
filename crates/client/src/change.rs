//! Changing and removing rows. Neither can be sent before it is said which rows.

use crate::{
    DeferredHandle, Error, Filter, Written,
    condition::{comparisons, more_comparisons},
    draft::{Draft, call_options, to_row, write_options},
    order::{Order, windowed},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::marker::PhantomData;

/// Nobody said yet which rows.
#[derive(Debug)]
pub struct Unfiltered;

/// It was said which rows, by conditions.
#[derive(Debug)]
pub struct Filtered;

/// It was said which row, by its primary key; conditions cannot be added.
#[derive(Debug)]
pub struct ById;

/// New values for rows.
///
/// Of the rows that match, an order with a limit, an offset or a page means the first ones; rows that
/// are alike in what they are sorted by come in the order of their key.
///
/// Without a condition there is nothing that sends it:
///
/// ```compile_fail,E0599
/// # async fn f(athena: athena_client::Athena) {
/// athena.from("invoices").update().set("status", "void").run().await;
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Update<S> {
    draft: Draft,
    set: Map<String, Value>,
    order: Order,
    state: PhantomData<S>,
}

/// Rows to remove; which of those that match is said as for an [`Update`].
///
/// Without a condition there is nothing that sends it:
///
/// ```compile_fail,E0599
/// # async fn f(athena: athena_client::Athena) {
/// athena.from("invoices").delete().run().await;
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Delete<S> {
    draft: Draft,
    order: Order,
    state: PhantomData<S>,
}

call_options!(Update<S>, S);
call_options!(Delete<S>, S);
write_options!(Update<S>, S);
write_options!(Delete<S>, S);
windowed!(Update<S>, S);
windowed!(Delete<Filtered>);
comparisons!(Update<S> => Update<Filtered>, S);
more_comparisons!(Update<S> => Update<Filtered>, S);
comparisons!(Delete<Unfiltered> => Delete<Filtered>);
more_comparisons!(Delete<Unfiltered> => Delete<Filtered>);
comparisons!(Delete<Filtered> => Delete<Filtered>);
more_comparisons!(Delete<Filtered> => Delete<Filtered>);

impl<S> Update<S> {
    pub(crate) fn new(draft: Draft) -> Self {
        Self { draft, set: Map::new(), order: Order::default(), state: PhantomData }
    }

    /// One column's new value.
    pub fn set(mut self, column: impl Into<String>, value: impl Serialize) -> Self {
        let column = column.into();
        if let Some(value) = self.draft.json(&column, value) {
            self.set.insert(column, value);
        }
        self
    }

    /// New values for all the columns of a struct or a map.
    pub fn set_all(mut self, columns: impl Serialize) -> Self {
        match to_row(columns) {
            Ok(columns) => self.set.extend(columns),
            Err(fault) => self.draft.fail(fault),
        }
        self
    }

    fn filtered(mut self, filter: Filter) -> Update<Filtered> {
        self.draft.filter(filter);
        let Self { draft, set, order, .. } = self;
        Update { draft, set, order, state: PhantomData }
    }
}

impl Update<Filtered> {
    /// Send it, and read the changed rows.
    ///
    /// # Errors
    /// As every call.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        Ok(self.finish().send().await?.written()?.rows)
    }

    /// Send it; how many rows were changed, if the gateway says so.
    ///
    /// # Errors
    /// As every call.
    pub async fn run(self) -> Result<Option<u64>, Error> {
        Ok(self.finish().send().await?.written::<Value>()?.affected)
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
            self.draft.fail(Error::incomplete("an update sets no column"));
        }
        self.draft.put("set", self.set);
        bounded(self.draft, &self.order)
    }
}

impl Delete<Unfiltered> {
    pub(crate) fn new(draft: Draft) -> Self {
        Self { draft, order: Order::default(), state: PhantomData }
    }

    /// The row with this primary key.
    pub fn id(mut self, id: impl Serialize) -> Delete<ById> {
        match self.draft.json("the id", id) {
            Some(Value::Null) => self.draft.fail(Error::incomplete("the id to delete is null")),
            Some(id) => self.draft.put("resource_id", id),
            None => {}
        }
        Delete { draft: self.draft, order: self.order, state: PhantomData }
    }
}

impl<S> Delete<S> {
    fn filtered(mut self, filter: Filter) -> Delete<Filtered> {
        self.draft.filter(filter);
        Delete { draft: self.draft, order: self.order, state: PhantomData }
    }

    async fn send<T: DeserializeOwned>(self) -> Result<Written<T>, Error> {
        self.finish().send().await?.written()
    }

    fn finish(self) -> Draft {
        bounded(self.draft, &self.order)
    }
}

/// An order alone leaves out no row, and would be taken for a bound.
fn bounded(mut draft: Draft, order: &Order) -> Draft {
    let is_bound = ["limit", "offset", "page_size"].iter().any(|key| draft.has(key));
    if !order.is_empty() && !is_bound {
        draft
            .fail(Error::incomplete("an order must have a limit, an offset or a page in a change"));
    }
    order.put_on(&mut draft);
    draft
}

macro_rules! deleting {
    ($state:ty) => {
        impl Delete<$state> {
            /// Send it, and read the rows that went.
            ///
            /// # Errors
            /// As every call.
            pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>, Error> {
                Ok(self.send().await?.rows)
            }

            /// Send it; how many rows went, if the gateway says so.
            ///
            /// # Errors
            /// As every call.
            pub async fn run(self) -> Result<Option<u64>, Error> {
                Ok(self.send::<Value>().await?.affected)
            }

            /// Let the gateway do it later.
            ///
            /// # Errors
            /// As every call; [`Error::NotQueued`] when it was done at once.
            pub async fn deferred(self) -> Result<DeferredHandle, Error> {
                self.finish().defer().await
            }
        }
    };
}

deleting!(Filtered);
deleting!(ById);
