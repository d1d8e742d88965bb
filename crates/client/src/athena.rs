//! The client itself.

use crate::{
    ApiKey, Builder, DeferredHandle, Error, Health, Raw, Retry, Rpc, Sql, Table,
    builder::client_name, health,
};
use reqwest::{Method, header::HeaderValue};
use std::{fmt, sync::Arc, time::Duration};

/// A gateway, as one caller sees it. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Athena {
    pub(crate) inner: Arc<Inner>,
    pub(crate) client: Option<HeaderValue>,
}

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) key: Option<ApiKey>,
    pub(crate) timeout: Duration,
    pub(crate) max_answer: usize,
    pub(crate) max_line: usize,
    pub(crate) retry: Retry,
}

impl Athena {
    /// Begin with the gateway's address; a path in it (`/db`) is kept.
    pub fn builder(url: impl AsRef<str>) -> Builder {
        Builder::new(url.as_ref())
    }

    pub(crate) fn new(inner: Inner, client: Option<HeaderValue>) -> Self {
        Self { inner: Arc::new(inner), client }
    }

    /// The same gateway and key, another database.
    ///
    /// # Errors
    /// [`Error::Setting`] when the name cannot be sent.
    pub fn for_client(&self, name: impl AsRef<str>) -> Result<Self, Error> {
        Ok(Self { inner: Arc::clone(&self.inner), client: Some(client_name(name.as_ref())?) })
    }

    /// A table or a view: `invoices`, or `billing.invoices`.
    pub fn from(&self, relation: impl Into<String>) -> Table {
        Table::new(self.clone(), relation.into())
    }

    /// One statement of SQL. Values go in with [`Sql::bind`], never into the text.
    pub fn sql(&self, statement: impl Into<String>) -> Sql {
        Sql::new(self.clone(), statement.into())
    }

    /// A function of the database.
    pub fn rpc(&self, function: impl Into<String>) -> Rpc {
        Rpc::new(self.clone(), function.into())
    }

    /// A request that was deferred earlier, by its id.
    pub fn deferred(&self, id: impl Into<String>) -> DeferredHandle {
        DeferredHandle::new(self.clone(), id.into())
    }

    /// Whether the gateway is there, and which one it is.
    ///
    /// # Errors
    /// As every call.
    pub async fn health(&self) -> Result<Health, Error> {
        health::of(self.clone()).await
    }

    /// Any other path of the gateway; it begins with a slash.
    pub fn request(&self, method: Method, path: impl Into<String>) -> Raw {
        Raw::new(self.clone(), method, path.into())
    }
}

impl fmt::Debug for Athena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Athena")
            .field("url", &self.inner.base)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
