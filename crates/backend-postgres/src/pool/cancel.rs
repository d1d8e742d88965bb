//! Ending a statement nobody waits for any more, in the database and not only here.

use super::{Session, Shared, lease::Afterwards};
use sqlx::{Connection, Executor, PgConnection, postgres::PgConnectOptions};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const CANCEL_LIMIT: Duration = Duration::from_secs(5);
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
const WASH_LIMIT: Duration = Duration::from_secs(5);

/// `DISCARD ALL` without the prepared statements, which are ours.
const WASH: &str = "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; \
     SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// Ends a transaction where there is one, and nothing where there is none. Fails in an aborted one.
const END: &str = "BEGIN; ROLLBACK";

/// Cancel what the session runs and take it back once it is quiet, or close it.
pub(super) async fn wind_down(pool: Arc<Shared>, mut session: Session, then: Afterwards) {
    let asked = timeout(CANCEL_LIMIT, request(&pool.options, session.process_id)).await;
    match asked {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a statement could not be cancelled"),
        Err(_) => tracing::warn!("a statement could not be cancelled in time"),
    }
    if then == Afterwards::Close {
        return;
    }
    let quiet = timeout(DRAIN_LIMIT, settle(&mut session)).await.unwrap_or(false);
    if quiet && !session.connection.is_in_transaction() {
        match then {
            Afterwards::Wash => wash(pool, session).await,
            Afterwards::Keep | Afterwards::Close => pool.put_back(session),
        }
    }
}

/// Take a session back as it was when it began, or close it.
pub(super) async fn wash(pool: Arc<Shared>, mut session: Session) {
    match timeout(WASH_LIMIT, session.connection.execute(WASH)).await {
        Ok(Ok(_)) => pool.put_back(session),
        Ok(Err(error)) => tracing::warn!(%error, "a session could not be cleaned"),
        Err(_) => tracing::warn!("a session could not be cleaned in time"),
    }
}

/// On a connection of its own: the pool may have none left, which is when cancelling matters most.
async fn request(options: &PgConnectOptions, process_id: i32) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::query("SELECT pg_cancel_backend($1)")
        .bind(process_id)
        .persistent(false)
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Bring the session to where it is known in what state it is.
async fn settle(session: &mut Session) -> bool {
    let Session { connection, prepared, is_in_transaction, .. } = session;
    if !drain(connection).await {
        return false;
    }
    // Of one whose `BEGIN` nobody waited for the driver knows nothing (sqlx 0.9.0, its issue 4393).
    let end = if std::mem::take(is_in_transaction) { "ROLLBACK" } else { END };
    if connection.execute(end).await.is_err() {
        return false;
    }
    prepared.reconcile(connection).await.is_ok()
}

/// Read past what is left of the answer. The cancel was delivered before this began, so it can hit
/// no later statement.
async fn drain(connection: &mut PgConnection) -> bool {
    // The first ping meets the cancelled statement's error, the second an idle session.
    for _ in 0..3 {
        match connection.ping().await {
            Ok(()) => return true,
            Err(sqlx::Error::Database(_)) => {}
            Err(_) => return false,
        }
    }
    false
}
