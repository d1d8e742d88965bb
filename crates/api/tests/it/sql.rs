//! SQL that callers write: what is run, how, and for whom.

use crate::support::{Reply, TestGateway};
use backend::{ScriptOutcome, StatementOutcome, fake::FakeAnswer};
use http::Method;
use query::Access;
use serde_json::{Value, json};

const QUERY: &str = "/gateway/query";

fn outcome(word: &str, rows_affected: u64, returned: u64) -> ScriptOutcome {
    let statements = vec![StatementOutcome { word: word.to_owned(), rows_affected, returned }];
    ScriptOutcome { statements, ..ScriptOutcome::default() }
}

fn script(gateway: &TestGateway, json: &str, outcome: ScriptOutcome) {
    gateway.backend.answer(FakeAnswer::Script { json: json.to_owned(), outcome });
}

async fn query(gateway: &TestGateway, text: &str) -> Reply {
    gateway.post(QUERY, &json!({ "query": text }).to_string()).await
}

#[tokio::test]
async fn a_query_is_answered_with_its_rows_and_meta() {
    let gateway = TestGateway::open();
    script(&gateway, r#"[{"n":1}]"#, outcome("SELECT", 1, 1));
    let reply = query(&gateway, "select 1 as n").await;
    assert_eq!(
        reply.text,
        r#"{"data":[{"n":1}],"meta":{"backend":"sqlx","statement_count":1,"rows_affected":0,"returned_row_count":1},"status":"success","message":"Query ran: 1 rows returned, 0 changed"}"#
    );
    let seen = &gateway.backend.scripts()[0];
    assert_eq!((seen.access, seen.max_rows), (Access::ReadOnly, 10_000));
}

#[tokio::test]
async fn a_change_says_how_many_rows_it_touched_and_keeps_those_it_returns() {
    let gateway = TestGateway::open();
    script(&gateway, r#"[{"id":1},{"id":2}]"#, outcome("UPDATE", 2, 2));
    let text = "-- a comment first\nupdate invoices set amount = 1\n\treturning\nid -- and last";
    let reply = query(&gateway, text).await;
    assert_eq!(reply.body["meta"]["rows_affected"], 2, "{reply:?}");
    assert_eq!(reply.body["meta"]["returned_row_count"], 2);
    assert_eq!(reply.body["data"], json!([{"id": 1}, {"id": 2}]));
    assert_eq!(gateway.backend.scripts()[0].access, Access::ReadWrite);
}

#[tokio::test]
async fn what_a_library_notes_for_itself_changes_nothing() {
    let gateway = TestGateway::open();
    script(&gateway, r#"[{"n":1}]"#, outcome("SELECT", 1, 1));
    let body =
        r#"{"query":"select 1 as n","params":[],"operation":"query","expectedShape":"rows"}"#;
    let reply = gateway.post(QUERY, body).await;
    assert_eq!((reply.status, &reply.body["data"]), (200, &json!([{"n": 1}])), "{reply:?}");
    let reply = gateway.post(QUERY, r#"{"query":"select 1","expectedShape":1}"#).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_field")), "{reply:?}");
}

#[tokio::test]
async fn a_blank_query_and_a_missing_client_are_refused_in_the_known_words() {
    let gateway = TestGateway::open();
    for blank in ["", " ; ;", "-- nothing"] {
        let reply = query(&gateway, blank).await;
        assert_eq!((reply.status, &reply.body["message"]), (400, &json!("Invalid query")));
    }
    let reply = gateway.call(Method::POST, QUERY, &[], r#"{"query":"select 1"}"#).await;
    assert_eq!((reply.status, &reply.body["message"]), (400, &json!("Missing required header")));
    assert_eq!(reply.body["error"], "X-Athena-Client or X-JDBC-URL header is required");
    let reply = gateway.post(QUERY, r#"{"query":"select 1","limit":3}"#).await;
    assert_eq!(reply.body["code"], "unknown_field", "nothing is ignored: {reply:?}");
    assert!(gateway.backend.scripts().is_empty());
}

#[tokio::test]
async fn values_are_bound() {
    let gateway = TestGateway::open();
    script(&gateway, "[]", outcome("SELECT", 0, 0));
    let body = json!({ "query": "select $1::int", "params": [7] });
    assert_eq!(gateway.post(QUERY, &body.to_string()).await.status, 200);
    assert_eq!(gateway.backend.scripts()[0].params, [json!(7)]);
}

#[tokio::test]
async fn rows_beyond_the_cap_are_told_to_be_missing() {
    let gateway = TestGateway::open();
    let cut = ScriptOutcome { truncated: true, ..outcome("SELECT", 0, 1) };
    script(&gateway, r#"[{"n":1}]"#, cut);
    let reply = query(&gateway, "select n from generate_series(1, 2) n").await;
    assert_eq!(reply.body["meta"]["truncated"], true);
    assert_eq!(reply.body["message"], "The first 1 rows; there are more, which are left out");
}

#[tokio::test]
async fn the_sql_door_names_its_client_in_the_body() {
    let gateway = TestGateway::open();
    for path in ["/query/sql", "/gateway/sql"] {
        script(&gateway, r#"[{"n":1}]"#, outcome("SELECT", 1, 1));
        let body = r#"{"query":"select 1 as n","driver":"postgresql","db_name":"shop"}"#;
        let mut reply = gateway.call(Method::POST, path, &[], body).await;
        let data = reply.body["data"].as_object_mut().unwrap();
        assert!(data.shift_remove("duration_ms").is_some_and(|took| took.is_u64()));
        assert_eq!(
            reply.body["data"],
            json!({
                "rows": [{"n": 1}], "db_name": "shop", "statement_count": 1,
                "rows_affected": 0, "returned_row_count": 1,
            })
        );
    }
    let body = r#"{"query":"select 1","driver":"oracle","db_name":"shop"}"#;
    let reply = gateway.call(Method::POST, "/query/sql", &[], body).await;
    assert_eq!(reply.body["message"], "Invalid driver specified");
    let other = [("x-athena-client", "shop")];
    let body = r#"{"query":"select 1","db_name":"books"}"#;
    let reply = gateway.call(Method::POST, "/query/sql", &other, body).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_field")));
}

const BY_KEY: &str = r#"SELECT "id" FROM "invoices" WHERE "token"::text = '7F1D0C2A-0000-4000-8000-0000003E4F00' LIMIT 3;"#;

#[tokio::test]
async fn a_read_by_key_in_sql_is_a_fetch_in_the_words_of_a_query() {
    let gateway = TestGateway::caching();
    gateway.rows(r#"[{"id":1}]"#, 1);
    let fresh = query(&gateway, BY_KEY).await;
    let kept = query(&gateway, BY_KEY).await;
    assert_eq!(fresh.text, kept.text);
    assert_eq!(kept.header("x-athena-cached"), Some("true"));
    assert_eq!(kept.body["meta"]["returned_row_count"], 1, "{kept:?}");
    assert_eq!((gateway.statements(), gateway.backend.scripts().len()), (1, 0));
    let statement = &gateway.backend.seen()[0];
    assert!(!statement.text().contains("::text"), "the index is used: {}", statement.text());
    assert!(
        statement
            .params()
            .contains(&query::Param::Uuid("7f1d0c2a-0000-4000-8000-0000003e4f00".parse().unwrap()))
    );
}

#[tokio::test]
async fn what_changed_or_may_have_changed_something_makes_answers_stale() {
    let gateway = TestGateway::caching();
    let fetch = r#"{"table_name":"invoices"}"#;
    let is_kept = async || {
        let reply = gateway.post("/gateway/fetch", fetch).await;
        reply.header("x-athena-cached") == Some("true")
    };
    is_kept().await;
    let cases = [
        ("select count(*) from invoices", outcome("SELECT", 1, 1), true),
        ("update invoices set amount = 1 where id = 0", outcome("UPDATE", 0, 0), true),
        ("update invoices set amount = 1", outcome("UPDATE", 3, 0), false),
        (
            "with x as (delete from invoices returning *) select * from x",
            outcome("WITH", 0, 1),
            false,
        ),
        ("select archive_invoices()", outcome("SELECT", 1, 1), false),
        ("truncate invoices", outcome("TRUNCATE", 0, 0), false),
    ];
    for (text, outcome, stays) in cases {
        script(&gateway, "[]", outcome);
        assert_eq!(query(&gateway, text).await.status, 200);
        assert_eq!(is_kept().await, stays, "{text}");
    }
}

#[tokio::test]
async fn a_count_is_of_a_table_or_of_a_query_and_is_kept() {
    let gateway = TestGateway::caching();
    let body = r#"{"driver":"postgresql","db_name":"shop","table_name":"invoices","conditions":[{"eq_column":"id","eq_value":1}]}"#;
    gateway.backend.answer_count(41);
    let path = "/query/count";
    let fresh = gateway.call(Method::POST, path, &[], body).await;
    let kept = gateway.call(Method::POST, path, &[], body).await;
    assert_eq!((fresh.status, &fresh.body["data"]["count"]), (200, &json!(41)), "{fresh:?}");
    assert_eq!(fresh.body["data"]["cache_lookup_outcome"], "miss_all_tiers");
    assert_eq!(
        (&kept.body["data"]["count"], kept.header("x-athena-cached")),
        (&json!(41), Some("true"))
    );
    assert_eq!(kept.header("x-athena-cache-key"), kept.body["data"]["cache_key"].as_str());
    assert_eq!(gateway.statements(), 1, "no rows were read");
    script(&gateway, r#"[{"count":7}]"#, outcome("SELECT", 1, 1));
    let body = r#"{"db_name":"shop","query":"select count(*) from invoices"}"#;
    let reply = gateway.call(Method::POST, path, &[], body).await;
    assert_eq!(reply.body["data"]["count"], 7, "{reply:?}");
    assert_eq!(gateway.backend.scripts()[0].access, Access::ReadOnly);
    for (body, message) in [
        (r#"{"db_name":"shop"}"#, "Missing count target"),
        (r#"{"db_name":"shop","query":"select 1","table_name":"invoices"}"#, "Ambiguous request"),
        (r#"{"db_name":"shop","query":"select 1; select 2"}"#, "Invalid count query"),
    ] {
        let reply = gateway.call(Method::POST, path, &[], body).await;
        assert_eq!((reply.status, &reply.body["message"]), (400, &json!(message)), "{body}");
    }
    let body = r#"{"db_name":"shop","query":"delete from invoices"}"#;
    assert_eq!(gateway.call(Method::POST, path, &[], body).await.status, 403);
}

#[tokio::test]
async fn a_transaction_runs_all_of_its_operations_in_order() {
    let gateway = TestGateway::caching();
    gateway.post("/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    gateway.rows(r#"[{"id":9,"status":"paid"}]"#, 1);
    gateway.rows(r#"[{"id":9}]"#, 1);
    let body = json!({
        "idempotency_key": null,
        "operations": [
            {"id": "txop_1", "kind": "insert",
             "payload": {"table_name": "invoices", "insert_body": {"status": "paid"}}},
            {"id": "txop_2", "kind": "fetch",
             "payload": {"table_name": "invoices", "columns": ["id"], "limit": 1}},
        ],
        "options": {"deferrable": false, "isolation_level": "serializable", "read_only": false},
    });
    let reply = gateway.post("/gateway/transaction", &body.to_string()).await;
    assert_eq!((reply.status, &reply.body["committed"]), (200, &Value::Bool(true)), "{reply:?}");
    let results = reply.body["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!((&results[0]["id"], &results[0]["data"]["id"]), (&json!("txop_1"), &json!(9)));
    assert_eq!((&results[1]["ok"], &results[1]["data"]), (&json!(true), &json!([{"id": 9}])));
    let options = gateway.backend.transactions()[0];
    assert_eq!(options.isolation, Some(backend::Isolation::Serializable));
    let after = gateway.post("/gateway/fetch", r#"{"table_name":"invoices"}"#).await;
    assert_eq!(after.header("x-athena-cached"), Some("false"));
}

#[tokio::test]
async fn a_transaction_with_a_mistake_anywhere_runs_nothing() {
    let gateway = TestGateway::open();
    let insert = json!({"kind": "insert", "payload": {"table_name": "invoices", "insert_body": {"status": "paid"}}});
    let cases = [
        (json!({"operations": []}), "invalid_field"),
        (json!({"operations": [insert, {"kind": "truncate", "payload": {}}]}), "invalid_field"),
        (
            json!({"operations": [insert, {"kind": "fetch", "payload": {"table_name": "nothing"}}]}),
            "unknown_table",
        ),
        (json!({"operations": [insert], "options": {"read_only": true}}), "write_in_read_only"),
        (json!({"operations": [insert], "options": {"isolation_level": "chaos"}}), "invalid_field"),
        (json!({"operations": [insert], "idempotency_key": "k"}), "not_supported"),
    ];
    for (body, code) in cases {
        let reply = gateway.post("/gateway/transaction", &body.to_string()).await;
        assert_eq!(reply.body["code"], code, "{body} {reply:?}");
    }
    assert_eq!((gateway.statements(), gateway.backend.transactions().len()), (0, 0));
}
