use super::*;
use crate::plan::{PlanLimits, samples::cache};
use crate::request::{Operation, ParseOptions, Profile, parse};
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
        r#"{"data":[{"price":12345678901234567890.10}],"status":"success","message":"Fetched 1 rows","count":41,"meta":{"limit_clamped":true,"limit":10}}"#
    );
}

#[test]
fn a_row_sent_as_an_object_comes_back_as_one() {
    let body = json!({"table_name": "things", "insert_body": {"n": 1}});
    assert_eq!(
        answer(Operation::Insert, body.clone(), r#"[{"id":7,"n":1}]"#, rows(1)),
        r#"{"data": {"id":7,"n":1},"status":"success","success":true,"message":"Data inserted successfully","affected_rows":1,"count":1,"resource_id":"7","table_name":"things","request_id":"r-1"}"#
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
        r#"{"data":[],"status":"success","message":"Updated 0 rows","affected_rows":0,"count":0,"request_id":"r-1"}"#
    );
    let body = json!({"table_name": "things", "resource_id": 7});
    assert_eq!(
        answer(Operation::Delete, body, r#"[{"id":7}]"#, rows(1)),
        r#"{"data":[{"id":7}],"status":"success","success":true,"message":"Data deleted successfully","table_name":"things","resource_id":"7","deleted_count":1,"affected_rows":1,"count":1,"request_id":"r-1"}"#
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

fn bare(
    operation: Operation,
    body: Value,
    rows: &str,
    counted: Counted,
) -> (String, Option<String>) {
    let body = body.to_string();
    let mut request = parse(operation, body.as_bytes(), &ParseOptions::default()).unwrap();
    request.set_profile(Profile::Bare);
    let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }).unwrap();
    let mut bytes = open(&plan);
    bytes.extend_from_slice(rows.as_bytes());
    let built = build(&plan, &counted, bytes, "r-1").unwrap();
    let total = built.headers.into_iter().find(|(name, _)| *name == "x-total-count");
    (String::from_utf8(built.body.to_vec()).unwrap(), total.map(|(_, value)| value.into_owned()))
}

#[test]
fn a_bare_answer_is_the_rows_alone_with_the_total_in_a_header() {
    let read = json!({"table_name": "things", "count": "exact"});
    let counted = Counted { count: Some(41), ..rows(1) };
    let total = |total: &str| Some(total.to_owned());
    assert_eq!(
        bare(Operation::Fetch, read, r#"[{"id":1}]"#, counted),
        (r#"[{"id":1}]"#.to_owned(), total("41"))
    );
    let read = json!({"table_name": "things"});
    assert_eq!(bare(Operation::Fetch, read, "[]", rows(0)), ("[]".to_owned(), None));
    let one = json!({"table_name": "things", "insert_body": {"n": 1}});
    assert_eq!(
        bare(Operation::Insert, one, r#"[{"id":1}]"#, rows(1)),
        (r#" {"id":1}"#.to_owned(), total("1"))
    );
    let many = json!({"table_name": "things", "insert_body": [{"n": 1}]});
    assert_eq!(
        bare(Operation::Insert, many, r#"[{"id":1}]"#, rows(1)),
        (r#"[{"id":1}]"#.to_owned(), total("1"))
    );
    // One row that was updated stays in its array, as it does for several.
    let update = json!({"table_name": "things", "set": {"n": 1}, "where": {"id": 1}});
    assert_eq!(
        bare(Operation::Update, update, r#"[{"id":1}]"#, rows(1)),
        (r#"[{"id":1}]"#.to_owned(), total("1"))
    );
}

#[test]
fn head_on_a_change_answers_how_many_rows_and_none_of_them() {
    for (operation, body) in [
        (
            Operation::Insert,
            json!({"table_name": "things", "insert_body": [{"n": 1}], "head": true}),
        ),
        (
            Operation::Update,
            json!({"table_name": "things", "set": {"n": 1}, "where": {"id": 1}, "head": true}),
        ),
        (Operation::Delete, json!({"table_name": "things", "where": {"id": 1}, "head": true})),
    ] {
        let told: Value =
            serde_json::from_str(&answer(operation, body.clone(), r#"[{"id":1}]"#, rows(1)))
                .unwrap();
        assert_eq!(
            (&told["data"], &told["affected_rows"], &told["count"]),
            (&json!([]), &json!(1), &json!(1)),
            "{body}"
        );
        let request =
            parse(operation, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
        let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }).unwrap();
        let statement = crate::Statement::postgres(&plan).unwrap();
        assert!(!statement.text().contains("RETURNING"), "{}", statement.text());
    }
}

#[test]
fn groups_stand_beside_the_rows_of_a_read_and_of_an_update() {
    let body = json!({"table_name": "things", "group_by": "name", "aggregation_column": "price"});
    let data = r#"[{"name":"x","price":1.10}]"#;
    let told = answer(Operation::Fetch, body.clone(), data, rows(1));
    let groups = r#","post_processing":{"grouped":[{"label":"x","rows":[{"name":"x","price":1.10}],"aggregation":"1.10","aggregation_value":1.10,"dedup_count":null}]}"#;
    assert!(told.starts_with(&format!(r#"{{"data":{data},"#)) && told.contains(groups), "{told}");
    // Asked for, it is not left out of a bare answer either.
    assert!(bare(Operation::Fetch, body, data, rows(1)).0.contains(groups));
    let update = json!({"table_name": "things", "set": {"n": 1}, "where": {"id": 1}, "group_by": "name", "aggregation_column": "price"});
    assert!(answer(Operation::Update, update.clone(), data, rows(1)).contains(groups));
    // What was written stays written, and the answer says so.
    let failed = answer(Operation::Update, update, r#"[{"name":"x","price":"NaN"}]"#, rows(1));
    assert!(
        failed.contains(r#""affected_rows":1"#)
            && failed.contains("Post-processing failure: the value of 'price' in row 0"),
        "{failed}"
    );
}

#[test]
fn a_group_by_what_is_not_answered_is_refused_before_anything_runs() {
    for (operation, body) in [
        (Operation::Fetch, json!({"table_name": "things", "columns": ["id"], "group_by": "name"})),
        (
            Operation::Update,
            json!({"table_name": "things", "columns": ["id"], "set": {"n": 1}, "where": {"id": 1}, "group_by": "id", "aggregation_column": "price"}),
        ),
    ] {
        let request =
            parse(operation, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
        let refused =
            Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }).unwrap_err().problem();
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (400, "post_processing_failed"),
            "{body}"
        );
        assert!(refused.message.starts_with("Post-processing failure: column "), "{refused:?}");
    }
}
