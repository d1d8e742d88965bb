use super::*;
use crate::plan::{PlanLimits, samples::cache};
use crate::request::{Operation, ParseOptions, parse};
use crate::response::{ResponseError, build, open};
use serde_json::json;

fn answer(operation: Operation, body: Value, rows: &str, counted: Counted) -> String {
    let body = body.to_string();
    let request = parse(operation, body.as_bytes(), &ParseOptions::default()).unwrap();
    let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }).unwrap();
    let mut bytes = open(&plan);
    bytes.extend_from_slice(rows.as_bytes());
    let built = build(&plan, &counted, bytes, "r-1").unwrap();
    assert_eq!(built.status, 200);
    String::from_utf8(built.body.to_vec()).unwrap()
}

fn rows(count: u64) -> Counted {
    Counted { returned: count, affected: count, count: None }
}

#[test]
fn a_read_says_how_many_rows_and_keeps_every_digit() {
    let body = json!({"table_name": "things", "count": "exact", "limit": 50});
    let counted = Counted { count: Some(41), ..rows(1) };
    assert_eq!(
        answer(Operation::Fetch, body, r#"[{"price":12345678901234567890.10}]"#, counted),
        r#"{"data":[{"price":12345678901234567890.10}],"status":"success","message":"Fetched 1 rows","count":41,"meta":{"limit_clamped":true,"limit":10},"request_id":"r-1"}"#
    );
}

#[test]
fn a_row_sent_as_an_object_comes_back_as_one() {
    let body = json!({"table_name": "things", "insert_body": {"n": 1}});
    assert_eq!(
        answer(Operation::Insert, body.clone(), r#"[{"id":7,"n":1}]"#, rows(1)),
        r#"{"data": {"id":7,"n":1},"status":"success","success":true,"message":"Data inserted successfully","resource_id":"7","table_name":"things","request_id":"r-1"}"#
    );
    let kept: Value =
        serde_json::from_str(&answer(Operation::Insert, body, "[]", rows(0))).unwrap();
    assert_eq!((&kept["data"], kept.get("resource_id")), (&Value::Null, None));
    let body = json!({"table_name": "things", "insert_body": [{"n": 1}]});
    let many: Value =
        serde_json::from_str(&answer(Operation::Insert, body, r#"[{"id":7}]"#, rows(1))).unwrap();
    assert_eq!((&many["data"], &many["affected_rows"]), (&json!([{"id": 7}]), &json!(1)));
}

#[test]
fn changes_say_how_many_rows_they_touched() {
    let body = json!({"table_name": "things", "set": {"n": 1}, "conditions": [{"eq_column": "id", "eq_value": 7}]});
    assert_eq!(
        answer(Operation::Update, body, "[]", rows(0)),
        r#"{"data":[],"status":"success","message":"Updated 0 rows","count":0,"affected_rows":0,"request_id":"r-1"}"#
    );
    let body = json!({"table_name": "things", "resource_id": 7});
    assert_eq!(
        answer(Operation::Delete, body, r#"[{"id":7}]"#, rows(1)),
        r#"{"data":[{"id":7}],"status":"success","success":true,"message":"Data deleted successfully","table_name":"things","resource_id":"7","deleted_count":1,"affected_rows":1,"request_id":"r-1"}"#
    );
}

#[test]
fn half_an_answer_is_never_sent() {
    let request = parse(Operation::Fetch, br#"{"table_name":"things"}"#, &ParseOptions::default());
    let plan = Plan::resolve(request.unwrap(), &cache(), PlanLimits { max_rows: 10 }).unwrap();
    for rows in ["", "[", "{}"] {
        let mut bytes = open(&plan);
        bytes.extend_from_slice(rows.as_bytes());
        let built = build(&plan, &Counted::default(), bytes, "r");
        assert!(matches!(built, Err(ResponseError::NoRows)), "{rows:?}");
    }
}
