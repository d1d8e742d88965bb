//! Beginning a transaction so that it ends, whoever stops waiting for it.
//!
//! sqlx 0.9.0 rolls back only what it saw begin (its issue 4393): a session whose `BEGIN` is given up
//! would go back to the pool in a transaction that nobody ends.

use crate::{Store, to_the_end};
use sqlx::{Error, Postgres, SqlSafeStr, SqlStr, Transaction};

type Begun = Transaction<'static, Postgres>;

impl Store {
    pub(crate) async fn begin(&self) -> Result<Begun, Error> {
        self.begun(None).await
    }

    /// Whatever is read in it is of one moment.
    pub(crate) async fn begin_snapshot(&self) -> Result<Begun, Error> {
        self.begun(Some("begin isolation level repeatable read read only".into_sql_str())).await
    }

    async fn begun(&self, statement: Option<SqlStr>) -> Result<Begun, Error> {
        // Whoever waits for a session may leave the queue.
        let session = self.pool.acquire().await?;
        let begun = to_the_end(Transaction::begin(session, statement)).await;
        begun.unwrap_or(Err(Error::PoolClosed))
    }
}
