//! Messages on a channel of the database, heard on a connection of its own.

use crate::{error::from_driver, pool::Pool};
use backend::{BackendError, Heard};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;

/// How soon a connection that only listens notices that all others were closed.
const LOOK: Duration = Duration::from_secs(1);

/// Until the connection ends.
pub(crate) async fn listen(pool: &Pool, channel: &str, heard: &Heard) -> Result<(), BackendError> {
    tokio::select! {
        ended = hear(pool, channel, heard) => ended,
        () = closed(pool) => Err(BackendError::Closed),
    }
}

async fn hear(pool: &Pool, channel: &str, heard: &Heard) -> Result<(), BackendError> {
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(pool.connect_timeout())
        .connect_lazy_with(pool.options().clone());
    let mut listener = PgListener::connect_with(&own).await.map_err(from_driver)?;
    listener.ignore_pool_close_event(true);
    listener.listen(channel).await.map_err(from_driver)?;
    heard("");
    // What was said while the connection was away nobody heard, so it ends here and begins anew.
    while let Some(message) = listener.try_recv().await.map_err(from_driver)? {
        heard(message.payload());
    }
    Ok(())
}

async fn closed(pool: &Pool) {
    while !pool.is_closed() {
        tokio::time::sleep(LOOK).await;
    }
}
