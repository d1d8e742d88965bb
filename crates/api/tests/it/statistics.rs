//! How much each client is used, and what is written of requests.

use crate::office::{ADMIN, Office};
use api::ApiSettings;
use http::Method;
use serde_json::{Value, json};
use store::RequestSettings;

const LIST: &str = "/admin/clients/statistics";
const REFRESH: &str = "/admin/clients/statistics/refresh";
const SHIPS: &str = r#"{"table_name":"ships","limit":2}"#;

async fn ask(office: &Office, key: &str, path: &str, body: &str) -> u16 {
    let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
    office.node.call(Method::POST, path, &headers, body).await.status
}

fn one<'a>(statistics: &'a Value, client: &str) -> &'a Value {
    let all = statistics["statistics"].as_array().unwrap();
    all.iter().find(|one| one["client_name"] == client).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn requests_and_operations_are_counted_when_they_end_and_drilled_into() {
    let office = Office::build().await;
    let key = office.key(&["gateway.*"]).await;
    for _ in 0..3 {
        assert_eq!(ask(&office, &key, "/gateway/fetch", SHIPS).await, 200);
    }
    assert_eq!(ask(&office, &key, "/gateway/fetch", r#"{"table_name":"ships","x":1}"#).await, 400);
    let unknown = r#"{"table_name":"ships","columns":["nothing"]}"#;
    assert_eq!(ask(&office, &key, "/gateway/fetch", unknown).await, 400);
    let told = office.data_of(Method::POST, REFRESH, &Value::Null).await;
    let shop = one(&told, "shop");
    assert_eq!(shop["total_requests"], 5, "{told}");
    assert_eq!((&shop["successful_requests"], &shop["failed_requests"]), (&json!(3), &json!(2)));
    // The first of the three was read from the database.
    assert_eq!(shop["total_cached_requests"], 2, "{told}");
    assert_eq!(shop["total_operations"], 5);
    assert!(shop["p95_request_duration_ms"].as_f64().unwrap() > 0.0);
    assert!(shop["last_request_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(told["gaps"]["operations_dropped"], 0);
    let list = office.data_of(Method::GET, LIST, &Value::Null).await;
    assert_eq!(one(&list, "shop")["total_requests"], 5);

    let path = "/admin/clients/Shop/statistics";
    let detail = office.data_of(Method::GET, path, &Value::Null).await;
    let tables = detail["tables"].as_array().unwrap();
    let ships = tables.iter().find(|one| one["table_name"] == "ships").unwrap();
    assert_eq!((&ships["operation"], &ships["total_operations"]), (&json!("fetch"), &json!(3)));
    assert_eq!((&ships["total_cache_hits"], &ships["total_cache_misses"]), (&json!(2), &json!(1)));

    let path = "/admin/clients/shop/statistics/drilldown?table_name=ships&operation=fetch&limit=2";
    let drilled = office.data_of(Method::GET, path, &Value::Null).await;
    let rows = drilled["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &drilled["status"]), (2, &json!("all")));
    assert_eq!((&rows[0]["method"], &rows[0]["path"]), (&json!("POST"), &json!("/gateway/fetch")));
    assert_eq!((&rows[0]["status_code"], &rows[0]["error"]), (&json!(200), &json!(false)));
    assert_eq!(rows[0]["details"]["row_count"], 2);
    let rest = office.data_of(Method::GET, &format!("{path}&offset=2"), &Value::Null).await;
    assert_eq!(rest["rows"].as_array().unwrap().len(), 1);
    let errors = office.data_of(Method::GET, &format!("{path}&status=errors"), &Value::Null).await;
    assert_eq!(errors["rows"], json!([]));
    // The names that dashboards know are there as well.
    let kept = office.kept("select total_requests::text from client_statistics").await;
    assert_eq!(kept, "5");
}

#[tokio::test]
async fn statistics_are_for_those_who_may_see_them_and_what_is_asked_wrongly_is_named() {
    let office = Office::build().await;
    for path in [LIST, "/admin/clients/shop/statistics", "/admin/audit", "/admin/public-routes"] {
        assert_eq!(office.node.call(Method::GET, path, &[], "").await.status, 401, "{path}");
    }
    let (all, data) =
        (office.key(&["admin.statistics.read"]).await, office.key(&["gateway.*"]).await);
    let with = async |key: &str, path: &str| {
        office.node.call(Method::GET, path, &[("x-athena-key", key)], "").await
    };
    assert_eq!(with(&all, LIST).await.status, 200);
    assert_eq!(with(&data, LIST).await.status, 403);
    let elsewhere = with(&all, "/admin/clients/other/statistics").await;
    assert_eq!(
        (elsewhere.status, &elsewhere.body["code"]),
        (403, &json!("api_key_client_mismatch"))
    );
    for (path, status, code) in [
        ("/admin/clients/shop/statistics", 404, "no_statistics"),
        ("/admin/clients/shop/statistics/drilldown", 400, "missing_field"),
        (
            "/admin/clients/shop/statistics/drilldown?table_name=t&operation=%20",
            400,
            "missing_field",
        ),
        (
            "/admin/clients/shop/statistics/drilldown?table_name=t&operation=o&status=odd",
            400,
            "invalid_field",
        ),
        ("/admin/clients/shop/statistics/drilldown?tabel=t", 400, "invalid_query"),
        ("/admin/clients/statistics?since=yesterday", 400, "invalid_field"),
        ("/admin/clients/statistics/statistics", 400, "reserved_name"),
        ("/admin/audit?outcome=odd", 400, "invalid_field"),
    ] {
        let reply = with(ADMIN, path).await;
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{path} {reply:?}");
    }
}

#[tokio::test]
async fn a_request_is_written_down_with_its_end_and_without_its_secrets() {
    let office = Office::build().await;
    let key = office.key(&["gateway.read"]).await;
    let headers = [
        ("x-athena-client", "shop"),
        ("authorization", &*format!("Bearer {key}")),
        ("user-agent", "a test"),
        ("x-user-id", "u1"),
        ("cookie", "session=hidden-cookie"),
        ("x-forwarded-for", "postgres://me:hunter2@db/x"),
    ];
    let path = format!("/gateway/fetch?api_key={key}&page=1");
    office.node.call(Method::POST, &path, &headers, SHIPS).await;
    office.node.call(Method::POST, "/gateway/fetch", &headers[..1], SHIPS).await;
    office.node.call(Method::GET, "/ping", &[], "").await;
    office.flush().await;
    let secret = key.split_once('.').unwrap().1;
    let all = "select string_agg(row_to_json(r)::text, '|' order by id) from gateway_request_log r
               where path = '/gateway/fetch'";
    let rows = office.kept(all).await;
    for hidden in [secret, "hidden-cookie", "hunter2", ADMIN] {
        assert!(!rows.contains(hidden), "{rows}");
    }
    let first: Value = serde_json::from_str(rows.split('|').next().unwrap()).unwrap();
    let second: Value = serde_json::from_str(rows.split('|').nth(1).unwrap()).unwrap();
    assert_eq!((&first["status_code"], &first["client"]), (&json!(200), &json!("shop")));
    assert_eq!((&first["operation"], &first["table_name"]), (&json!("fetch"), &json!("ships")));
    assert_eq!(first["query_string"], "api_key=[redacted]&page=1");
    assert_eq!((&first["user_agent"], &first["user_id"]), (&json!("a test"), &json!("u1")));
    assert_eq!((&first["cached"], &first["body"]), (&json!(false), &Value::Null));
    assert_eq!(first["api_key_auth_reason"], "api_key_authenticated");
    let public = key.strip_prefix("ath_").unwrap().split_once('.').unwrap().0;
    assert_eq!(first["presented_api_key_public_id"], public);
    assert!(first["headers"].get("authorization").is_none(), "{first}");
    assert_eq!(
        (&second["status_code"], &second["api_key_authorized"]),
        (&json!(401), &json!(false))
    );
    assert_eq!(second["api_key_auth_reason"], "api_key_required");
    assert_eq!(
        office.kept("select count(*)::text from gateway_request_log where path = '/ping'").await,
        "0"
    );
}

#[tokio::test]
async fn bodies_are_kept_only_when_asked_for_and_never_with_their_secrets() {
    let logging = RequestSettings { body_bytes: 1_000, ..RequestSettings::default() };
    let office = Office::with(ApiSettings::default(), logging).await;
    let key = office.key(&["gateway.*"]).await;
    let send = async |body: &str| {
        let length = body.len().to_string();
        let headers =
            [("x-athena-client", "shop"), ("x-athena-key", &*key), ("content-length", &*length)];
        office.node.call(Method::PUT, "/gateway/insert", &headers, body).await.status
    };
    let row =
        r#"{"table_name":"ships","insert_body":{"id":7,"name":"Dhow","secret":"the-secret"}}"#;
    assert_eq!(send(row).await, 200);
    let large = format!(
        r#"{{"table_name":"ships","insert_body":{{"id":8,"name":"{}"}}}}"#,
        "x".repeat(1_000)
    );
    assert_eq!(send(&large).await, 200);
    office.flush().await;
    let bodies = office
        .kept("select string_agg(coalesce(body::text, 'none'), '|' order by id) from gateway_request_log
               where path = '/gateway/insert'")
        .await;
    let (first, second) = bodies.split_once('|').unwrap();
    assert!(first.contains("Dhow") && first.contains("[redacted]"), "{first}");
    assert!(!first.contains("the-secret"), "{first}");
    assert_eq!(second, "none");
}
