//! One open file, and the switch that stops what it runs.

use super::Pool;
use crate::error;
use backend::BackendError;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

pub(crate) struct Session {
    pub(crate) connection: SqliteConnection,
    /// Read by SQLite every so many steps; once set, whatever runs is interrupted.
    stop: Arc<AtomicBool>,
    pub(crate) born: Instant,
    pub(crate) idle_since: Instant,
}

/// Steps of SQLite's machine between two looks at the switch; well under a millisecond.
const STEPS: i32 = 1_000;
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

impl Session {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let mut connection = SqliteConnection::connect_with(options).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let switch = Arc::clone(&stop);
        connection
            .lock_handle()
            .await?
            .set_progress_handler(STEPS, move || !switch.load(Ordering::Relaxed));
        let now = Instant::now();
        Ok(Self { connection, stop, born: now, idle_since: now })
    }

    /// Stop what runs, roll back what was begun, and let go of the file.
    pub(super) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.close().await;
    }

    pub(super) async fn close(self) {
        match timeout(CLOSE_LIMIT, self.connection.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a SQLite session did not close cleanly"),
            Err(_) => tracing::warn!("a SQLite session did not close in time"),
        }
    }
}

/// Open the file for writing once, and let readers read while it is written.
pub(crate) async fn write_ahead(writes: &Pool, deadline: Instant) -> Result<(), BackendError> {
    let mut lease = writes.acquire(deadline).await?;
    let asked = sqlx::query("PRAGMA journal_mode = WAL").persistent(false);
    match timeout_at(deadline, asked.execute(lease.connection())).await {
        Err(_) => return Err(BackendError::Timeout),
        Ok(Ok(_)) => lease.release(),
        // Another program is at it, or the folder takes no further file: it works without, too.
        Ok(Err(error)) if error::leaves_journal_as_it_is(&error) => {
            tracing::warn!(%error, "readers and the writer of a SQLite file will wait for each other");
            lease.release();
        }
        Ok(Err(error)) => return Err(error::from_driver(error)),
    }
    Ok(())
}
