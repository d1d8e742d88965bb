//! Requests that cannot be answered: each is refused with the culprit's name, before any statement.

use crate::support::{Reply, TestGateway};
use http::Method;
use serde_json::{Value, json};

async fn refused(path: &str, body: &str) -> Reply {
    let gateway = TestGateway::open();
    let method = match path {
        "/gateway/insert" => Method::PUT,
        "/gateway/delete" => Method::DELETE,
        _ => Method::POST,
    };
    let reply = gateway.call(method, path, &[("x-athena-client", "shop")], body).await;
    assert_eq!(gateway.statements(), 0, "{path} {body} reached the database");
    reply
}

#[tokio::test]
async fn a_request_without_a_client_is_told_so_before_anything_else() {
    let gateway = TestGateway::open();
    for (method, path) in [
        (Method::POST, "/gateway/fetch"),
        (Method::POST, "/gateway/data"),
        (Method::PUT, "/gateway/insert"),
        (Method::POST, "/gateway/update"),
        (Method::DELETE, "/gateway/delete"),
        (Method::GET, "/schema/tables"),
    ] {
        for headers in [&[][..], &[("x-athena-client", "  ")][..]] {
            let reply = gateway.call(method.clone(), path, headers, "not json").await;
            let text = "X-Athena-Client header is required";
            assert_eq!(reply.refusal(), (400, "missing_client_header", text), "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_client_is_named() {
    let gateway = TestGateway::open();
    let headers = [("x-athena-client", "nobody")];
    let body = r#"{"table_name":"invoices"}"#;
    let reply = gateway.call(Method::POST, "/gateway/fetch", &headers, body).await;
    assert_eq!(
        reply.stable(),
        json!({
            "status": "error", "code": "unknown_client", "status_code": 400,
            "message": "Client 'nobody' is not available in the registry",
            "error": "Postgres client 'nobody' is not configured",
            "details": { "client": "nobody" },
        })
    );
}

#[tokio::test]
async fn a_client_name_that_cannot_exist_is_unknown() {
    let gateway = TestGateway::open();
    for name in ["a b", "x'; --", &"x".repeat(200)] {
        let headers = [("x-athena-client", name)];
        let reply = gateway.call(Method::POST, "/gateway/fetch", &headers, "{}").await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("unknown_client")), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_table_is_a_404_that_names_it() {
    for name in ["no_such", "no\"such", "名前", &"x".repeat(64), &"x".repeat(5000)] {
        let body = json!({ "table_name": name }).to_string();
        let reply = refused("/gateway/fetch", &body).await;
        let shown: String = name.chars().take(20).collect();
        assert!(matches!(reply.status, 404 | 400), "{reply:?}");
        assert!(
            reply.body["message"].to_string().contains(&shown.replace('"', "\\\"")),
            "{reply:?}"
        );
        assert!(reply.body.to_string().len() < 1500, "a name is not repeated without end");
    }
    let reply = refused("/gateway/fetch", r#"{"table_name":"no_such"}"#).await;
    assert_eq!((reply.status, &reply.body["code"]), (404, &json!("unknown_table")));
}

#[tokio::test]
async fn an_unknown_column_is_named_wherever_it_stands() {
    for (path, body) in [
        ("/gateway/fetch", r#"{"table_name":"invoices","columns":["nope"]}"#),
        (
            "/gateway/fetch",
            r#"{"table_name":"invoices","conditions":[{"operator":"eq","column":"nope","value":1}]}"#,
        ),
        ("/gateway/fetch", r#"{"table_name":"invoices","sort_by":{"field":"nope"}}"#),
        ("/gateway/insert", r#"{"table_name":"invoices","insert_body":{"nope":1}}"#),
        (
            "/gateway/update",
            r#"{"table_name":"invoices","data":{"nope":1},"conditions":[{"eq_column":"id","eq_value":1}]}"#,
        ),
        (
            "/gateway/delete",
            r#"{"table_name":"invoices","conditions":[{"eq_column":"nope","eq_value":1}]}"#,
        ),
    ] {
        let reply = refused(path, body).await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (400, &json!("unknown_column")),
            "{reply:?}"
        );
        assert!(reply.body["message"].to_string().contains("nope"), "{reply:?}");
    }
}

#[tokio::test]
async fn an_unknown_operator_is_named() {
    let body = r#"{"table_name":"invoices","conditions":[{"operator":"resembles","column":"id","value":1}]}"#;
    let reply = refused("/gateway/fetch", body).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].to_string().contains("resembles"), "{reply:?}");
}

#[tokio::test]
async fn an_unknown_key_of_the_body_is_named() {
    let reply = refused("/gateway/fetch", r#"{"table_name":"invoices","limits":3}"#).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.to_string().contains("limits"), "{reply:?}");
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    for path in ["/gateway/fetch", "/gateway/insert", "/gateway/update", "/gateway/delete"] {
        for body in ["{", "[1", "{\"table_name\": \"invoices\",}", "\u{0}"] {
            let reply = refused(path, body).await;
            assert_eq!(reply.status, 400, "{path} {body}");
            assert!(reply.body["message"].to_string().contains("Invalid JSON"), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_with_its_column() {
    for (column, value) in [
        ("id", json!("seven")),
        ("id", json!(1.5)),
        ("token", json!("not-a-uuid")),
        ("status", json!("lost")),
    ] {
        let body = json!({
            "table_name": "invoices",
            "conditions": [{ "operator": "eq", "column": column, "value": value }],
        });
        let reply = refused("/gateway/fetch", &body.to_string()).await;
        assert_eq!(reply.status, 400, "{column} {value}: {reply:?}");
        assert!(reply.body["message"].to_string().contains(column), "{reply:?}");
    }
}

#[tokio::test]
async fn a_nul_byte_in_a_value_or_a_name_is_refused() {
    for body in [
        json!({ "table_name": "invoices", "conditions": [{ "operator": "eq", "column": "meta", "value": "a\u{0}b" }] }),
        json!({ "table_name": "in\u{0}voices" }),
        json!({ "table_name": "invoices", "columns": ["i\u{0}d"] }),
    ] {
        let reply = refused("/gateway/fetch", &body.to_string()).await;
        assert!(matches!(reply.status, 400 | 404), "{reply:?}");
    }
}

#[tokio::test]
async fn a_change_without_a_condition_is_refused() {
    let text = "at least one condition is required for update (e.g. eq_column / eq_value)";
    for conditions in ["", r#","conditions":[]"#] {
        let body = format!(r#"{{"table_name":"invoices","data":{{"amount":1}}{conditions}}}"#);
        let reply = refused("/gateway/update", &body).await;
        assert_eq!((reply.status, reply.body["error"].as_str()), (400, Some(text)));
    }
    let reply = refused("/gateway/delete", r#"{"table_name":"invoices","conditions":[]}"#).await;
    assert_eq!(reply.status, 400, "{reply:?}");
}

#[tokio::test]
async fn the_texts_older_clients_look_for_are_kept() {
    let payload = "update payload required: provide 'columns' (array of objects with column names and values), or 'data' / 'set' object";
    for (path, body, text) in [
        ("/gateway/data", "{}", "table_name is required"),
        ("/gateway/data", "", "table_name is required"),
        ("/gateway/update", "", "request body is required for /gateway/update"),
        ("/gateway/update", "{}", "table_name is required"),
        ("/gateway/update", r#"{"table_name":"invoices"}"#, payload),
        ("/gateway/delete", "{}", "table_name is required"),
        ("/gateway/delete", r#"{"table_name":"invoices"}"#, "resource_id is required"),
    ] {
        let reply = refused(path, body).await;
        assert_eq!(
            (reply.status, reply.body["error"].as_str()),
            (400, Some(text)),
            "{path} {body}"
        );
    }
    for (body, text) in [
        ("{}", "table_name is required in the request body"),
        (r#"{"table_name":"invoices"}"#, "insert_body is required in the request body"),
    ] {
        let reply = refused("/gateway/insert", body).await;
        assert_eq!((reply.status, reply.body["message"].as_str()), (400, Some(text)), "{body}");
        assert_eq!(reply.body["code"], "missing_field");
    }
}

#[tokio::test]
async fn the_columns_of_nothing_are_refused_in_the_contracts_order() {
    let gateway = TestGateway::open();
    let shop = &[("x-athena-client", "shop")][..];
    let nobody = &[("x-athena-client", "nobody")][..];
    for (path, headers, status, text) in [
        ("/schema/columns", shop, 400, "table_name is required"),
        ("/schema/columns?table_name=foo-bar", &[][..], 400, "Invalid table_name parameter"),
        ("/schema/columns?table_name=foo-bar", shop, 400, "Invalid table_name parameter"),
        (
            "/schema/columns?table_name=a&table_schema=bad-schema",
            shop,
            400,
            "Invalid table_schema parameter",
        ),
        ("/schema/columns?table_name=a", &[][..], 400, "X-Athena-Client header is required"),
        ("/schema/columns?table_name=a", nobody, 400, "Postgres client 'nobody' is not configured"),
        ("/schema/columns?table_name=nope", shop, 404, "Table 'nope' does not exist"),
    ] {
        let reply = gateway.call(Method::GET, path, headers, "").await;
        assert_eq!((reply.status, reply.body["error"].as_str()), (status, Some(text)), "{path}");
    }
}

#[tokio::test]
async fn no_answer_to_junk_is_a_server_error() {
    let junk = [
        "null",
        "true",
        "[]",
        "\"x\"",
        "1e400",
        r#"{"table_name":[]}"#,
        r#"{"table_name":""}"#,
        r#"{"table_name":"a.b.c.d"}"#,
        r#"{"table_name":"invoices","limit":-1}"#,
        r#"{"table_name":"invoices","limit":"many"}"#,
        r#"{"table_name":"invoices","offset":1e99}"#,
        r#"{"table_name":"invoices","columns":{}}"#,
        r#"{"table_name":"invoices","conditions":"all"}"#,
        r#"{"table_name":"invoices","conditions":[{}]}"#,
        r#"{"table_name":"invoices","sort_by":7}"#,
    ];
    for path in ["/gateway/fetch", "/gateway/insert", "/gateway/update", "/gateway/delete"] {
        for body in junk {
            let reply = refused(path, body).await;
            assert_eq!(reply.status, 400, "{path} {body}: {reply:?}");
            assert_ne!(reply.body["code"], Value::Null);
        }
    }
}
