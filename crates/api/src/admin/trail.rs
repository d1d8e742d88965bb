//! `/admin/audit`: what administrators did.

use super::statistics::{query, refused, success};
use crate::{error::ApiError, extract::Operates, state::ApiState};
use axum::{Json, Router, extract::State, routing::get};
use gateway::{
    Gateway,
    admin::{
        OperateError,
        trail::{self, AuditQuery, AuditRow},
    },
};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/admin/audit", get(list))
}

/// As many as one answer lists.
const MOST: u32 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    outcome: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<i64>,
    limit: Option<u32>,
}

async fn list(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let wanted: Wanted = query(&uri)?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, MOST);
    let asked = AuditQuery {
        actor: wanted.actor,
        action: wanted.action,
        subject: wanted.subject,
        outcome: wanted.outcome.map(outcome).transpose().map_err(refused)?,
        since: moment("since", wanted.since)?,
        until: moment("until", wanted.until)?,
        before: wanted.before,
        limit,
    };
    let rows = gateway.audit_trail(&operator, &asked).await?;
    // The next page begins before the last row of this one.
    let is_full = rows.len() == limit as usize;
    let next = rows.last().filter(|_| is_full).map(|row| row.sequence);
    let rows: Vec<Value> = rows.iter().map(shown).collect();
    Ok(success("Listed the audit trail", json!({ "rows": rows, "next_before": next })))
}

fn outcome(word: String) -> Result<String, OperateError> {
    if ["done", "failed", "refused"].contains(&word.as_str()) {
        return Ok(word);
    }
    let expected = "done, failed or refused".to_owned();
    Err(OperateError::Invalid { field: "outcome", expected })
}

fn moment(field: &'static str, text: Option<String>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    trail::micros(field, &text).map(Some).map_err(refused)
}

fn shown(row: &AuditRow) -> Value {
    let json = |text: &Option<String>| -> Option<Value> {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok())
    };
    json!({
        "sequence": row.sequence,
        "at": trail::moment(row),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "outcome": row.outcome,
        "request_id": row.request_id,
        "before": json(&row.before),
        "after": json(&row.after),
        "hash": trail::hex(&row.hash),
    })
}
