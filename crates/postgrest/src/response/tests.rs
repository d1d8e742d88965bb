//! From a row to an answer.

use super::*;
use crate::{
    DatabaseError, Kind, Plan, RawRequest, Request, RestConfig, TxEnd, plan, schema::sample,
};
use http::Method;

fn planned(method: Method, path: &str, prefer: &'static str, body: &str) -> DatabasePlan {
    let config = RestConfig {
        schemas: vec!["api".to_owned()],
        tx_end: TxEnd::CommitAllowOverride,
        ..RestConfig::default()
    };
    let (name, query) = path.split_once('?').unwrap_or((path, ""));
    let kind = match name.strip_prefix("rpc/") {
        Some(routine) => Kind::Routine(routine.to_owned()),
        None => Kind::Relation(name.to_owned()),
    };
    let mut headers = HeaderMap::new();
    for one in prefer.split('|') {
        match one.strip_prefix("accept:") {
            Some(accept) => headers.insert(header::ACCEPT, HeaderValue::from_static(accept)),
            None => headers.insert("prefer", HeaderValue::from_static(one)),
        };
    }
    let body = Bytes::from(body.to_owned());
    let raw = RawRequest { method: &method, kind: &kind, query, headers: &headers, body: &body };
    let request = Request::parse(&raw, &config).unwrap();
    match plan(request, &sample::cache(), &config).unwrap() {
        Plan::Database(plan) => *plan,
        other => panic!("{other:?}"),
    }
}

/// Total, rows of the page, location, body, headers, status, inserted.
fn row(columns: [&str; 7]) -> Vec<Vec<Option<Bytes>>> {
    let columns = columns.into_iter();
    vec![columns.map(|text| (!text.is_empty()).then(|| Bytes::from(text.to_owned()))).collect()]
}

fn answered(plan: &DatabasePlan, columns: [&str; 7]) -> Result<Response, RestError> {
    let outcome = Outcome::read(plan, row(columns))?;
    plan.check(&outcome)?;
    plan.respond(outcome, None)
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[test]
fn a_page_says_which_rows_of_how_many_it_has() {
    let plan = planned(Method::GET, "films?limit=2&offset=1", "count=exact", "");
    let response = answered(&plan, ["5", "2", "", "[1,2]", "", "", ""]).unwrap();
    assert_eq!(response.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&response, "content-range").unwrap(), "1-2/5");
    assert_eq!(header(&response, "content-location").unwrap(), "/films?limit=2&offset=1");
    assert_eq!(header(&response, "preference-applied").unwrap(), "count=exact");
    assert_eq!(header(&response, "content-type").unwrap(), "application/json; charset=utf-8");
    let beyond = answered(&plan, ["0", "0", "", "[]", "", "", ""]).unwrap();
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(&beyond, "content-range").unwrap(), "*/0");
    assert!(String::from_utf8_lossy(&beyond.body).contains("PGRST103"));
}

#[test]
fn head_has_the_headers_of_get() {
    let response =
        answered(&planned(Method::HEAD, "films", "", ""), ["", "2", "", "x", "", "", ""]);
    let response = response.unwrap();
    assert_eq!(header(&response, "content-range").unwrap(), "0-1/*");
    assert!(response.body.is_empty());
}

#[test]
fn a_new_row_has_an_address_and_a_merged_one_is_no_new_row() {
    let plan = planned(Method::POST, "films", "return=headers-only", r#"{"id":1}"#);
    let location = r#"[["id","eq.a b"],["k","is.null"]]"#;
    let response = answered(&plan, ["", "1", location, "", "", "", ""]).unwrap();
    assert_eq!(response.status, StatusCode::CREATED);
    assert_eq!(header(&response, "location").unwrap(), "/films?id=eq.a%20b&k=is.null");
    assert_eq!(header(&response, "content-range").unwrap(), "*/*");
    assert_eq!(header(&response, "content-type"), None);
    let merge =
        planned(Method::POST, "films?on_conflict=id", "resolution=merge-duplicates", r#"{"id":1}"#);
    let status = |inserted| answered(&merge, ["", "1", "", "", "", "", inserted]).unwrap().status;
    assert_eq!((status("1"), status("0")), (StatusCode::CREATED, StatusCode::OK));
}

#[test]
fn a_change_answers_what_was_preferred() {
    let changed = |prefer| {
        let plan = planned(Method::PATCH, "films?id=gt.1", prefer, r#"{"id":1}"#);
        answered(&plan, ["", "2", "", "[{}]", "", "", ""])
    };
    let minimal = changed("count=exact").unwrap();
    assert_eq!((minimal.status, minimal.body.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(header(&minimal, "content-range").unwrap(), "0-1/2");
    let full = changed("return=representation, tx=rollback").unwrap();
    assert_eq!((full.status, full.body.len()), (StatusCode::OK, 4));
    assert_eq!(header(&full, "preference-applied").unwrap(), "return=representation, tx=rollback");
    let limited = changed("handling=strict, max-affected=1").unwrap_err();
    assert_eq!(limited, RestError::MaxAffected { rows: 2 });
    assert!(changed("max-affected=1").is_ok());
    let single = changed("accept:application/vnd.pgrst.object").unwrap_err();
    assert_eq!(single.problem().details.unwrap(), "The result contains 2 rows");
}

#[test]
fn nothing_is_answered_for_nothing() {
    let plan = planned(Method::GET, "rpc/now", "", "");
    let response = answered(&plan, ["", "1", "", "7", "", "", ""]).unwrap();
    assert_eq!((response.status, response.body), (StatusCode::OK, Bytes::from("7")));
}

#[test]
fn sql_sets_status_and_headers_and_is_told_where_it_cannot() {
    let plan = planned(Method::GET, "films", "", "");
    let set = |headers, status| answered(&plan, ["", "0", "", "[]", headers, status, ""]);
    let headers = r#"[{"Content-Type":"text/x"},{"Set-Cookie":"a=1"},{"Set-Cookie":"b=2"}]"#;
    let response = set(headers, "418").unwrap();
    assert_eq!(response.status.as_u16(), 418);
    assert_eq!(header(&response, "content-type").unwrap(), "text/x");
    assert_eq!(response.headers.get_all("set-cookie").iter().count(), 2);
    for wrong in ["{}", r#"[{"a":1}]"#, r#"[{"a":"1","b":"2"}]"#] {
        assert_eq!(set(wrong, "").unwrap_err(), RestError::ResponseHeaders);
    }
    assert_eq!(set("", "odd").unwrap_err(), RestError::ResponseStatus);
}

#[test]
fn the_database_s_refusals_have_the_status_that_postgrest_gives_them() {
    let status = |sqlstate: &str, message: &str, is_authenticated| {
        let error = DatabaseError {
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            detail: None,
            hint: None,
            is_authenticated,
        };
        error.problem().status.as_u16()
    };
    for (sqlstate, expected) in [
        ("23503", 409),
        ("23505", 409),
        ("25006", 405),
        ("42883", 404),
        ("42P01", 404),
        ("22P02", 400),
        ("54001", 500),
        ("08006", 503),
        ("53400", 500),
        ("53300", 503),
        ("57P01", 503),
        ("57014", 500),
        ("28000", 403),
        ("P0001", 400),
        ("P0002", 500),
        ("PT402", 402),
        ("PT40A", 500),
        ("XX000", 500),
        ("55000", 500),
    ] {
        assert_eq!(status(sqlstate, "", true), expected, "{sqlstate}");
    }
    assert_eq!((status("42501", "", true), status("42501", "", false)), (403, 401));
    assert_eq!(status("21000", "DELETE requires a WHERE clause", true), 400);
}

#[test]
fn sql_raises_whole_answers() {
    let raised = |message: &str, detail: Option<&str>| {
        let error = DatabaseError {
            sqlstate: "PGRST".to_owned(),
            message: message.to_owned(),
            detail: detail.map(str::to_owned),
            hint: None,
            is_authenticated: false,
        };
        error.problem()
    };
    let message = r#"{"code":"123","message":"ABC","details":"DEF","hint":"XYZ"}"#;
    let problem = raised(message, Some(r#"{"status":332,"headers":{"X-Header":"str"}}"#));
    assert_eq!((problem.status.as_u16(), problem.code.as_str()), (332, "123"));
    assert_eq!((problem.message.as_str(), problem.hint.as_deref()), ("ABC", Some("XYZ")));
    assert_eq!(problem.headers.len(), 1);
    for (message, detail, told) in [
        ("INVALID", None, "Invalid JSON value for MESSAGE: 'INVALID'"),
        (message, None, "DETAIL is missing in the RAISE statement"),
        (message, Some("INVALID"), "Invalid JSON value for DETAIL: 'INVALID'"),
    ] {
        let problem = raised(message, detail);
        assert_eq!((problem.status.as_u16(), problem.code.as_str()), (500, "PGRST121"));
        assert_eq!(problem.details.unwrap(), told);
    }
}
