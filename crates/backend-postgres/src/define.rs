//! Changes of structure: in one transaction, or alone where the database will have it so.

use crate::{
    error::{RunError, from_driver},
    execute::{settle, trusted},
    pool::{Afterwards, Lease, Pool},
};
use backend::{BackendError, Defined, Definition};
use catalog::QualifiedName;
use ddl::{Framing, Guard, Object, Statement};
use sqlx::{Connection, Executor, PgConnection};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// What passes between the database's own limit and ours, which is only there if it fails to answer.
const SLACK: Duration = Duration::from_secs(10);
const CLEANING: Duration = Duration::from_secs(30);

const LIMITS: &str = "SELECT set_config('lock_timeout', $1, $3), set_config('statement_timeout', $2, $3), \
     set_config('idle_in_transaction_session_timeout', $2, $3)";
/// What PostgREST, and every node of ours that listens there, reads the schema again for.
const ANNOUNCE: &str = "SELECT pg_notify('pgrst', 'reload schema')";
const RELATION: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
     ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)";
const COLUMN: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c \
     ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped)";
const EXTENSION: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = $1)";
const FUNCTION: &str = "SELECT to_regprocedure($1) IS NOT NULL";
const HALF_MADE: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c \
     ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = $1 AND c.relname = $2 AND NOT i.indisvalid)";

/// Which of several statements failed, and why.
struct Failure {
    statement: Option<usize>,
    error: RunError,
}

impl<E: Into<RunError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { statement: None, error: error.into() }
    }
}

impl From<Failure> for BackendError {
    fn from(failure: Failure) -> Self {
        let source = failure.error.into();
        match failure.statement {
            Some(index) => Self::InStatement { index, source: Box::new(source) },
            None => source,
        }
    }
}

pub(crate) async fn define(
    pool: &Pool,
    definition: Definition<'_>,
) -> Result<Defined, BackendError> {
    let each = definition.statement_timeout + definition.lock_timeout;
    let statements = u32::try_from(definition.change.statements.len()).unwrap_or(u32::MAX);
    let deadline = Instant::now() + each.saturating_mul(statements.max(1)) + SLACK;
    let mut lease = pool.acquire(deadline).await?;
    // Limits that were set for the session, and whatever a statement left there.
    lease.afterwards(Afterwards::Wash);
    let ran = match &definition.change.framing {
        Framing::Together => {
            let work = together(lease.connection(), definition);
            timeout_at(deadline, work).await
        }
        Framing::Alone { .. } => {
            let work = alone(lease.connection(), definition);
            timeout_at(deadline, work).await
        }
    };
    let failure = match ran {
        // Dropping the lease cancels the statement in the database.
        Err(_) => return Err(BackendError::Timeout),
        Ok(Ok(defined)) => {
            lease.release();
            return Ok(defined);
        }
        Ok(Err(failure)) => failure,
    };
    if let Framing::Alone { leftover: Some((name, removal)) } = &definition.change.framing {
        clean(&mut lease, &failure.error, name, removal).await;
    }
    settle(pool, lease, &failure.error, deadline).await;
    Err(failure.into())
}

async fn together(
    connection: &mut PgConnection,
    definition: Definition<'_>,
) -> Result<Defined, Failure> {
    let mut transaction = connection.begin_with("BEGIN READ WRITE").await?;
    match guarded(&mut transaction, definition, true).await {
        Ok(defined) => {
            transaction.commit().await?;
            Ok(defined)
        }
        Err(failure) => {
            if !failure.error.is_fatal() {
                transaction.rollback().await?;
            }
            Err(failure)
        }
    }
}

async fn alone(
    connection: &mut PgConnection,
    definition: Definition<'_>,
) -> Result<Defined, Failure> {
    guarded(connection, definition, false).await
}

async fn guarded(
    connection: &mut PgConnection,
    definition: Definition<'_>,
    is_local: bool,
) -> Result<Defined, Failure> {
    let millis = |limit: Duration| limit.as_millis().to_string();
    sqlx::query(LIMITS)
        .bind(millis(definition.lock_timeout))
        .bind(millis(definition.statement_timeout))
        .bind(is_local)
        .persistent(false)
        .execute(&mut *connection)
        .await?;
    if has_nothing_to_do(connection, &definition.change.guard).await? {
        return Ok(Defined::NothingToDo);
    }
    let statements = &definition.change.statements;
    for (index, statement) in statements.iter().enumerate() {
        let place = (statements.len() > 1).then_some(index);
        execute(connection, statement)
            .await
            .map_err(|error| Failure { statement: place, error: error.into() })?;
    }
    connection.execute(sqlx::raw_sql(ANNOUNCE)).await?;
    Ok(Defined::Changed)
}

async fn execute(connection: &mut PgConnection, statement: &Statement) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(trusted(statement.text()))).await.map(drop)
}

async fn has_nothing_to_do(
    connection: &mut PgConnection,
    guard: &Guard,
) -> Result<bool, sqlx::Error> {
    match guard {
        Guard::None => Ok(false),
        Guard::UnlessThere(object) => is_there(connection, object).await,
        Guard::IfThere(object) => is_there(connection, object).await.map(|is_there| !is_there),
    }
}

async fn is_there(connection: &mut PgConnection, object: &Object) -> Result<bool, sqlx::Error> {
    let asked = match object {
        Object::Relation(name) => {
            sqlx::query_scalar(RELATION).bind(name.schema.as_str()).bind(name.name.as_str())
        }
        Object::Column(table, column) => sqlx::query_scalar(COLUMN)
            .bind(table.schema.as_str())
            .bind(table.name.as_str())
            .bind(column.as_str()),
        Object::Extension(name) => sqlx::query_scalar(EXTENSION).bind(name.as_str()),
        Object::Function(signature) => sqlx::query_scalar(FUNCTION).bind(signature.as_str()),
    };
    asked.persistent(false).fetch_one(connection).await
}

/// An index that was not finished slows every write and helps no read.
async fn clean(lease: &mut Lease, error: &RunError, name: &QualifiedName, removal: &Statement) {
    // A name that is taken is somebody else's, finished or not.
    if error.is_fatal() || error.sqlstate().as_deref() == Some("42P07") {
        return;
    }
    let connection = lease.connection();
    let work = async {
        let half_made: bool = sqlx::query_scalar(HALF_MADE)
            .bind(name.schema.as_str())
            .bind(name.name.as_str())
            .persistent(false)
            .fetch_one(&mut *connection)
            .await?;
        if half_made { execute(connection, removal).await } else { Ok(()) }
    };
    match timeout(CLEANING, work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let error = from_driver(error);
            tracing::error!(%error, index = %name, "an unfinished index could not be removed");
        }
        Err(_) => tracing::error!(index = %name, "an unfinished index was not removed in time"),
    }
}
