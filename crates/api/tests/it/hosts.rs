//! Hosts that say which client is meant.

use crate::office::Office;
use api::{ApiSettings, HostPattern};
use http::Method;
use serde_json::json;
use store::RequestSettings;

async fn office() -> Office {
    let wildcard_hosts = vec![HostPattern::parse("*.api.example.com").unwrap()];
    let settings = ApiSettings { wildcard_hosts, ..ApiSettings::default() };
    Office::with(settings, RequestSettings::default()).await
}

#[tokio::test]
async fn a_hosts_label_is_a_routes_key_or_a_clients_name_and_a_header_wins() {
    let office = office().await;
    let key = office.key(&["gateway.read"]).await;
    let route = json!({"route_key": "ocean", "client_name": "shop", "allowed_ops": ["fetch"], "table_name": "crew"});
    office.data_of(Method::POST, "/admin/public-routes", &route).await;
    let fetch = async |headers: &[(&str, &str)]| {
        let mut all = vec![("x-athena-key", key.as_str())];
        all.extend_from_slice(headers);
        let reply = office
            .node
            .call(Method::POST, "/gateway/fetch", &all, r#"{"table_name":"ships"}"#)
            .await;
        (reply.status, reply.body["code"].as_str().unwrap_or_default().to_owned())
    };
    let ok = (200, String::new());
    let missing = (400, "missing_client_header".to_owned());
    for host in ["shop.api.example.com", "OCEAN.api.example.com:8080", "ocean.api.example.com."] {
        assert_eq!(fetch(&[("host", host)]).await, ok, "{host}");
    }
    for host in ["nobody.api.example.com", "a.shop.api.example.com", "shop.example.com", "[::1]"] {
        assert_eq!(fetch(&[("host", host)]).await, missing, "{host}");
    }
    let both = [("host", "shop.api.example.com"), ("x-athena-client", "other")];
    assert_ne!(fetch(&both).await, ok, "the header is what counts");
    // Who asks is found out as everywhere.
    let stranger = office
        .node
        .call(
            Method::POST,
            "/gateway/fetch",
            &[("host", "shop.api.example.com")],
            r#"{"table_name":"ships"}"#,
        )
        .await;
    assert_eq!(stranger.status, 401);
    let rest = [("x-athena-key", key.as_str()), ("host", "shop.api.example.com")];
    let rest = office.node.call(Method::GET, "/rest/v1/ships?select=id", &rest, "").await;
    assert_eq!(rest.status, 200, "{rest:?}");
    office.data_of(Method::PATCH, "/admin/public-routes/ocean", &json!({"is_active": false})).await;
    assert_eq!(fetch(&[("host", "ocean.api.example.com")]).await, missing);
    office.flush().await;
    let outcomes = office
        .kept("select string_agg(distinct outcome, ',' order by outcome) from gateway_route_request_log
               where source = 'wildcard_host'")
        .await;
    assert_eq!(outcomes, "resolved,route_inactive,route_not_found");
}

#[tokio::test]
async fn without_a_pattern_a_host_says_nothing() {
    let office = Office::build().await;
    let key = office.key(&["gateway.read"]).await;
    let headers = [("x-athena-key", key.as_str()), ("host", "shop.api.example.com")];
    let reply = office
        .node
        .call(Method::POST, "/gateway/fetch", &headers, r#"{"table_name":"ships"}"#)
        .await;
    assert_eq!(reply.body["code"], "missing_client_header");
}
