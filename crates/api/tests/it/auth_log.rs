//! What is written down of keys that were shown.

use crate::{
    access::{ADMIN, FETCH, House, INVOICES, KEYS},
    support::{Reply, TestGateway},
};
use api::{ApiSettings, Proxies};
use axum::{body::Body, extract::ConnectInfo};
use http::{Method, Request};
use serde_json::{Value, json};
use std::net::SocketAddr;

const LOG: &str = "/admin/api-key-auth-log";

/// The entries so far, oldest first, without those of looking.
async fn entries(house: &House, query: &str) -> Vec<Value> {
    // What was recorded before is written when the queue is written to its end.
    house.uses.close().await;
    let listed = house.admin(Method::GET, &format!("{LOG}{query}"), &Value::Null).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let mut all = listed.body["data"]["entries"].as_array().unwrap().clone();
    all.reverse();
    all.retain(|entry| entry["path"] != LOG && entry["path"] != KEYS);
    all
}

fn told(entry: &Value) -> (&str, bool, bool) {
    let flag = |name: &str| entry[name].as_bool().unwrap();
    (entry["failure_reason"].as_str().unwrap(), flag("authenticated"), flag("authorized"))
}

#[tokio::test]
async fn every_use_and_every_refusal_is_written_down_with_its_reason_and_no_secret() {
    let house = House::build().await;
    let (key, id) = house.key(&["invoices.read"]).await;
    let (closed, closed_id) = house.key(&["invoices.read"]).await;
    house
        .admin(Method::PATCH, &format!("{KEYS}/{closed_id}"), &json!({ "is_active": false }))
        .await;
    let wrong = format!("{}.wrong", key.split('.').next().unwrap());
    for shown in [&key, &wrong, &closed] {
        house.fetch(&[("apikey", shown), ("user-agent", "a program")], INVOICES).await;
    }
    house.fetch_with("nonsense", INVOICES).await;
    house.fetch(&[], INVOICES).await;
    house.fetch_with(&key, r#"{"table_name":"secrets"}"#).await;
    let books = [("x-athena-client", "books"), ("apikey", key.as_str())];
    house.gateway.call(Method::POST, FETCH, &books, INVOICES).await;
    house.gateway.call(Method::GET, "/rest/v1/secrets", &[("x-athena-client", "shop")], "").await;
    let all = entries(&house, "").await;
    let all: Vec<&Value> =
        all.iter().filter(|entry| !entry["path"].as_str().unwrap().starts_with(KEYS)).collect();
    let reasons: Vec<_> = all.iter().map(|entry| told(entry)).collect();
    assert_eq!(
        reasons,
        [
            ("api_key_authenticated", true, true),
            ("invalid_api_key_secret", false, false),
            ("inactive_api_key", false, false),
            ("invalid_api_key_format", false, false),
            ("missing_api_key", false, false),
            ("missing_api_key_rights", true, false),
            ("api_key_client_mismatch", true, false),
            ("missing_api_key", false, false),
        ]
    );
    let first = all[0];
    assert_eq!((&first["method"], &first["path"]), (&json!("POST"), &json!(FETCH)));
    assert_eq!(
        (&first["client_name"], &first["user_agent"]),
        (&json!("shop"), &json!("a program"))
    );
    assert_eq!(first["granted_rights"], json!(["invoices.read"]));
    assert_eq!(first["presented_key_hash"], Value::Null);
    assert_eq!(first["api_key_public_id"], key[4..20]);
    assert_eq!(all[5]["required_rights"], json!(["secrets.read"]));
    assert!(all[1]["presented_key_hash"].as_str().is_some_and(|digest| digest.len() == 64));
    let secret = key.split('.').nth(1).unwrap();
    let check = format!(
        "do $$ begin
             assert not exists (select from api_key_auth_log l where strpos(l::text, '{secret}') > 0);
             assert not exists (select from api_key_auth_log l where strpos(l::text, 'nonsense') > 0);
             assert (select api_key_id from api_key_auth_log where path = '{FETCH}' order by id limit 1)
                  = (select id from api_keys where api_keys_id = '{id}');
         end $$"
    );
    house.database.run(&check).await;
}

#[tokio::test]
async fn uses_beyond_their_room_are_counted_and_every_refusal_is_written() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    for _ in 0..230 {
        assert_eq!(house.fetch_with(&key, INVOICES).await.status, 200);
    }
    for _ in 0..5 {
        house.fetch_with("nonsense", INVOICES).await;
    }
    assert_eq!(entries(&house, "?authorized=false&limit=500").await.len(), 5);
    let path = format!("{LOG}?authorized=true&public_id={}&limit=500", &key[4..20]);
    let listed = house.admin(Method::GET, &path, &Value::Null).await;
    let written = listed.body["data"]["entries"].as_array().unwrap().len() as u64;
    let skipped = listed.body["data"]["skipped"].as_u64().unwrap();
    assert_eq!(written + skipped, 230, "{written} and {skipped}");
}

#[tokio::test]
async fn the_log_is_filtered_and_paged_and_an_unknown_filter_is_refused() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    let (other, _) = house.key(&["secrets.read"]).await;
    for key in [&key, &other, &key] {
        house.fetch_with(key, INVOICES).await;
    }
    let by_key = entries(&house, &format!("?public_id={}", &key[4..20])).await;
    assert_eq!(by_key.len(), 2);
    assert_eq!(entries(&house, "?reason=missing_api_key_rights").await.len(), 1);
    assert_eq!(entries(&house, "?authorized=false&client=SHOP").await.len(), 1);
    assert!(entries(&house, "?since=2131-01-01T00:00:00Z").await.is_empty());
    assert_eq!(entries(&house, "?until=2131-01-01T00:00:00Z&client=shop&limit=1").await.len(), 1);
    assert_eq!(entries(&house, "?client=shop&offset=1").await.len(), 2);
    for (query, code) in [
        ("?nonsense=1", "invalid_query"),
        ("?limit=many", "invalid_query"),
        ("?since=yesterday", "invalid_timestamp"),
    ] {
        let refused = house.admin(Method::GET, &format!("{LOG}{query}"), &Value::Null).await;
        assert_eq!((refused.status, refused.refusal().1), (400, code), "{query}");
    }
}

#[tokio::test]
async fn administrators_and_those_who_are_none_are_in_the_log_too() {
    let house = House::build().await;
    let registry = "/router/registry";
    let (key, _) = house.key(&["registry.read"]).await;
    for headers in [&[("apikey", "guess")], &[("apikey", ADMIN)], &[("apikey", key.as_str())]] {
        house.gateway.call(Method::GET, registry, headers, "").await;
    }
    house.gateway.call(Method::GET, registry, &[], "").await;
    let all = entries(&house, "").await;
    let reasons: Vec<_> = all.iter().map(told).collect();
    assert_eq!(
        reasons,
        [
            ("invalid_admin_key", false, false),
            ("admin_key_authenticated", true, true),
            ("api_key_authenticated", true, true),
            ("invalid_admin_key", false, false),
        ]
    );
    assert_eq!(all[2]["required_rights"], json!(["registry.read"]));
}

/// A request as it comes from an address.
async fn from(gateway: &TestGateway, peer: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::post(FETCH).header("x-athena-client", "shop");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(INVOICES)).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    gateway.send(request).await
}

#[tokio::test]
async fn where_a_request_comes_from_only_trusted_proxies_may_say() {
    let house = House::build().await;
    let settings = ApiSettings {
        trusted_proxies: Proxies::new([("10.0.0.0".parse().unwrap(), 8)]),
        ..ApiSettings::default()
    };
    let trusting = TestGateway::around(house.gateway.gateway.clone(), settings);
    let said = [("x-forwarded-for", "203.0.113.9"), ("apikey", "nonsense")];
    from(&trusting, "10.0.0.1:1", &said).await;
    from(&trusting, "198.51.100.7:1", &said).await;
    from(&house.gateway, "10.0.0.1:1", &said).await;
    let all = entries(&house, "").await;
    let from: Vec<&str> = all.iter().map(|entry| entry["remote_addr"].as_str().unwrap()).collect();
    assert_eq!(from, ["203.0.113.9", "198.51.100.7", "10.0.0.1"]);
}

#[tokio::test]
async fn who_guesses_at_the_admin_key_is_told_to_wait_and_others_are_not() {
    let house = House::build().await;
    let guess = async |peer: &str, key: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request =
            Request::get(KEYS).header("x-athena-key", key).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        house.gateway.send(request).await
    };
    let mut last = guess("192.0.2.1:1", "guess").await;
    for number in 0..15 {
        last = guess("192.0.2.1:1", &format!("guess {number}")).await;
    }
    assert_eq!((last.status, last.refusal().1), (429, "too_many_wrong_keys"));
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(guess("192.0.2.2:1", ADMIN).await.status, 200);
    // Nor does a page that shows more to administrators tell who guessed right.
    let peer: SocketAddr = "192.0.2.1:2".parse().unwrap();
    let mut request =
        Request::get("/health").header("x-athena-key", ADMIN).body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let health = house.gateway.send(request).await;
    assert_eq!((health.status, health.body["data"].get("pools")), (200, None));
}
