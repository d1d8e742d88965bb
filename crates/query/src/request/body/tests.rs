use super::*;
use crate::request::Selected;
use crate::request::{ConflictAction, OnConflict, OrderTerm};
use crate::request::{
    DeleteRequest, DeleteTarget, InsertRequest, ReadRequest, ResponseCase, UpdateRequest, Window,
};
use serde_json::json;

fn parse(operation: Operation, body: &Value) -> Result<ApiRequest, RequestError> {
    super::parse(operation, body.to_string().as_bytes(), &ParseOptions::default())
}

fn read(body: Value) -> ReadRequest {
    match parse(Operation::Fetch, &body).unwrap() {
        ApiRequest::Read(request) => request,
        other => panic!("{other:?}"),
    }
}

fn insert_of(body: Value) -> InsertRequest {
    match parse(Operation::Insert, &body).unwrap() {
        ApiRequest::Insert(request) => request,
        other => panic!("{other:?}"),
    }
}

fn update_of(body: Value) -> UpdateRequest {
    match parse(Operation::Update, &body).unwrap() {
        ApiRequest::Update(request) => request,
        other => panic!("{other:?}"),
    }
}

fn delete_of(body: Value) -> DeleteRequest {
    match parse(Operation::Delete, &body).unwrap() {
        ApiRequest::Delete(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn limit_page_and_offset_add_up() {
    for (body, limit, offset) in [
        (json!({}), 100, 0),
        (json!({"limit": 0}), 0, 0),
        (json!({"page_size": 20}), 20, 0),
        (json!({"limit": 5, "page_size": 20}), 5, 0),
        (json!({"current_page": 3, "page_size": 20}), 20, 40),
        (json!({"current_page": 3, "page_size": 20, "offset": 7}), 20, 47),
        (json!({"current_page": 2}), 100, 100),
        (json!({"current_page": 0, "page_size": 20}), 20, 0),
        (json!({"current_page": -4, "page_size": 20, "total_pages": 9}), 20, 0),
        (json!({"limit": 5, "offset": 10}), 5, 10),
    ] {
        let mut whole = body.clone();
        whole["table_name"] = json!("t");
        assert_eq!(read(whole).window, Window { limit, offset }, "{body}");
    }
}

#[test]
fn a_fetch_is_read_in_every_spelling() {
    let request = read(json!({
        "table": "billing.invoices", "columns": "id, name", "sortBy": {"field": "id", "direction": "desc"},
        "conditions": [], "count": "exact", "strip_nulls": true,
    }));
    assert_eq!(request.relation.schema.as_deref(), Some("billing"));
    assert_eq!(request.columns, Selection::named(["id", "name"]));
    let order = OrderTerm { column: "id".to_owned(), descending: true, nulls_first: None };
    assert_eq!(request.order, [order]);
    assert!(request.count && request.strip_nulls == Some(true) && request.filter == Filter::All);
    for all in [json!("*"), json!(["*"]), json!([]), json!(""), json!(null)] {
        assert!(read(json!({"view_name": "t", "columns": all})).columns.is_every(), "{all}");
    }
    let head = read(json!({"table_name": "t", "head": true, "limit": 5}));
    assert_eq!((head.window.limit, head.count), (0, true));
}

#[test]
fn one_row_many_rows_and_upserts_are_told_apart() {
    let one = insert_of(json!({"table_name": "t", "insert_body": {"a": 1}, "columns": "*"}));
    assert_eq!((one.rows.len(), one.representation.shape), (1, Shape::Row));
    assert_eq!(one.on_conflict, None);
    let many = insert_of(
        json!({"table_name": "t", "data": [{"a": 1}, {"b": 2}], "default_to_null": true}),
    );
    assert_eq!(many.representation.shape, Shape::Rows);
    assert_eq!(Value::from(many.rows), json!([{"a": 1, "b": null}, {"b": 2, "a": null}]));
    let with = |extra: Value| {
        let mut body = json!({"table_name": "t", "insert_body": {"a": 1}});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        insert_of(body).on_conflict
    };
    let upsert = |columns: &[&str], action| {
        Some(OnConflict { columns: columns.iter().map(|&name| name.to_owned()).collect(), action })
    };
    let set = json!({"a": 2}).as_object().unwrap().clone();
    assert_eq!(with(json!({"update_body": {"a": 2}})), upsert(&[], ConflictAction::Set(set)));
    assert_eq!(with(json!({"update_body": {}})), upsert(&[], ConflictAction::Keep));
    assert_eq!(with(json!({"on_conflict": "a, b"})), upsert(&["a", "b"], ConflictAction::Replace));
    assert_eq!(
        with(json!({"on_conflict": ["a"], "update_body": {}})),
        upsert(&["a"], ConflictAction::Keep)
    );
}

#[test]
fn an_update_takes_the_first_payload_that_is_there() {
    for (payload, expected) in [
        (json!({"columns": [{"a": 1, "b": 1}, {"b": 2}]}), json!({"a": 1, "b": 2})),
        (json!({"columns": [{"a": 1}], "data": {"a": 2}}), json!({"a": 1})),
        (json!({"data": {"a": 2}, "set": {"a": 3}}), json!({"a": 2})),
        (json!({"set": {"a": 3}}), json!({"a": 3})),
        (json!({"update_body": {"a": null}, "columns": "id"}), json!({"a": null})),
    ] {
        let mut body =
            json!({"table_name": "t", "conditions": [{"eq_column": "id", "eq_value": 1}]});
        body.as_object_mut().unwrap().extend(payload.as_object().unwrap().clone());
        assert_eq!(Value::from(update_of(body).set), expected, "{payload}");
    }
}

#[test]
fn a_delete_names_its_rows_by_key_or_by_conditions() {
    let target = |extra: Value| {
        let mut body = json!({"table_name": "t"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        delete_of(body).target
    };
    assert_eq!(target(json!({"resource_id": "x"})), DeleteTarget::Id(json!("x")));
    assert_eq!(target(json!({"resource_id": 7, "conditions": []})), DeleteTarget::Id(json!(7)));
    let both = json!({"resource_id": "7", "conditions": [{"eq_column": "id", "eq_value": 7}]});
    assert!(matches!(target(both), DeleteTarget::Filter(Filter::And(_))));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line for each case is the point")]
fn nothing_of_a_body_is_dropped() {
    use Operation::{Delete, Fetch, Insert, Update};
    for (operation, body, code, culprit) in [
        (Fetch, json!({"table_name": "t", "limits": 3}), "unknown_field", "limits"),
        (Fetch, json!({"table_nam": "t"}), "unknown_field", "table_nam"),
        (Fetch, json!({"table_name": "t", "group_by": 7}), "invalid_field", "group_by"),
        (
            Fetch,
            json!({"table_name": "t", "group_by": "a", "time_granularity": "decade"}),
            "invalid_field",
            "time_granularity",
        ),
        (
            Fetch,
            json!({"table_name": "t", "group_by": "a", "aggregation_strategy": "mean"}),
            "invalid_field",
            "aggregation_strategy",
        ),
        (
            Insert,
            json!({"table_name": "t", "insert_body": {"a": 1}, "group_by": "a"}),
            "unknown_field",
            "group_by",
        ),
        (Fetch, json!({"table_name": "t", "table": "u"}), "invalid_field", "table"),
        (Fetch, json!({"table_name": "a.t", "schema": "b"}), "invalid_field", "schema"),
        (Fetch, json!({"table_name": 7}), "invalid_field", "table_name"),
        (Fetch, json!({"table_name": "a.b.c"}), "invalid_name", "a.b.c"),
        (Fetch, json!({"table_name": "t", "limit": -1}), "invalid_field", "limit"),
        (Fetch, json!({"table_name": "t", "limit": 1.5}), "invalid_field", "limit"),
        (Fetch, json!({"table_name": "t", "offset": u64::MAX}), "invalid_field", "offset"),
        (
            Fetch,
            json!({"table_name": "t", "current_page": i64::MAX}),
            "invalid_field",
            "current_page",
        ),
        (Fetch, json!({"table_name": "t", "columns": [1]}), "invalid_field", "columns"),
        (Fetch, json!({"table_name": "t", "columns": "a,,b"}), "invalid_field", "columns"),
        (Fetch, json!({"table_name": "t", "count": "roughly"}), "invalid_field", "count"),
        (Fetch, json!({"table_name": "t", "head": "yes"}), "invalid_field", "head"),
        (Insert, json!({"table_name": "t", "insert_body": {}}), "no_columns", "insert_body"),
        (Insert, json!({"table_name": "t", "insert_body": [{}]}), "no_columns", "insert_body"),
        (Insert, json!({"table_name": "t", "insert_body": []}), "invalid_payload", "insert_body"),
        (Insert, json!({"table_name": "t", "insert_body": 7}), "invalid_payload", "insert_body"),
        (
            Insert,
            json!({"table_name": "t", "insert_body": [{"a": 1}, 7]}),
            "invalid_payload",
            "insert_body[1]",
        ),
        (
            Insert,
            json!({"table_name": "t", "insert_body": {"a": 1}, "on_conflict": "*"}),
            "invalid_field",
            "on_conflict",
        ),
        (
            Insert,
            json!({"table_name": "t", "insert_body": {"a": 1}, "select": "id,orders!inner(id)"}),
            "not_supported",
            "select.orders",
        ),
        (
            Insert,
            json!({"table_name": "t", "insert_body": {"a": 1}, "limit": 1}),
            "unknown_field",
            "limit",
        ),
        (
            Update,
            json!({"table_name": "t", "set": 7, "conditions": [{"eq_column": "a", "eq_value": 1}]}),
            "invalid_payload",
            "update payload",
        ),
        (
            Update,
            json!({"table_name": "t", "set": {"a": 1}, "where": {}}),
            "missing_field",
            "condition",
        ),
        (
            Delete,
            json!({"table_name": "t", "resource_id": {"a": 1}}),
            "invalid_field",
            "resource_id",
        ),
        (Delete, json!({"table_name": "t", "resource_id": " "}), "missing_field", "resource_id"),
        (Delete, json!({"table_name": "t", "condition": []}), "unknown_field", "condition"),
    ] {
        let problem = parse(operation, &body).unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, code), "{body}");
        assert!(problem.message.contains(culprit), "{body}: {problem:?}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let body = br#"{"table_name":"t","set":{"a":1},"conditions":[{"eq_column":"a","eq_value":1}],"conditions":[]}"#;
    let refused = super::parse(Operation::Update, body, &ParseOptions::default()).unwrap_err();
    assert!(refused.problem().message.contains("conditions"), "{refused:?}");
}

#[test]
fn what_is_no_object_is_refused() {
    for body in
        ["null", "true", "[]", "\"x\"", "7", "-7", "1e400", "1.5", "[{\"table_name\":\"t\"}]"]
    {
        let refused = super::parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default());
        assert!(matches!(refused, Err(RequestError::NotAnObject)), "{body}: {refused:?}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["{", "{}x", "\u{0}", "{\"a\":\"\u{1}\"}", &deep] {
        let refused = super::parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default());
        let problem = refused.unwrap_err().problem();
        assert_eq!(problem.code, "invalid_json");
        assert!(problem.details.contains_key("line"));
    }
}

fn named(operation: Operation, body: &Value) -> Result<ApiRequest, RequestError> {
    let options = ParseOptions { snake_case: true, ..ParseOptions::default() };
    crate::request::parse(operation, body.to_string().as_bytes(), &options)
}

#[test]
fn camel_case_is_read_as_snake_case_wherever_a_column_is_named() {
    let body = json!({
        "table_name": "LineItems", "columns": ["userId", "alias:HTTPResponse"],
        "conditions": [{"eq_column": "workspaceID", "eq_value": 1}, {"operator": "or", "value": "createdAt.is.null"}],
        "where": {"lineNo": {"gt": 1}}, "sort_by": {"field": "createdAt"}, "group_by": "CreatedAt",
        "aggregation_column": "TotalValue",
    });
    let ApiRequest::Read(read) = named(Operation::Fetch, &body).unwrap() else { panic!("a read") };
    assert_eq!(read.relation.name, "LineItems");
    let alias = Selected::Column { name: "http_response".into(), alias: Some("alias".into()) };
    assert_eq!(read.columns.columns[0], Selection::named(["user_id"]).columns[0]);
    assert_eq!((&read.columns.columns[1], read.columns.case), (&alias, ResponseCase::Snake));
    let told = format!("{:?}", read.filter);
    for column in ["workspace_id", "created_at", "line_no"] {
        assert!(told.contains(&format!("column: \"{column}\"")), "{told}");
    }
    assert_eq!(read.order[0].column, "created_at");
    let grouping = read.grouping.unwrap();
    assert_eq!(
        (grouping.by.as_str(), grouping.column.as_deref()),
        ("created_at", Some("total_value"))
    );
}

#[test]
fn camel_case_is_read_as_snake_case_in_what_is_written() {
    let body = json!({"table_name": "t", "insert_body": [{"userId": 1}], "update_body": {"fullName": "x"}, "on_conflict": "userId"});
    let ApiRequest::Insert(insert) = named(Operation::Insert, &body).unwrap() else {
        panic!("an insert")
    };
    assert_eq!(Value::from(insert.rows[0].clone()), json!({"user_id": 1}));
    let conflict = insert.on_conflict.unwrap();
    assert_eq!(conflict.columns, ["user_id"]);
    let set = json!({"full_name": "x"}).as_object().cloned().unwrap();
    assert_eq!(conflict.action, ConflictAction::Set(set));
    let both = json!({"table_name": "t", "insert_body": {"userId": 1, "user_id": 2}});
    let refused = named(Operation::Insert, &both).unwrap_err().problem();
    assert_eq!((refused.status, refused.code.as_str()), (400, "invalid_payload"));
    assert!(refused.message.contains("insert_body.user_id"), "{refused:?}");
}

#[test]
fn some_columns_are_asked_about_with_numbers_or_not_at_all() {
    for value in [
        json!("*"),
        json!(""),
        json!(null),
        json!("1 or 1"),
        json!(1.5),
        json!(true),
        json!([1, "x"]),
    ] {
        for column in ["room_id", "roomId"] {
            let body = json!({"table_name": "t", "conditions": [{"column": column, "operator": if value.is_array() { "in" } else { "eq" }, "value": value}]});
            let refused = crate::request::parse(
                Operation::Fetch,
                body.to_string().as_bytes(),
                &ParseOptions::default(),
            );
            let refused = refused.unwrap_err().problem();
            assert_eq!(
                (refused.status, refused.message.as_str()),
                (400, "room_id is required and must be numeric"),
                "{body}"
            );
        }
    }
    let missing = json!({"table_name": "t", "conditions": [{"eq_column": "roomId"}]});
    let refused = crate::request::parse(
        Operation::Fetch,
        missing.to_string().as_bytes(),
        &ParseOptions::default(),
    );
    assert_eq!(refused.unwrap_err().problem().message, "room_id is required and must be numeric");
    for value in [json!(7), json!("7"), json!("-7")] {
        read(
            json!({"table_name": "t", "conditions": [{"eq_column": "room_id", "eq_value": value}]}),
        );
    }
    read(json!({"table_name": "t", "where": {"room_id": {"is": null}}}));
    let options = ParseOptions { numeric_columns: Vec::new(), ..ParseOptions::default() };
    let open = json!({"table_name": "t", "where": {"room_id": "lobby"}}).to_string();
    assert!(crate::request::parse(Operation::Fetch, open.as_bytes(), &options).is_ok());
}

#[test]
fn groups_that_make_no_sense_are_refused_in_the_contracts_words() {
    for (body, text) in [
        (
            json!({"group_by": "a", "aggregation_strategy": "cumulative_sum"}),
            "Post-processing failure: aggregation_strategy requires aggregation_column",
        ),
        (json!({"aggregation_column": "a"}), "Post-processing failure: group_by is required"),
        (
            json!({"group_by": "a", "aggregation_dedup": true}),
            "Post-processing failure: aggregation_dedup requires aggregation_column",
        ),
    ] {
        let mut whole = body.as_object().cloned().unwrap();
        whole.insert("table_name".to_owned(), json!("t"));
        let bytes = Value::from(whole).to_string();
        let refused =
            crate::request::parse(Operation::Fetch, bytes.as_bytes(), &ParseOptions::default());
        let refused = refused.unwrap_err().problem();
        assert_eq!(
            (refused.status, refused.code.as_str(), refused.message.as_str()),
            (400, "post_processing_failed", text)
        );
    }
}
