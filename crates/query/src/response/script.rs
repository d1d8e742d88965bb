//! What callers' own SQL is answered with. The rows stand first here as well.

use super::{ApiResponse, envelope::member};
use bytes::{BufMut, BytesMut};
use serde_json::{json, value::RawValue};
use std::time::Duration;

/// What is told of a script beside its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptTold {
    pub statements: usize,
    pub rows_affected: u64,
    pub returned: u64,
    /// Rows were left out.
    pub truncated: bool,
}

/// The body's beginning for `/gateway/query`.
pub fn open_query() -> BytesMut {
    BytesMut::from(&b"{\"data\":"[..])
}

/// Its end, behind the rows.
pub fn query(mut body: BytesMut, told: &ScriptTold) -> ApiResponse {
    let mut meta = json!({
        "backend": "sqlx",
        "statement_count": told.statements,
        "rows_affected": told.rows_affected,
        "returned_row_count": told.returned,
    });
    if told.truncated {
        meta["truncated"] = true.into();
    }
    member(&mut body, "meta", meta);
    finish(body, told)
}

/// The body's beginning for `/gateway/sql` and `/query/sql`.
pub fn open_sql() -> BytesMut {
    BytesMut::from(&b"{\"data\":{\"rows\":"[..])
}

/// Its end, behind the rows.
pub fn sql(mut body: BytesMut, told: &ScriptTold, client: &str, took: Duration) -> ApiResponse {
    member(&mut body, "db_name", client);
    member(&mut body, "duration_ms", u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    member(&mut body, "statement_count", told.statements);
    member(&mut body, "rows_affected", told.rows_affected);
    member(&mut body, "returned_row_count", told.returned);
    if told.truncated {
        member(&mut body, "truncated", true);
    }
    body.put_u8(b'}');
    finish(body, told)
}

/// What is told of a call beside its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallTold<'a> {
    pub function: &'a str,
    pub returned: u64,
    pub count: Option<u64>,
    /// The most rows there are, when more were asked for.
    pub clamped_to: Option<u64>,
}

/// A call's end, behind what [`open_query`] gave and the rows.
pub fn call(mut body: BytesMut, told: &CallTold<'_>, request_id: &str) -> ApiResponse {
    member(&mut body, "status", "success");
    let message = format!("Called {}: {} rows returned", told.function, told.returned);
    member(&mut body, "message", message);
    if let Some(count) = told.count {
        member(&mut body, "count", count);
    }
    if let Some(limit) = told.clamped_to {
        member(&mut body, "meta", json!({ "limit_clamped": true, "limit": limit }));
    }
    // An answer that may be kept is for whoever asks next, too.
    if !request_id.is_empty() {
        member(&mut body, "request_id", request_id);
    }
    body.put_u8(b'}');
    json_response(body)
}

/// A number of rows, and how it was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountTold<'a> {
    pub count: u64,
    pub client: &'a str,
    pub took: Duration,
    pub cache_key: Option<&'a str>,
    pub outcome: Option<&'a str>,
    /// From the planner's statistics.
    pub is_estimate: bool,
}

pub fn count(told: &CountTold<'_>) -> ApiResponse {
    let mut data = json!({
        "count": told.count,
        "db_name": told.client,
        "duration_ms": u64::try_from(told.took.as_millis()).unwrap_or(u64::MAX),
        "cache_key": told.cache_key,
        "cache_lookup_outcome": told.outcome,
    });
    if told.is_estimate {
        data["estimated"] = true.into();
    }
    let mut body = BytesMut::from(&b"{\"data\":"[..]);
    body.put_slice(data.to_string().as_bytes());
    member(&mut body, "status", "success");
    member(&mut body, "message", format!("Counted {} rows", told.count));
    body.put_u8(b'}');
    json_response(body)
}

/// One operation of a transaction.
#[derive(Debug)]
pub struct OperationTold {
    pub id: Option<String>,
    /// What it would be answered with on its own.
    pub data: Box<RawValue>,
    /// All matching rows of a read that asked; the rows a write changed.
    pub count: Option<u64>,
}

pub fn transaction(results: &[OperationTold], request_id: &str) -> ApiResponse {
    let mut body = BytesMut::from(&b"{\"results\":["[..]);
    for (at, result) in results.iter().enumerate() {
        if at > 0 {
            body.put_u8(b',');
        }
        body.put_slice(b"{\"data\":");
        body.put_slice(result.data.get().as_bytes());
        member(&mut body, "ok", true);
        member(&mut body, "status", 200);
        member(&mut body, "id", result.id.as_deref());
        if let Some(count) = result.count {
            member(&mut body, "count", count);
        }
        body.put_u8(b'}');
    }
    body.put_u8(b']');
    member(&mut body, "committed", true);
    member(&mut body, "status", "success");
    member(&mut body, "message", format!("{} operations ran as one", results.len()));
    member(&mut body, "request_id", request_id);
    body.put_u8(b'}');
    json_response(body)
}

fn json_response(body: BytesMut) -> ApiResponse {
    let headers = vec![("content-type", "application/json".into())];
    ApiResponse { status: 200, headers, body: body.freeze() }
}

fn finish(mut body: BytesMut, told: &ScriptTold) -> ApiResponse {
    member(&mut body, "status", "success");
    member(&mut body, "message", message(told));
    body.put_u8(b'}');
    json_response(body)
}

fn message(told: &ScriptTold) -> String {
    let ScriptTold { statements, rows_affected, returned, truncated } = told;
    match (*truncated, *statements) {
        (true, _) => format!("The first {returned} rows; there are more, which are left out"),
        (false, 1) => format!("Query ran: {returned} rows returned, {rows_affected} changed"),
        (false, many) => {
            format!("{many} statements ran: {returned} rows returned, {rows_affected} changed")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: ScriptTold =
        ScriptTold { statements: 1, rows_affected: 0, returned: 1, truncated: false };

    fn text(response: ApiResponse) -> String {
        String::from_utf8(response.body.to_vec()).unwrap()
    }

    #[test]
    fn a_query_is_answered_with_its_rows_and_what_came_of_it() {
        let mut body = open_query();
        body.extend_from_slice(b"[{\"n\":1}]");
        assert_eq!(
            text(query(body, &TOLD)),
            r#"{"data":[{"n":1}],"meta":{"backend":"sqlx","statement_count":1,"rows_affected":0,"returned_row_count":1},"status":"success","message":"Query ran: 1 rows returned, 0 changed"}"#
        );
    }

    #[test]
    fn rows_that_were_left_out_are_told_twice() {
        let mut body = open_sql();
        body.extend_from_slice(b"[{\"n\":1}]");
        let told = ScriptTold { truncated: true, ..TOLD };
        assert_eq!(
            text(sql(body, &told, "shop", Duration::from_millis(7))),
            r#"{"data":{"rows":[{"n":1}],"db_name":"shop","duration_ms":7,"statement_count":1,"rows_affected":0,"returned_row_count":1,"truncated":true},"status":"success","message":"The first 1 rows; there are more, which are left out"}"#
        );
    }
}
