//! JSON values bound by the types that the database gives their places.

mod carrier;
mod type_names;

pub(crate) use type_names::TypeNames;

use super::Failure;
use crate::{error::RunError, execute::trusted, pool::Lease};
use backend::BackendError;
use carrier::{Carried, carry};
use query::sql::SqlStatement;
use serde_json::Value;
use sqlx::{
    Arguments, Either, Encode, Executor, PgConnection, Statement, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, Postgres, types::Oid},
};
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Values ready to be bound.
pub(super) struct Prepared {
    /// The statement with casts around some of its parameters; `None` when it needs none.
    pub(super) text: Option<String>,
    pub(super) arguments: PgArguments,
    pub(super) suspects: Vec<Suspect>,
}

/// A value whose fit only the database can judge.
pub(super) struct Suspect {
    index: usize,
    type_name: Arc<str>,
    text: String,
}

/// Preparing is a round trip the first time, and none afterwards.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    types: &TypeNames,
    statement: &SqlStatement,
    params: &[Value],
) -> Result<Prepared, RunError> {
    let described = (&mut *connection).prepare(trusted(statement.text())).await?;
    let wanted = match described.parameters() {
        Some(Either::Left(wanted)) => wanted.to_vec(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    let mut arguments = PgArguments::default();
    let mut suspects = Vec::new();
    for (index, value) in params.iter().enumerate() {
        let unknown = PgTypeInfo::with_oid(Oid(0));
        let type_info = wanted.get(index).unwrap_or(&unknown);
        let carried = carry(type_info, value);
        let carried = carried.map_err(|expected| RunError::InvalidParameter { index, expected })?;
        if let Carried::Text { is_cast: true, text } = &carried {
            let type_name = types.of(connection, type_info).await?;
            suspects.push(Suspect { index, type_name, text: text.clone().unwrap_or_default() });
        }
        Arguments::add(&mut arguments, Bound(carried)).map_err(sqlx::Error::Encode)?;
    }
    let text = (!suspects.is_empty()).then(|| with_casts(statement, &suspects));
    suspects.retain(|suspect| !params[suspect.index].is_null());
    Ok(Prepared { text, arguments, suspects })
}

/// `$2` becomes `CAST($2::text AS "pg_catalog"."date")`.
fn with_casts(statement: &SqlStatement, suspects: &[Suspect]) -> String {
    let source = statement.text();
    let mut text = String::with_capacity(source.len() + suspects.len() * 48);
    let mut copied = 0;
    for place in statement.placeholders() {
        let Some(cast) = suspects.iter().find(|suspect| suspect.index + 1 == place.number) else {
            continue;
        };
        text.push_str(&source[copied..place.span.start]);
        text.push_str("CAST(");
        text.push_str(&source[place.span.clone()]);
        text.push_str("::text AS ");
        text.push_str(&cast.type_name);
        text.push(')');
        copied = place.span.end;
    }
    text.push_str(&source[copied..]);
    text
}

/// When the database refused a value, ask it about each one that it alone can judge.
pub(super) async fn culprit(
    lease: &mut Lease,
    failure: &Failure,
    deadline: Instant,
) -> Option<BackendError> {
    let refused = failure.error.sqlstate().is_some_and(|code| code.starts_with("22"));
    if !refused {
        return None;
    }
    for suspect in &failure.suspects {
        let question = format!("SELECT CAST($1::text AS {}) IS NULL", suspect.type_name);
        let asked = sqlx::query(trusted(&question)).bind(&suspect.text).persistent(false);
        let answer = timeout_at(deadline, lease.connection().execute(asked)).await.ok()?;
        if let Err(error) = answer {
            let error = RunError::from(error);
            let refused = error.sqlstate().is_some_and(|code| code.starts_with("22"));
            let expected = format!("a value of {}", plain(&suspect.type_name));
            return refused
                .then_some(BackendError::InvalidParameter { index: suspect.index, expected });
        }
    }
    None
}

/// `"pg_catalog"."date"` is a date to people.
fn plain(type_name: &str) -> &str {
    type_name.strip_prefix("pg_catalog.").unwrap_or(type_name)
}

struct Bound(Carried);

impl Type<Postgres> for Bound {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl<'q> Encode<'q, Postgres> for Bound {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.0 {
            Carried::Null | Carried::Text { text: None, .. } => return Ok(IsNull::Yes),
            Carried::Binary(bytes) => buffer.extend_from_slice(bytes),
            Carried::Text { text: Some(text), .. } => buffer.extend_from_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    // The statement knows its types already.
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(0)))
    }
}
