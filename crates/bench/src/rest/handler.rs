//! The bare handlers: a number or a body in, one transaction, what the database answered out.

use super::{
    Question,
    asked::{Statements, Value},
    pipelined::Pipelined,
    sessions::Sessions,
    settings,
};
use anyhow::Context;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, Method};

/// What one request asks its database.
pub struct Asked {
    pub question: Question,
    pub settings: [String; settings::COUNT],
    pub value: Value,
}

/// What the database answered.
pub struct Body {
    pub rows: i64,
    pub json: Bytes,
}

impl Asked {
    pub fn begin(&self) -> &'static str {
        match self.question {
            Question::Bulk => "BEGIN READ WRITE",
            _ => "BEGIN READ ONLY",
        }
    }
}

#[derive(Clone)]
struct Handlers {
    sessions: Sessions,
    pipelined: Pipelined,
}

#[derive(serde::Deserialize)]
struct Number {
    n: Option<i64>,
}

/// `/rest/sessions/{question}?n=` and `/rest/pipelined/{question}?n=`
pub async fn router(uri: &str) -> anyhow::Result<Router> {
    let statements = Statements::render(uri).await?;
    let pipelined = Pipelined::connect(uri, &statements).await?;
    let sessions = Sessions::connect(uri, statements).await?;
    Ok(Router::new()
        .route("/ping", get(|| async { "pong" }))
        .route("/rest/sessions/{question}", get(by_sessions).post(by_sessions))
        .route("/rest/pipelined/{question}", get(by_pipeline).post(by_pipeline))
        .with_state(Handlers { sessions, pipelined }))
}

async fn by_sessions(
    State(handlers): State<Handlers>,
    Path(question): Path<String>,
    Query(number): Query<Number>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(async {
        let asked = asked(&question, number.n, &method, &headers, body)?;
        Ok((asked.question, handlers.sessions.run(&asked).await?))
    })
    .await
}

async fn by_pipeline(
    State(handlers): State<Handlers>,
    Path(question): Path<String>,
    Query(number): Query<Number>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(async {
        let asked = asked(&question, number.n, &method, &headers, body)?;
        Ok((asked.question, handlers.pipelined.run(&asked).await?))
    })
    .await
}

fn asked(
    question: &str,
    number: Option<i64>,
    method: &Method,
    headers: &HeaderMap,
    body: Bytes,
) -> anyhow::Result<Asked> {
    let question = Question::named(question).context("no such question")?;
    let value = match question {
        Question::Bulk => Value::Json(body),
        _ => Value::Number(number.context("no number")?),
    };
    let settings = settings::of(method, question.relation(), headers);
    Ok(Asked { question, settings, value })
}

async fn answer(work: impl Future<Output = anyhow::Result<(Question, Body)>>) -> Response {
    match work.await {
        Ok((Question::Bulk, _)) => StatusCode::CREATED.into_response(),
        Ok((_, Body { rows, json })) => {
            let range = format!("0-{}/*", rows - 1);
            let headers = [
                (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
                (header::CONTENT_RANGE, range),
            ];
            (headers, json).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}
