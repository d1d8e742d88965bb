//! Beginning a transaction so that it ends, whoever stops waiting for it.

#![expect(clippy::disallowed_methods, reason = "this is what everybody else is to use")]

use crate::Store;
use sqlx::{Error, Postgres, Transaction};

type Begun = Transaction<'static, Postgres>;

impl Store {
    pub(crate) async fn begin(&self) -> Result<Begun, Error> {
        let pool = self.pool.clone();
        to_the_end(async move { pool.begin().await }).await
    }

    /// Whatever is read in it is of one moment.
    pub(crate) async fn begin_snapshot(&self) -> Result<Begun, Error> {
        let pool = self.pool.clone();
        let begin = "begin isolation level repeatable read read only";
        to_the_end(async move { pool.begin_with(begin).await }).await
    }
}

/// sqlx 0.9.0 rolls back only what it saw begin (its issue 4393): a session whose `BEGIN` is given up
/// would go back to the pool in a transaction that nobody ends. A task of its own is not given up.
async fn to_the_end(
    begin: impl Future<Output = Result<Begun, Error>> + Send + 'static,
) -> Result<Begun, Error> {
    match tokio::spawn(begin).await {
        Ok(begun) => begun,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_ended) => Err(Error::PoolClosed),
    }
}
