//! `/gateway/transaction`: several operations, all of them or none.

use crate::{
    answer::DataResponse,
    error::ApiError,
    extract::{Admitted, RawBody},
    members::{Members, invalid, refused},
    state::ApiState,
};
use axum::{Router, extract::State, routing::post};
use gateway::{Gateway, Isolation, Transaction, TransactionOptions};
use query::{
    ApiRequest, Operation, RequestError,
    request::{self, ParseOptions},
};
use serde_json::Value;

/// The most operations of one transaction.
const MOST: usize = 100;

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/gateway/transaction", post(run))
}

async fn run(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    RawBody(body): RawBody,
) -> Result<DataResponse, ApiError> {
    let names = gateway.parse_options(visitor.client());
    let transaction = parse(&names, &body)?;
    Ok(DataResponse(gateway.serve_transaction(visitor, transaction).await?))
}

fn parse(names: &ParseOptions, body: &[u8]) -> Result<Transaction, ApiError> {
    let mut members = Members::of(body)?;
    if members.take("idempotency_key").is_some() {
        // Its place is a header, where every write's key is.
        return Err(refused(RequestError::NotSupported { field: "idempotency_key".to_owned() }));
    }
    let options = options(members.take("options"))?;
    let operations = members.take_array("operations")?;
    members.finish()?;
    if operations.is_empty() {
        return Err(invalid("operations", "an array of at least one operation"));
    }
    if operations.len() > MOST {
        let (what, limit) = ("operations", MOST);
        return Err(refused(RequestError::TooMany { what, limit }));
    }
    let parsed = operations.into_iter().enumerate();
    let operations = parsed.map(|(at, value)| operation(names, at, value));
    Ok(Transaction { operations: operations.collect::<Result<_, _>>()?, options })
}

fn operation(
    names: &ParseOptions,
    at: usize,
    value: Value,
) -> Result<(Option<String>, ApiRequest), ApiError> {
    let path = |member: &str| format!("operations[{at}]{member}");
    let mut members = Members::of_value(value, &path(""))?;
    let id = members.take_text("id")?;
    let kind = match members.take_text("kind")?.as_deref() {
        Some("fetch") => Operation::Fetch,
        Some("insert") => Operation::Insert,
        Some("update") => Operation::Update,
        Some("delete") => Operation::Delete,
        _ => return Err(invalid(&path(".kind"), "fetch, insert, update or delete")),
    };
    let payload = members.take("payload").unwrap_or_default();
    members.finish()?;
    let request = request::parse(kind, payload.to_string().as_bytes(), names);
    Ok((id, request.map_err(refused)?))
}

fn options(value: Option<Value>) -> Result<TransactionOptions, ApiError> {
    let Some(value) = value else { return Ok(TransactionOptions::default()) };
    let mut members = Members::of_value(value, "options")?;
    let isolation = match members.take_text("isolation_level")?.as_deref() {
        None => None,
        Some("read_committed") => Some(Isolation::ReadCommitted),
        Some("repeatable_read") => Some(Isolation::RepeatableRead),
        Some("serializable") => Some(Isolation::Serializable),
        Some(_) => {
            let expected = "read_committed, repeatable_read or serializable";
            return Err(invalid("options.isolation_level", expected));
        }
    };
    let (read_only, deferrable) =
        (members.take_flag("read_only")?, members.take_flag("deferrable")?);
    members.finish()?;
    Ok(TransactionOptions { isolation, read_only, deferrable })
}
