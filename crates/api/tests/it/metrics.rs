//! `/metrics`: what is counted, who may read it, and that nobody can make it grow.

use crate::{
    access::{ADMIN, House, INVOICES},
    later::{Later, quick},
    office::Office,
    support::{TestGateway, client, shop},
};
use ::metrics::exposition::Exposition;
use api::{ApiSettings, ROUTES};
use backend::fake::FakeBackend;
use gateway::{Access, ClientInfo, Limits};
use http::Method;
use serde_json::json;
use std::{sync::Arc, time::Duration};

const METRICS: &str = "/metrics";
const FETCH: [(&str, &str); 2] = [("method", "POST"), ("route", "/gateway/fetch")];

async fn page(gateway: &TestGateway, headers: &[(&str, &str)]) -> Exposition {
    let reply = gateway.call(Method::GET, METRICS, headers, "").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Exposition::read(&reply.text).unwrap_or_else(|wrong| panic!("{wrong}\n{}", reply.text))
}

#[tokio::test]
async fn requests_are_counted_by_route_status_client_and_operation() {
    let gateway = TestGateway::caching();
    gateway.rows("[]", 3);
    gateway.post("/gateway/fetch", INVOICES).await;
    gateway.post("/gateway/fetch", INVOICES).await;
    gateway.post("/gateway/fetch", r#"{"table_name":"nothing"}"#).await;
    gateway.call(Method::GET, "/db/ping", &[], "").await;
    let page = page(&gateway, &[]).await;
    let total =
        |extra: (&str, &str)| page.sum("athena_http_requests_total", &[FETCH[0], FETCH[1], extra]);
    assert_eq!((total(("status_family", "2xx")), total(("status_family", "4xx"))), (2.0, 1.0));
    let ping = [("route", "/ping"), ("status_code", "200"), ("route_group", "health")];
    assert_eq!(page.sum("athena_http_requests_by_status_code_total", &ping), 1.0);
    let of = [
        ("client", "shop"),
        ("method", "POST"),
        ("route_group", "gateway"),
        ("status_family", "2xx"),
    ];
    assert_eq!(page.value("athena_http_requests_by_client_total", &of), Some(2.0));
    let lookup = |outcome| {
        let of = [("client", "shop"), ("operation", "fetch"), ("cache_outcome", outcome)];
        page.sum("athena_gateway_operation_total", &of)
    };
    assert_eq!((lookup("miss_all_tiers"), lookup("hit_local")), (1.0, 1.0));
    let inside = [("operation", "gateway_fetch_cache_lookup"), ("status", "hit_local")];
    assert_eq!(page.value("athena_management_mutations_total", &inside), Some(1.0));
    let took = [("client", "shop"), ("operation", "fetch"), ("status_family", "2xx")];
    assert_eq!(page.value("athena_gateway_operation_duration_seconds_count", &took), Some(2.0));
    let rows = [("client", "shop"), ("operation", "fetch")];
    assert_eq!(page.value("athena_gateway_operation_rows_total", &rows), Some(6.0));
    // This scrape itself is under way.
    assert_eq!(page.value("athena_http_in_flight_requests_total", &[]), Some(1.0));
}

#[tokio::test]
async fn the_names_that_dashboards_know_are_there_from_the_start() {
    let gateway = TestGateway::open();
    let upstream = gateway.gateway.registry().get(&client("shop")).unwrap();
    upstream.schema().await.unwrap();
    let page = page(&gateway, &[]).await;
    for name in [
        "athena_build_info",
        "athena_uptime_seconds",
        "athena_requests_last_24h",
        "athena_cluster_mirror_up",
        "athena_http_requests_by_status_code_total",
        "athena_http_in_flight_requests",
        "athena_http_requests_by_client_total",
        "athena_gateway_deferred_events_total",
        "athena_gateway_deferred_queue_requests_total",
        "athena_gateway_insert_window_events_total",
        "athena_client_pool_up",
        "athena_gateway_insert_window_events_total",
        "athena_client_connect_failures_total",
        "athena_external_drift_open",
        "athena_external_query_seconds",
        "athena_secret_resolve_failures_total",
    ] {
        assert!(page.has_family(name), "{name}");
    }
    assert_eq!(page.value("athena_client_pool_up", &[("client", "shop")]), Some(1.0));
    assert_eq!(page.value("athena_pg_registered_clients", &[]), Some(1.0));
    let closed = [("client", "shop"), ("state", "closed")];
    assert_eq!(page.value("athena_client_breaker_state", &closed), Some(1.0));
    let idle = [("client", "shop"), ("pool", "reads"), ("state", "idle")];
    assert_eq!(page.value("athena_pg_pool_connections", &idle), Some(1.0));
    assert!(page.value("athena_process_resident_memory_bytes", &[]).unwrap() > 1e6);
}

#[tokio::test]
async fn hostile_names_and_paths_make_no_series() {
    let gateway = TestGateway::open();
    let ask = async |odd: usize| {
        let name = format!("nobody-{odd}");
        let headers = [("x-athena-client", name.as_str()), ("x-real-ip", "10.0.0.1")];
        let path = format!("/made/up/{odd}\"%0a?le={odd}");
        gateway.call(Method::POST, "/gateway/fetch", &headers, INVOICES).await;
        gateway.call(Method::GET, &path.replace('"', "%22"), &headers, "").await;
        gateway
            .call(Method::from_bytes(format!("BREW{odd}").as_bytes()).unwrap(), "/x", &headers, "")
            .await;
        let table = format!(r#"{{"table_name":"t{odd}"}}"#);
        gateway.post("/gateway/fetch", &table).await;
    };
    ask(0).await;
    let before = page(&gateway, &[]).await;
    for odd in 1..150 {
        ask(odd).await;
    }
    let after = page(&gateway, &[]).await;
    assert_eq!(after.values_of("client"), ["shop"]);
    // The first scrape is a route that was not asked for before it.
    let of_the_scrape = after.len() - before.len();
    assert!(of_the_scrape < 40, "{of_the_scrape} more series");
    let listed: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    let routes = after.values_of("route");
    assert!(
        routes.iter().all(|route| *route == "unmatched" || listed.contains(route)),
        "{routes:?}"
    );
    assert_eq!(after.sum("athena_http_requests_total", &[("route", "unmatched")]), 300.0);
}

#[tokio::test]
async fn a_client_that_is_gone_is_on_the_page_no_more_however_many_there_were() {
    let gateway = TestGateway::open();
    let registry = gateway.gateway.registry();
    for odd in 0..40 {
        let name = format!("passing-{odd}");
        let backend = Arc::new(FakeBackend::new(shop()));
        registry.add(client(&name), backend, ClientInfo::default());
        let headers = [("x-athena-client", name.as_str())];
        gateway.call(Method::POST, "/gateway/fetch", &headers, INVOICES).await;
    }
    assert_eq!(page(&gateway, &[]).await.values_of("client").len(), 41);
    registry.close().await;
    assert!(page(&gateway, &[]).await.values_of("client").is_empty());
}

#[tokio::test]
async fn the_page_needs_its_right_where_keys_are_demanded_and_one_clients_key_never_has_it() {
    let house = House::build().await;
    let ask = async |headers: &[(&str, &str)]| {
        house.gateway.call(Method::GET, METRICS, headers, "").await.status
    };
    let wanted = json!({ "name": "scraper", "rights": ["metrics.read"] });
    let made = house.admin(Method::POST, "/admin/api-keys", &wanted).await;
    let scraper = made.body["data"]["api_key"].as_str().unwrap();
    let (of_the_shop, _) = house.key(&["metrics.read"]).await;
    let (other, _) = house.key(&["gateway.*"]).await;
    assert_eq!(ask(&[]).await, 401);
    assert_eq!(ask(&[("apikey", &other)]).await, 403);
    assert_eq!(ask(&[("apikey", &of_the_shop)]).await, 403);
    assert_eq!(ask(&[("apikey", ADMIN)]).await, 200);
    let bearer = format!("Bearer {scraper}");
    let page = page(&house.gateway, &[("authorization", &bearer)]).await;
    assert_eq!(page.value("athena_gateway_auth_client_configured", &[]), Some(1.0));
    let off = json!({ "enforce_api_keys": false });
    house.admin(Method::PUT, "/admin/api-key-config", &off).await;
    assert_eq!(ask(&[]).await, 200);
}

#[tokio::test]
async fn where_it_is_switched_off_there_is_no_such_page() {
    let settings = ApiSettings { metrics: false, ..ApiSettings::default() };
    let gateway = TestGateway::with(Access::open(), settings);
    assert_eq!(gateway.call(Method::GET, METRICS, &[], "").await.refusal().0, 404);
    assert_eq!(gateway.post("/gateway/fetch", INVOICES).await.status, 200);
}

#[tokio::test]
async fn admission_and_the_queue_are_counted_and_the_scrape_is_never_turned_away() {
    let window = Duration::from_secs(60);
    let limits =
        Limits { enabled: true, window, global: 100, client: 2, identity: 0, ..Limits::default() };
    let later = Later::limited(limits).await;
    for _ in 0..3 {
        later.gateway.post("/gateway/fetch", INVOICES).await;
    }
    for _ in 0..200 {
        page(&later.gateway, &[]).await;
    }
    let seen = page(&later.gateway, &[]).await;
    let decided = |decision, scope| {
        let of = [("decision", decision), ("scope", scope)];
        seen.value("athena_admission_decisions_total", &of)
    };
    assert_eq!((decided("admitted", ""), decided("rejected", "client")), (Some(2.0), Some(1.0)));
    assert_eq!(decided("deferred", "client"), Some(0.0));

    let later = Later::open(quick()).await;
    let headers = [("x-athena-client", "shop"), ("x-athena-defer", "true")];
    let filed = later.gateway.call(Method::POST, "/gateway/fetch", &headers, INVOICES).await;
    assert_eq!(filed.status, 202, "{filed:?}");
    let seen = page(&later.gateway, &[]).await;
    let queued = [("kind", "gateway_fetch"), ("status", "queued")];
    assert_eq!(seen.value("athena_gateway_deferred_events_total", &queued), Some(1.0));
    let waiting = [("status", "queued")];
    assert_eq!(seen.value("athena_gateway_deferred_queue_requests", &waiting), Some(1.0));
    assert_eq!(seen.value("athena_gateway_deferred_queue_storage_up", &[]), Some(1.0));
    assert_eq!(seen.value("athena_gateway_deferred_queue_requests_total", &[]), Some(1.0));
}

#[tokio::test]
async fn public_routes_the_feed_and_the_logs_are_counted() {
    let office = Office::build().await;
    let route = json!({
        "route_key": "ships", "client_name": "shop", "table_name": "ships", "allowed_ops": ["fetch"]
    });
    office.data_of(Method::POST, "/admin/public-routes", &route).await;
    let public = async |path: &str| office.node.call(Method::POST, path, &[], "{}").await.status;
    assert_eq!(public("/public/ships/fetch").await, 200);
    assert_eq!(public("/public/nowhere/fetch").await, 404);
    assert_eq!(public("/public/ships/delete").await, 403);
    office.flush().await;
    let seen = page(&office.node, &[("apikey", ADMIN)]).await;
    let lookup = |status| {
        let of = [("operation", "public_route_lookup"), ("status", status)];
        seen.value("athena_management_mutations_total", &of)
    };
    assert_eq!(lookup("hit"), Some(1.0));
    assert_eq!(lookup("route_not_found"), Some(1.0));
    assert_eq!(lookup("op_not_allowed"), Some(1.0));
    // The route says which client it is, and no header does.
    let of = [("client", "shop"), ("route_group", "gateway"), ("status_family", "2xx")];
    assert_eq!(seen.sum("athena_http_requests_by_client_total", &of), 1.0);
    assert_eq!(seen.value("athena_change_feed_up", &[]), Some(1.0));
    assert_eq!(seen.value("athena_requests_last_24h", &[]), Some(1.0));
    assert_eq!(seen.value("athena_log_rows_dropped_total", &[("log", "requests")]), Some(0.0));
    let open = [("client", "shop"), ("pool", "reads"), ("state", "size")];
    assert!(seen.value("athena_pg_pool_connections", &open).unwrap() >= 1.0);
}
