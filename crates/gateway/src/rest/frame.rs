//! What a request tells its transaction: as whom it runs, what was asked, and settings of its client.

use super::{RestRequest, RestTarget, RestVisitor};
use http::{HeaderMap, header};
use postgrest::DatabasePlan;
use serde_json::{Map, Value};

/// Our own keys are no business of the database.
const KEYS: [&str; 3] = ["apikey", "x-athena-key", "x-api-key"];

/// In PostgREST's order: what needs the rights of the connection comes before the role.
pub(super) fn settings(
    visitor: &RestVisitor,
    request: &RestRequest,
    schema: &str,
    plan: Option<&DatabasePlan>,
) -> Vec<(String, String)> {
    let info = visitor.upstream.info();
    let options = &info.rest.options;
    let mut settings = Vec::with_capacity(16);
    let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
    set("search_path", search_path(schema, &options.extra_search_path));
    if let Some(role) = &visitor.role {
        for (name, value) in visitor.upstream.rest_state().roles().of(role) {
            set(name, value.clone());
        }
        set("role", role.clone());
    }
    set("request.jwt.claims", visitor.claims.to_json(visitor.role.as_deref()));
    set("request.method", request.method.to_string());
    set("request.path", path(&request.target));
    set("request.headers", headers(&request.headers, visitor.has_token));
    set("request.cookies", cookies(&request.headers));
    // What another request may have left behind in the session is no answer to this one.
    set("response.headers", String::new());
    set("response.status", String::new());
    if let Some(plan) = plan {
        if let Some(zone) = plan.timezone() {
            set("timezone", zone.to_owned());
        }
        for (name, value) in plan.settings() {
            set(name, value.clone());
        }
    }
    for (name, value) in &options.app_settings {
        set(name, value.clone());
    }
    settings
}

fn search_path(schema: &str, extra: &[String]) -> String {
    let all = std::iter::once(schema).chain(extra.iter().map(String::as_str));
    let quoted = all.map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(", ")
}

fn path(target: &RestTarget) -> String {
    match target {
        RestTarget::Root => "/".to_owned(),
        RestTarget::Relation(name) => format!("/{name}"),
        RestTarget::Routine(name) => format!("/rpc/{name}"),
    }
}

/// By name, in lower case; of several with one name the last.
fn headers(headers: &HeaderMap, has_token: bool) -> String {
    let told = headers.iter().filter(|(name, _)| match **name {
        header::COOKIE => false,
        header::AUTHORIZATION => has_token,
        _ => !KEYS.contains(&name.as_str()),
    });
    let told = told.map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    Value::Object(told.collect::<Map<_, _>>()).to_string()
}

fn cookies(headers: &HeaderMap) -> String {
    let all = headers.get_all(header::COOKIE).iter().map(|value| text(value.as_bytes()));
    let mut cookies = Map::new();
    for line in all {
        let line = line.as_str().unwrap_or_default();
        for pair in line.split(';') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            cookies.insert(name.trim().to_owned(), value.trim().into());
        }
    }
    Value::Object(cookies).to_string()
}

/// A NUL cannot stand in a text of the database.
fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).replace('\0', "").into()
}
