//! A request in PostgREST's language, through every stage but the database.

mod canonical;
mod schema;
mod words;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use postgrest::{
    Access, DatabasePlan, Kind, Outcome, Plan, RawRequest, Request, RestConfig, RestError, TxEnd,
    plan,
};
use schema::SCHEMA;

struct Asked {
    config: RestConfig,
    method: Method,
    kind: Kind,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A byte of settings, `METHOD relation?query`, headers, an empty line, the body.
pub fn check(data: &[u8]) {
    let Some(asked) = asked(data) else { return };
    let raw = RawRequest {
        method: &asked.method,
        kind: &asked.kind,
        query: &asked.query,
        headers: &asked.headers,
        body: &asked.body,
    };
    let request = match Request::parse(&raw, &asked.config) {
        Ok(request) => request,
        Err(error) => return refused(&error),
    };
    canonical::check(&raw, &asked.config, &request);
    match plan(request, &SCHEMA, &asked.config) {
        Ok(Plan::Database(plan)) => planned(&plan, &asked),
        Ok(Plan::Document(_) | Plan::Answer(_)) => {}
        Err(error) => refused(&error),
    }
}

fn refused(error: &RestError) {
    let problem = error.problem();
    // 300: several functions fit.
    assert!((300..500).contains(&problem.status.as_u16()), "{error:?}");
    assert!(!problem.code.is_empty() && !problem.message.is_empty(), "{error:?}");
}

fn planned(plan: &DatabasePlan, asked: &Asked) {
    if matches!(asked.method, Method::GET | Method::HEAD) {
        assert_eq!(plan.access(), Access::ReadOnly);
    }
    words::check(&plan.statement());
    for total in [None, Some(7), Some(i64::MAX)] {
        if let Some(statement) = plan.estimate(total) {
            words::check(&statement);
        }
    }
    answered(plan, asked);
}

/// Whatever a database says becomes an answer or a refusal; the body lends its lines.
fn answered(plan: &DatabasePlan, asked: &Asked) {
    let mut lines = asked.body.split(|byte| *byte == b'\n').map(Bytes::copy_from_slice);
    let mut column = |standing: &'static [u8]| {
        Some(lines.next().filter(|line| !line.is_empty()).unwrap_or(Bytes::from_static(standing)))
    };
    let row = vec![
        column(b"3"),
        column(b"2"),
        None,
        column(b"[]"),
        column(b"[{\"X-A\":\"b\"}]"),
        column(b"200"),
        column(b"1"),
    ];
    let answered = Outcome::read(plan, vec![row]).and_then(|outcome| {
        plan.check(&outcome)?;
        plan.respond(outcome, Some(9))
    });
    if let Err(error) = answered {
        assert!(error.problem().status.as_u16() >= 400, "{error:?}");
    }
}

fn asked(data: &[u8]) -> Option<Asked> {
    let (mode, rest) = data.split_first()?;
    let (first, mut rest) = line(rest);
    let (method, address) = std::str::from_utf8(first).ok()?.split_once(' ')?;
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut headers = HeaderMap::new();
    while let (header @ [_, ..], after) = line(rest) {
        rest = after;
        let colon = header.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&header[..colon]).ok()?;
        headers.append(name, HeaderValue::from_bytes(header[colon + 1..].trim_ascii()).ok()?);
    }
    Some(Asked {
        config: config(*mode),
        method: method.parse().ok()?,
        kind: kind(path),
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(line(rest).1),
    })
}

fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}

fn kind(path: &str) -> Kind {
    match path.strip_prefix("rpc/") {
        Some(routine) => Kind::Routine(routine.to_owned()),
        None if path.is_empty() => Kind::Root,
        None => Kind::Relation(path.to_owned()),
    }
}

fn config(mode: u8) -> RestConfig {
    let is = |bit: u8| mode & bit != 0;
    let schemas: &[&str] = if is(1) { &["api", "side"] } else { &["api"] };
    RestConfig {
        schemas: schemas.iter().map(|schema| (*schema).to_owned()).collect(),
        max_rows: is(2).then_some(10),
        aggregates_enabled: is(4),
        plan_enabled: is(8),
        tx_end: if is(16) { TxEnd::RollbackAllowOverride } else { TxEnd::Commit },
        ..RestConfig::default()
    }
}
