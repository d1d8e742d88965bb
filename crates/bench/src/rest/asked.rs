//! The statement that the surface sends for a question, made by the surface's own planner.

use super::{MAX_ROWS, Question, question::bulk_body};
use anyhow::{Context, bail, ensure};
use backend_postgres::{Postgres, PostgresSettings};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use postgrest::{
    Kind, Param, Plan, RawRequest, Request, RestConfig, RestError,
    schema::{SchemaCache, Scope},
};
use std::sync::Arc;

/// The one value in each of the statements here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(i64),
    Json(Bytes),
}

/// A statement for each question.
#[derive(Debug, Clone)]
pub struct Statements(Arc<[(Question, Arc<str>)]>);

impl Statements {
    pub async fn render(uri: &str) -> anyhow::Result<Self> {
        let postgres = Postgres::connect(&PostgresSettings::parse(uri)?);
        let cache = postgres.introspect_rest(&Scope::of("public")).await?;
        let each = Question::ALL.into_iter().map(|question| {
            let text = rendered(question, &cache);
            Ok((question, text.with_context(|| format!("the statement of {}", question.name()))?))
        });
        Ok(Self(each.collect::<anyhow::Result<Vec<_>>>()?.into()))
    }

    pub fn of(&self, question: Question) -> Arc<str> {
        let found = self.0.iter().find(|(one, _)| *one == question);
        found.map(|(_, text)| Arc::clone(text)).expect("each question has its statement")
    }
}

/// For one request and for another: only what is bound may differ.
fn rendered(question: Question, cache: &SchemaCache) -> anyhow::Result<Arc<str>> {
    let (one, value) = planned(question, 1, cache)?;
    let (other, _) = planned(question, 2, cache)?;
    ensure!(one == other, "it has another text for each request");
    let expected = match question {
        Question::Bulk => Param::Json(body(1)),
        _ => Param::Unknown("1".to_owned()),
    };
    ensure!(value == expected, "{value:?} is bound");
    Ok(one.into())
}

/// So many rows as they are sent.
fn body(rows: u64) -> Bytes {
    bulk_body(rows).into()
}

fn planned(
    question: Question,
    number: u64,
    cache: &SchemaCache,
) -> anyhow::Result<(String, Param)> {
    let config = RestConfig { max_rows: Some(MAX_ROWS), ..RestConfig::default() };
    let kind = Kind::Relation(question.relation().to_owned());
    let mut query = question.query().to_owned();
    for gap in ["{3}", "{4}", "{6}"] {
        query = query.replace(gap, &number.to_string());
    }
    let (method, body) = match question {
        Question::Bulk => (Method::POST, body(number)),
        _ => (Method::GET, Bytes::new()),
    };
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([
        (header::ACCEPT, json.clone()),
        (header::CONTENT_TYPE, json),
        (header::HeaderName::from_static("prefer"), HeaderValue::from_static("return=minimal")),
    ]);
    let raw =
        RawRequest { method: &method, kind: &kind, query: &query, headers: &headers, body: &body };
    let request = Request::parse(&raw, &config).map_err(told)?;
    let Plan::Database(plan) = postgrest::plan(request, cache, &config).map_err(told)? else {
        bail!("no database is asked");
    };
    let statement = plan.statement();
    let [value] = <[Param; 1]>::try_from(statement.params)
        .map_err(|params| anyhow::anyhow!("{params:?} are bound, not one value"))?;
    Ok((statement.sql, value))
}

fn told(error: RestError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
