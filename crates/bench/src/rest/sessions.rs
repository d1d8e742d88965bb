//! On a pool of sqlx, one statement after the other: as a team would write it.

use super::{
    asked::{Statements, Value},
    handler::{Asked, Body},
    settings::SET,
};
use bytes::Bytes;
use sqlx::{
    AssertSqlSafe, Encode, PgPool, Postgres, Row, Type, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgPoolOptions, PgTypeInfo, types::Oid},
};

/// As many as Athena has for reading or for writing.
const SESSIONS: u32 = 8;
/// Where the statement has the number of rows, and where the body.
pub const PAGE_TOTAL: usize = 1;
pub const BODY: usize = 3;

#[derive(Clone)]
pub struct Sessions {
    pool: PgPool,
    statements: Statements,
}

impl Sessions {
    pub async fn connect(uri: &str, statements: Statements) -> anyhow::Result<Self> {
        // Without the ping before each use, which would be one round trip more.
        let options = PgPoolOptions::new().max_connections(SESSIONS).test_before_acquire(false);
        Ok(Self { pool: options.connect(uri).await?, statements })
    }

    #[expect(clippy::disallowed_methods, reason = "nothing is given up here")]
    pub async fn run(&self, asked: &Asked) -> anyhow::Result<Body> {
        let mut transaction = self.pool.begin_with(asked.begin()).await?;
        let settings = asked.settings.iter().fold(sqlx::query(SET), |query, one| query.bind(one));
        settings.execute(&mut *transaction).await?;
        let text = AssertSqlSafe(self.statements.of(asked.question));
        let query = match &asked.value {
            Value::Number(number) => sqlx::query(text).bind(*number),
            Value::Json(body) => sqlx::query(text).bind(Json(body.clone())),
        };
        let row = query.fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        let json = row.try_get_raw(BODY)?;
        let json = if json.is_null() { &[] } else { json.as_bytes().map_err(told)? };
        Ok(Body { rows: row.try_get(PAGE_TOTAL)?, json: Bytes::copy_from_slice(json) })
    }
}

fn told(error: BoxDynError) -> anyhow::Error {
    anyhow::anyhow!("{error}").context("the body")
}

/// The body as it came: the database reads it.
struct Json(Bytes);

impl Type<Postgres> for Json {
    fn type_info() -> PgTypeInfo {
        // Its number is fixed in PostgreSQL's pg_type.dat.
        PgTypeInfo::with_oid(Oid(114))
    }
}

impl<'q> Encode<'q, Postgres> for Json {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}
