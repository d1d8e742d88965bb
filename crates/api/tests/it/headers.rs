//! Headers that are understood, refused, or without effect; and bodies that are not JSON.

use crate::support::TestGateway;
use api::ApiSettings;
use gateway::Access;
use http::Method;
use serde_json::json;

const INVOICES: &str = r#"{"table_name":"invoices"}"#;

/// Everything both libraries send, as their documentation lists it.
const SENT_BY_LIBRARIES: [&str; 24] = [
    "Content-Type",
    "Authorization",
    "Accept",
    "Cache-Control",
    "X-User-Id",
    "X-Company-Id",
    "X-Organization-Id",
    "X-Athena-Client",
    "X-Strip-Nulls",
    "X-Publish-Event",
    "apikey",
    "x-api-key",
    "x-supabase-url",
    "x-supabase-key",
    "X-Athena-Sdk",
    "X-Athena-Key",
    "X-Backend-Type",
    "X-Athena-Auth-Session-Token",
    "X-Athena-Auth-Bearer-Token",
    "x-pg-uri",
    "x-jdbc-url",
    "X-Request-Id",
    "Idempotency-Key",
    "X-Idempotency-Key",
];

async fn fetch(gateway: &TestGateway, headers: &[(&str, &str)]) -> crate::support::Reply {
    let mut all = vec![("x-athena-client", "shop")];
    all.extend_from_slice(headers);
    gateway.call(Method::POST, "/gateway/fetch", &all, INVOICES).await
}

#[tokio::test]
async fn a_page_may_send_every_header_of_the_libraries_and_read_the_ids() {
    let gateway = TestGateway::open();
    let names = SENT_BY_LIBRARIES.join(",").to_ascii_lowercase();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let headers = [
            ("origin", "https://app.example"),
            ("access-control-request-method", method),
            ("access-control-request-headers", names.as_str()),
        ];
        let reply = gateway.call(Method::OPTIONS, "/gateway/fetch", &headers, "").await;
        let allowed = reply.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
        for name in names.split(',') {
            assert!(allowed.split(',').any(|one| one.trim() == name), "{name} in {allowed}");
        }
        let methods = reply.header("access-control-allow-methods").unwrap();
        assert!(methods.contains(method), "{methods}");
    }
    let reply = fetch(&gateway, &[("origin", "https://app.example")]).await;
    let exposed = reply.header("access-control-expose-headers").unwrap();
    for name in ["x-request-id", "x-athena-request-id", "x-correlation-id", "idempotency-replayed"]
    {
        assert!(exposed.contains(name), "{name} in {exposed}");
    }
}

#[tokio::test]
async fn what_a_library_calls_its_backend_is_ignored_when_it_is_a_known_word() {
    let gateway = TestGateway::open();
    for word in ["athena", "postgrest", "PostgreSQL", "scylladb"] {
        assert_eq!(fetch(&gateway, &[("x-backend-type", word)]).await.status, 200, "{word}");
    }
    let reply = fetch(&gateway, &[("x-backend-type", "mongodb")]).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_header")));
    assert_eq!(reply.body["details"]["header"], "x-backend-type");
}

#[tokio::test]
async fn for_whom_a_write_is_must_be_said_only_where_that_is_demanded() {
    let insert = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;
    let shop = ("x-athena-client", "shop");
    let free = TestGateway::open();
    free.rows(r#"[{"id":7}]"#, 1);
    let reply = free.call(Method::PUT, "/gateway/insert", &[shop], insert).await;
    assert_eq!(reply.status, 200, "{reply:?}");

    let settings = ApiSettings { require_audit_headers: true, ..ApiSettings::default() };
    let strict = TestGateway::with(Access::open(), settings);
    let some = [shop, ("x-company-id", "c"), ("x-user-id", "u")];
    for (path, method) in [("/gateway/insert", Method::PUT), ("/gateway/delete", Method::DELETE)] {
        let none = strict.call(method.clone(), path, &[shop], insert).await;
        let text = "X-Company-Id header not found in the request";
        assert_eq!(none.refusal(), (400, "missing_header", text));
        let reply = strict.call(method, path, &some, insert).await;
        let text = "X-Organization-Id header not found in the request";
        assert_eq!(reply.refusal(), (400, "missing_header", text));
    }
    assert_eq!(strict.statements(), 0);
    let all = [shop, ("x-company-id", "c"), ("x-user-id", "u"), ("x-organization-id", "o")];
    strict.rows(r#"[{"id":7}]"#, 1);
    assert_eq!(strict.call(Method::PUT, "/gateway/insert", &all, insert).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_by_its_type() {
    let gateway = TestGateway::open();
    for sent in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain;charset=UTF-8",
        "application/xml",
    ] {
        let reply = fetch(&gateway, &[("content-type", sent)]).await;
        assert_eq!((reply.status, &reply.body["code"]), (415, &json!("unsupported_media_type")));
        let essence = sent.split(';').next().unwrap();
        assert_eq!(reply.body["details"]["content_type"], essence);
    }
    let reply = fetch(&gateway, &[("content-encoding", "gzip")]).await;
    assert_eq!((reply.status, &reply.body["code"]), (415, &json!("unsupported_encoding")));
    assert_eq!(gateway.statements(), 0);
    for sent in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"]
    {
        assert_eq!(fetch(&gateway, &[("content-type", sent)]).await.status, 200, "{sent}");
    }
    assert_eq!(fetch(&gateway, &[]).await.status, 200, "without a content type");
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body_and_other_methods_are_404() {
    let gateway = TestGateway::open();
    for path in ["/", "/ping", "/health", "/openapi.json", "/docs"] {
        let reply = gateway.call(Method::HEAD, path, &[], "").await;
        assert_eq!((reply.status, reply.text.as_str()), (200, ""), "{path}");
    }
    for (method, path) in [
        (Method::HEAD, "/gateway/fetch"),
        (Method::PUT, "/gateway/fetch"),
        (Method::POST, "/openapi.yaml"),
        (Method::POST, "/openapi.json"),
        (Method::DELETE, "/data"),
        (Method::TRACE, "/health"),
        (Method::PATCH, "/db/gateway/insert"),
    ] {
        let reply = gateway.call(method.clone(), path, &[], "").await;
        assert_eq!(reply.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn the_older_library_gets_bare_rows_and_the_newer_one_an_envelope() {
    let gateway = TestGateway::open();
    let row = r#"[{"id":7}]"#;
    let old = [("apikey", "k"), ("x-api-key", "k"), ("x-strip-nulls", "true")];
    gateway.rows(row, 1);
    let reply = fetch(&gateway, &old).await;
    assert_eq!((reply.status, &reply.body), (200, &json!([{ "id": 7 }])));
    let new = [
        ("x-athena-sdk", "xylex-group/athena 5.2.0"),
        ("x-athena-key", "k"),
        ("x-strip-nulls", "true"),
    ];
    gateway.rows(row, 1);
    let reply = fetch(&gateway, &new).await;
    assert_eq!(
        (&reply.body["status"], &reply.body["data"]),
        (&json!("success"), &json!([{ "id": 7 }]))
    );
    gateway.rows(row, 1);
    let reply = fetch(&gateway, &[("x-athena-response", "bare")]).await;
    assert_eq!(reply.body, json!([{ "id": 7 }]));
    let unknown = fetch(&gateway, &[("x-athena-response", "xml")]).await;
    assert_eq!((unknown.status, &unknown.body["code"]), (400, &json!("invalid_header")));
    let failed = gateway
        .call(
            Method::POST,
            "/gateway/fetch",
            &[("x-athena-client", "shop"), ("apikey", "k"), ("x-strip-nulls", "true")],
            "{}",
        )
        .await;
    assert!(failed.body["error"].is_string() && failed.status == 400, "failures have one shape");
}
