//! `/query/count`

use crate::{
    answer::{Freshness, respond},
    error::ApiError,
    extract::Asked,
    members::{Members, refused},
    query::check_driver,
    state::ApiState,
};
use axum::{Router, extract::State, response::Response, routing::post};
use bytes::Bytes;
use gateway::{CountOf, GatewayError, OperationError};
use query::RequestError;
use serde_json::Value;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/query/count", post(count))
}

async fn count(
    State(state): State<ApiState>,
    freshness: Freshness,
    mut asked: Asked,
) -> Result<Response, ApiError> {
    let mut members = Members::of(&asked.body)?;
    let client = members.take_text("db_name")?;
    let visitor = asked.admit(&state, client.as_deref()).await?;
    check_driver(&mut members)?;
    let of = target(members)?;
    Ok(respond(state.gateway().serve_count(visitor, of, freshness.directive).await?))
}

/// A table with its conditions, or SQL; never both.
fn target(mut members: Members) -> Result<CountOf, ApiError> {
    let text = members.take_text("query")?;
    let table = members.take_text("table_name")?;
    let schema = members.take_text("table_schema")?;
    match (text, table) {
        (Some(_), Some(_)) => Err(GatewayError::from(OperationError::AmbiguousCount).into()),
        (None, None) => Err(GatewayError::from(OperationError::MissingCount).into()),
        (Some(text), None) => {
            members.finish()?;
            Ok(CountOf::Query { text })
        }
        (None, Some(table)) => {
            let estimate = members.take_flag("estimate")?;
            let mut body = members.rest();
            for (field, value) in [("limit", 0.into()), ("count", Value::from("exact"))] {
                if body.insert(field.to_owned(), value).is_some() {
                    return Err(refused(RequestError::UnknownField { field: field.to_owned() }));
                }
            }
            body.insert("table_name".to_owned(), table.into());
            if let Some(schema) = schema {
                body.insert("schema".to_owned(), schema.into());
            }
            Ok(CountOf::Table { body: Bytes::from(Value::Object(body).to_string()), estimate })
        }
    }
}
