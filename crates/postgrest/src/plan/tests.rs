//! What a request means, and what cannot be meant.

use super::*;
use crate::{Kind, RawRequest, schema::sample};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

fn config() -> RestConfig {
    RestConfig { schemas: vec!["api".to_owned()], ..RestConfig::default() }
}

fn asked(
    method: Method,
    path: &str,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> Result<Plan, RestError> {
    let (name, query) = path.split_once('?').unwrap_or((path, ""));
    let kind = match name.strip_prefix("rpc/") {
        Some(routine) => Kind::Routine(routine.to_owned()),
        None => Kind::Relation(name.to_owned()),
    };
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    let body = Bytes::from(body.to_owned());
    let raw = RawRequest { method: &method, kind: &kind, query, headers: &headers, body: &body };
    plan(Request::parse(&raw, &config())?, &sample::cache(), &config())
}

fn database(
    method: Method,
    path: &str,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> DatabasePlan {
    match asked(method, path, headers, body) {
        Ok(Plan::Database(plan)) => *plan,
        other => panic!("{path}: {other:?}"),
    }
}

/// The status and code of what was refused.
fn refused(method: Method, path: &str, prefer: &'static str, body: &str) -> (u16, String) {
    let problem = match asked(method, path, &[("prefer", prefer)], body) {
        Err(error) => error.problem(),
        Ok(plan) => panic!("{path}: {plan:?}"),
    };
    (problem.status.as_u16(), problem.code)
}

#[test]
fn what_cannot_be_meant_has_its_code() {
    for (method, path, prefer, body, status, code) in [
        (Method::GET, "films?select=id&directors.name=eq.x", "", "", 400, "PGRST108"),
        (Method::GET, "films?select=id,actors(id)&order=actors(id)", "", "", 400, "PGRST118"),
        (Method::GET, "films?select=id&order=directors(id)", "", "", 400, "PGRST108"),
        (Method::GET, "films?select=id,directors(id)&directors=eq.1", "", "", 400, "PGRST120"),
        (Method::GET, "films?select=id.sum()", "", "", 400, "PGRST123"),
        (Method::GET, "films", "handling=strict, odd", "", 400, "PGRST122"),
        (Method::GET, "nothing", "", "", 404, "PGRST205"),
        (Method::GET, "films?select=producers(*)", "", "", 400, "PGRST200"),
        (Method::POST, "films", "", r#"{"year":1}"#, 400, "PGRST204"),
        (Method::PUT, "films?title=eq.x", "", r#"{"id":1}"#, 405, "PGRST105"),
        (Method::POST, "rpc/now", "handling=strict, max-affected=1", "{}", 400, "PGRST128"),
        (Method::DELETE, "rpc/now", "", "", 405, "PGRST101"),
        (Method::TRACE, "films", "", "", 405, "PGRST117"),
    ] {
        let found = refused(method.clone(), path, prefer, body);
        assert_eq!(found, (status, code.to_owned()), "{method} {path}");
    }
}

#[test]
fn aggregates_in_arrays_of_a_spread_embed_are_not_there_yet() {
    let config = RestConfig { aggregates_enabled: true, ..config() };
    let headers = HeaderMap::new();
    let raw = RawRequest {
        method: &Method::GET,
        kind: &Kind::Relation("films".to_owned()),
        query: "select=...actors(id.count())",
        headers: &headers,
        body: &Bytes::new(),
    };
    let request = Request::parse(&raw, &config).unwrap();
    let problem = plan(request, &sample::cache(), &config).unwrap_err().problem();
    assert_eq!((problem.status.as_u16(), problem.code.as_str()), (400, "PGRST127"));
}

#[test]
fn stars_of_a_spread_embed_become_no_more_columns_than_a_row_can_have() {
    let stars = |many: usize| {
        let path = format!("directors?select=...films({})", vec!["*"; many].join(","));
        let plan = database(Method::GET, &path, &[], "");
        let films = &plan.read.children[0];
        (films.select.len(), films.link.as_ref().unwrap().outputs.len())
    };
    assert_eq!(stars(2), (6, 6));
    // The database refuses the one that is too many.
    assert_eq!(stars(1664), (1665, 1665));
}

#[test]
fn only_what_changes_something_runs_in_a_writing_transaction() {
    let access = |method, path, body| database(method, path, &[], body).access();
    assert_eq!(access(Method::GET, "films", ""), Access::ReadOnly);
    assert_eq!(access(Method::PATCH, "films", r#"{"id":1}"#), Access::ReadWrite);
    // Volatile, so that a call by address can do no harm.
    assert_eq!(access(Method::GET, "rpc/now", ""), Access::ReadOnly);
    assert_eq!(access(Method::POST, "rpc/now", "{}"), Access::ReadWrite);
}

#[test]
fn everything_that_is_read_or_written_is_named_for_the_permit() {
    let touches = |method, path, prefer, body| {
        let plan = database(method, path, &[("prefer", prefer)], body);
        let touches = plan.touches().into_iter();
        touches.map(|touch| (touch.relation.to_string(), touch.right)).collect::<Vec<_>>()
    };
    let of = |name: &str, right| (format!("api.{name}"), right);
    assert_eq!(
        touches(Method::GET, "films?select=id,actors(id),directors(name)", "", ""),
        [
            of("actors", Right::Read),
            of("directors", Right::Read),
            of("films", Right::Read),
            of("roles", Right::Read),
        ]
    );
    assert_eq!(
        touches(Method::POST, "films", "resolution=merge-duplicates", r#"{"id":1}"#),
        [of("films", Right::Insert), of("films", Right::Update)]
    );
    for (path, prefer) in
        [("films?id=eq.1", ""), ("films?or=(id.eq.1)", ""), ("films", "max-affected=1")]
    {
        // How many rows a condition fits is something that stands in them.
        let rights = touches(Method::DELETE, path, prefer, "");
        assert_eq!(
            rights,
            [of("films", Right::Read), of("films", Right::Delete)],
            "{path} {prefer}"
        );
    }
    let object = [("accept", "application/vnd.pgrst.object+json")];
    let singular = database(Method::PATCH, "films", &object, r#"{"id":1}"#);
    assert_eq!(singular.touches().len(), 2);
    assert_eq!(touches(Method::DELETE, "films", "", ""), [of("films", Right::Delete)]);
}

#[test]
fn a_changed_row_gives_what_its_embeds_need() {
    let plan = database(
        Method::PATCH,
        "films?select=title,directors(name)",
        &[("prefer", "return=representation")],
        r#"{"title":"x"}"#,
    );
    let Work::Write { write, .. } = plan.work else { panic!("a change") };
    // The key is for the address of the row.
    assert_eq!(write.returning, ["director_id", "id", "title"]);
}

#[test]
fn the_first_media_type_that_can_be_answered_is_chosen() {
    let media = |accept| database(Method::GET, "films", &[("accept", accept)], "").media;
    assert_eq!(media("text/csv, application/json"), MediaType::Csv);
    assert_eq!(media("image/png, */*"), MediaType::Json);
    let problem =
        asked(Method::GET, "films", &[("accept", "image/png")], "").unwrap_err().problem();
    assert_eq!(problem.message, "None of these media types are available: image/png");
    let plan = [("accept", "application/vnd.pgrst.plan")];
    assert_eq!(asked(Method::GET, "films", &plan, "").unwrap_err().problem().code, "PGRST107");
}

#[test]
fn options_names_the_methods_that_can_be_used() {
    let allowed = |path| match asked(Method::OPTIONS, path, &[], "") {
        Ok(Plan::Answer(response)) => response.headers["allow"].to_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(allowed("films").starts_with("OPTIONS,GET,HEAD"));
    assert_eq!(allowed("rpc/now"), "OPTIONS,POST");
    assert!(asked(Method::OPTIONS, "nothing", &[], "").is_err());
}

#[test]
fn a_name_that_is_no_columns_may_be_a_functions() {
    let full = &[("prefer", "return=representation")];
    let function = |method, path| database(method, path, full, r#"{"id":1}"#).row_function();
    for (path, row, name) in [
        ("films?select=id,stash", "films", "stash"),
        ("films?select=id,stash->x", "films", "stash"),
        ("films?stash=eq.1", "films", "stash"),
        ("films?or=(id.eq.1,and(id.gt.1,stash.is.null))", "films", "stash"),
        ("films?order=id,stash", "films", "stash"),
        ("films?select=id,directors(stash)", "directors_1", "stash"),
        ("films?select=id,directors(name)&directors.stash=eq.1", "directors_1", "stash"),
        ("films?select=id,directors(name)&order=directors(id)", "films_directors_1", "id"),
    ] {
        let found = RowFunction::Field { row: row.to_owned(), name: name.to_owned() };
        assert_eq!(function(Method::GET, path), Some(found), "{path}");
    }
    for path in [
        "films",
        "films?select=*,directors(n:name)&id=eq.1&order=title,directors(n)",
        "films?select=t:title&or=(id.eq.1,title.is.null)",
        "films?select=id,directors(*)&directors=not.is.null&order=directors(name)",
    ] {
        assert_eq!(function(Method::GET, path), None, "{path}");
    }
    assert_eq!(function(Method::PATCH, "films?id=eq.1"), None);
    for path in ["films?stash=eq.1", "films?select=id,stash"] {
        assert!(function(Method::PATCH, path).is_some(), "{path}");
    }
}

#[test]
fn a_transaction_whose_end_hangs_on_nothing_that_is_answered_need_not_wait_for_it() {
    let object = ("accept", "application/vnd.pgrst.object+json");
    let prefer = |text| ("prefer", text);
    for (method, path, headers, ends_the_same) in [
        (Method::GET, "films?id=eq.1", vec![], true),
        (Method::GET, "films?id=eq.1", vec![object], true),
        (Method::GET, "films?select=*,rivals(id)", vec![], true),
        (Method::GET, "films?select=*,rivals(id)", vec![object], false),
        (Method::GET, "films", vec![prefer("count=exact")], true),
        (Method::GET, "films", vec![prefer("count=planned")], false),
        (Method::GET, "films", vec![prefer("count=estimated")], false),
        (Method::POST, "films", vec![], true),
        (Method::POST, "films", vec![prefer("return=minimal")], true),
        (Method::POST, "films", vec![prefer("return=headers-only")], true),
        (Method::POST, "films", vec![prefer("return=representation")], false),
        (Method::POST, "films", vec![object], false),
        (Method::PATCH, "films?id=eq.1", vec![], true),
        (Method::PATCH, "films", vec![prefer("handling=strict, max-affected=1")], false),
        (Method::PATCH, "films", vec![prefer("max-affected=1")], true),
        (Method::DELETE, "films?id=eq.1", vec![], true),
        (Method::PUT, "films?id=eq.1", vec![], false),
        (Method::POST, "rpc/now", vec![], false),
        (Method::GET, "rpc/now", vec![], true),
        (Method::GET, "rpc/now", vec![object], false),
    ] {
        let body = match method {
            Method::POST | Method::PATCH | Method::PUT if !path.starts_with("rpc") => {
                r#"{"id":1,"title":"a","director_id":1}"#
            }
            _ => "",
        };
        let plan = database(method.clone(), path, &headers, body);
        assert_eq!(plan.ends_the_same(), ends_the_same, "{method} {path} {headers:?}");
    }
}
