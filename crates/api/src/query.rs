//! SQL that callers write: `/gateway/query`, `/gateway/sql` and `/query/sql`.

use crate::{
    answer::{Freshness, respond_lines, wants_lines},
    error::ApiError,
    extract::{Asked, StripNulls},
    members::Members,
    state::ApiState,
};
use axum::{Router, extract::State, response::Response, routing::post};
use gateway::{Directive, Gateway, GatewayError, OperationError, RawSql, SqlDoor};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/gateway/query", post(query))
        .route("/gateway/sql", post(sql))
        .route("/query/sql", post(sql))
}

async fn query(
    State(state): State<ApiState>,
    freshness: Freshness,
    mut asked: Asked,
) -> Result<Response, ApiError> {
    let visitor = asked.admit(&state, None).await?;
    let raw = parse_query(&asked.body, freshness.directive)?;
    let gateway = state.gateway();
    if wants_lines(asked.headers())? {
        return Ok(respond_lines(gateway.stream_sql(visitor, raw).await?));
    }
    Ok(freshness.respond(gateway.serve_sql(visitor, raw).await?))
}

/// The body of `/gateway/query`.
pub(crate) fn parse_query(body: &[u8], directive: Directive) -> Result<RawSql, ApiError> {
    let mut members = Members::of(body)?;
    let text = members.take_text("query")?.unwrap_or_default();
    let params = members.take_array("params")?;
    // What a library notes for itself: rows are answered as rows, whatever it makes of them.
    for noted in ["operation", "expectedShape"] {
        members.take_text(noted)?;
    }
    members.finish()?;
    // The library asks every door to leave nulls out, and means all but this one.
    Ok(RawSql { door: SqlDoor::Query, text, params, strip_nulls: false, directive })
}

async fn sql(
    State(state): State<ApiState>,
    StripNulls(strip_nulls): StripNulls,
    freshness: Freshness,
    mut asked: Asked,
) -> Result<Response, ApiError> {
    let mut members = Members::of(&asked.body)?;
    let client = members.take_text("db_name")?;
    let visitor = asked.admit(&state, client.as_deref()).await?;
    let text = members.take_text("query")?.unwrap_or_default();
    let params = members.take_array("params")?;
    check_driver(&mut members)?;
    members.finish()?;
    let (door, directive) = (SqlDoor::Sql, freshness.directive);
    let raw = RawSql { door, text, params, strip_nulls, directive };
    let gateway: &Gateway = state.gateway();
    Ok(freshness.respond(gateway.serve_sql(visitor, raw).await?))
}

/// The client decides which kind of database is asked; a driver that says otherwise is a mistake.
pub(crate) fn check_driver(members: &mut Members) -> Result<(), ApiError> {
    const KNOWN: [&str; 3] = ["postgresql", "postgres", "sqlite"];
    match members.take_text("driver")? {
        Some(driver) if !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(driver.trim())) => {
            Err(GatewayError::from(OperationError::UnknownDriver).into())
        }
        Some(_) | None => Ok(()),
    }
}
