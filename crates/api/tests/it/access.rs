//! Keys and what they open.

use crate::support::{Reply, TestGateway, client, shop};
use api::ApiSettings;
use auth::Peppers;
use backend::fake::FakeBackend;
use catalog::{ForeignKey, Ident, SchemaCache, Table};
use gateway::{
    Access, AuthTrail, CacheSettings, ClientInfo, Desk, Gateway, GatewaySettings, Kept, Keyring,
    observe::OperationSink,
};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{AuthLog, ChangeFeed, LogSettings, OperationLog, Store};
use test_support::TestDatabase;

pub const ADMIN: &str = "the admin's own key";
pub const KEYS: &str = "/admin/api-keys";
pub const FETCH: &str = "/gateway/fetch";
pub const INVOICES: &str = r#"{"table_name":"invoices"}"#;

/// A gateway that demands keys, and its store.
pub struct House {
    pub gateway: TestGateway,
    pub store: Store,
    pub database: TestDatabase,
    log: OperationLog,
    pub uses: AuthLog,
}

impl House {
    pub async fn build() -> Self {
        Self::around(|access| {
            let settings = GatewaySettings::default();
            Gateway::new(settings, access)
        })
        .await
    }

    /// The same, with keys read from addresses as well.
    pub async fn reading_addresses() -> Self {
        Self::around(|access| {
            Gateway::new(GatewaySettings::default(), access.reading_addresses(true))
        })
        .await
    }

    /// The same, with answers kept.
    pub async fn caching() -> Self {
        Self::around(|access| {
            let settings = GatewaySettings::default();
            Gateway::caching(settings, access, &CacheSettings::default()).unwrap()
        })
        .await
    }

    pub async fn around(gateway: impl FnOnce(Access) -> Gateway) -> Self {
        let database = TestDatabase::create().await;
        let store = Store::open(database.uri()).unwrap();
        store.migrate().await.unwrap();
        let log = OperationLog::start(store.clone(), LogSettings::default());
        let peppers = Peppers::parse(&"pepper ".repeat(8)).unwrap();
        let keyring = Keyring::peppered(store.clone(), peppers.clone()).await;
        let uses = AuthLog::start(store.clone(), LogSettings::default());
        let access = Access::with_keyring(&keyring)
            .administered(ADMIN)
            .administering(Desk::new(store.clone(), ChangeFeed::start(store.clone())))
            .trailed(AuthTrail::new(uses.clone(), &peppers, Kept::All { per_second: 100 }))
            .logged(Arc::new(OperationSink(log.clone())));
        let gateway = TestGateway::around(gateway(access), ApiSettings::default());
        Self { gateway, store, database, log, uses }
    }

    pub async fn admin(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.gateway.call(method, path, &[("x-athena-key", ADMIN)], &body).await
    }

    /// A key for the shop with these rights: its text and its id.
    pub async fn key(&self, rights: &[&str]) -> (String, String) {
        let wanted = json!({ "name": "test", "client_name": "Shop", "rights": rights });
        let made = self.admin(Method::POST, KEYS, &wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made.body["data"]["api_key"]), text(&made.body["data"]["record"]["id"]))
    }

    pub async fn fetch(&self, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut all = vec![("x-athena-client", "shop")];
        all.extend_from_slice(headers);
        self.gateway.call(Method::POST, FETCH, &all, body).await
    }

    pub async fn fetch_with(&self, key: &str, body: &str) -> Reply {
        self.fetch(&[("apikey", key)], body).await
    }
}

#[tokio::test]
async fn every_carrier_opens_and_none_is_told_that_a_key_is_needed() {
    let house = House::build().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let bearer = format!("Bearer {key}");
    for header in [
        ("x-athena-key", key.as_str()),
        ("apikey", &key),
        ("x-api-key", &key),
        ("authorization", &bearer),
    ] {
        assert_eq!(house.fetch(&[header], INVOICES).await.status, 200, "{}", header.0);
    }
    let path = format!("{FETCH}?api_key={key}");
    let in_address = house.gateway.post(&path, INVOICES).await;
    let text = "A key is not read from the query parameter 'api_key'";
    assert_eq!(in_address.refusal(), (401, "key_in_address", text));
    let without = house.fetch(&[], INVOICES).await;
    assert_eq!(without.refusal(), (401, "api_key_required", "API key required"));
}

#[tokio::test]
async fn a_key_in_the_parameter_that_leaks_is_refused_with_its_reason_and_not_logged() {
    let house = House::reading_addresses().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let refused = house.gateway.post(&format!("{FETCH}?apikey={key}"), INVOICES).await;
    let text = "A key is not read from the query parameter 'apikey'";
    assert_eq!(refused.refusal(), (401, "key_in_address", text));
    assert!(!refused.body.to_string().contains(&key));
    // What is read from an address must not be written down either.
    let read = house.gateway.post(&format!("{FETCH}?api_key={key}"), INVOICES).await;
    assert_eq!(read.status, 200, "{read:?}");
    house.log.close().await;
    house.uses.close().await;
    let secret = key.split_once('.').unwrap().1;
    let check = format!(
        "do $$ begin
             assert (select count(*) from gateway_operation_log) = 1, 'one operation';
             assert not exists (select from gateway_operation_log l where strpos(l::text, '{secret}') > 0), 'a leak';
             assert (select count(*) from api_key_auth_log) = 3, 'three uses';
             assert not exists (select from api_key_auth_log l where strpos(l::text, '{secret}') > 0), 'a leak';
         end $$"
    );
    house.database.run(&check).await;
}

#[tokio::test]
async fn one_key_in_many_headers_is_fine_and_two_keys_are_not() {
    let house = House::build().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let bearer = format!("Bearer {key}");
    let same = [("x-athena-key", key.as_str()), ("apikey", &key), ("authorization", &bearer)];
    assert_eq!(house.fetch(&same, INVOICES).await.status, 200);
    let (other, _) = house.key(&["gateway.read"]).await;
    let two = house.fetch(&[("x-athena-key", &key), ("apikey", &other)], INVOICES).await;
    assert_eq!(two.refusal(), (400, "several_keys", "Several different API keys were presented"));
}

#[tokio::test]
async fn every_wrong_key_is_refused_in_the_same_words() {
    let house = House::build().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let (closed, id) = house.key(&["gateway.read"]).await;
    let reply = house.admin(Method::DELETE, &format!("{KEYS}/{id}"), &Value::Null).await;
    assert_eq!((reply.status, &reply.body["data"]), (200, &json!({ "id": id })));
    let (over, id) = house.key(&["gateway.read"]).await;
    house
        .database
        .run(&format!("update api_keys set expires_at = now() where api_keys_id = '{id}'"))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let wrong_secret = format!("{}.wrong", key.split_once('.').unwrap().0);
    let unknown = "ath_0000000000000000.wrong";
    for wrong in [wrong_secret.as_str(), unknown, "nonsense", &closed, &over, ADMIN] {
        let refused = house.fetch_with(wrong, INVOICES).await;
        let expected = json!({
            "status": "error", "code": "invalid_api_key", "status_code": 401,
            "message": "Invalid API key", "error": "Invalid API key",
        });
        assert_eq!(refused.stable(), expected, "{}", wrong.len());
    }
    assert_eq!(house.gateway.statements(), 0);
}

#[tokio::test]
async fn a_missing_right_is_named_and_nothing_runs() {
    let house = House::build().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    let headers = [("x-athena-client", "shop"), ("apikey", key.as_str())];
    let body = r#"{"table_name":"invoices","insert_body":{"status":"paid"}}"#;
    let refused = house.gateway.call(Method::PUT, "/gateway/insert", &headers, body).await;
    assert_eq!(refused.refusal(), (403, "missing_right", "Insufficient API key rights"));
    assert_eq!(refused.body["details"]["missing_rights"], json!(["invoices.write"]));
    assert_eq!(house.gateway.statements(), 0);
}

#[tokio::test]
async fn a_key_of_another_client_learns_nothing_of_this_one() {
    let house = House::build().await;
    let wanted = json!({ "name": "test", "client_name": "other", "rights": ["*"] });
    let made = house.admin(Method::POST, KEYS, &wanted).await;
    let key = made.body["data"]["api_key"].as_str().unwrap();
    let refused = house.fetch_with(key, INVOICES).await;
    let text = "API key client mismatch";
    assert_eq!(refused.refusal(), (403, "api_key_client_mismatch", text));
    for path in ["/schema/tables", "/schema/columns?table_name=invoices"] {
        for client in ["shop", "nobody"] {
            let headers = [("x-athena-client", client), ("apikey", key)];
            let refused = house.gateway.call(Method::GET, path, &headers, "").await;
            assert_eq!(refused.refusal(), (403, "api_key_client_mismatch", text), "{client}");
        }
    }
}

#[tokio::test]
async fn a_key_for_one_table_cannot_tell_other_tables_from_none() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 200);
    let there = house.fetch_with(&key, r#"{"table_name":"secrets"}"#).await;
    let nowhere = house.fetch_with(&key, r#"{"table_name":"nowhere"}"#).await;
    assert_eq!(there.refusal(), (403, "missing_right", "Insufficient API key rights"));
    assert_eq!(there.refusal(), nowhere.refusal());
    let headers = [("x-athena-client", "shop"), ("apikey", key.as_str())];
    let tables = house.gateway.call(Method::GET, "/schema/tables", &headers, "").await;
    assert_eq!(tables.body["tables"].as_array().unwrap().len(), 1);
    let path = "/schema/columns?table_name=secrets";
    let columns = house.gateway.call(Method::GET, path, &headers, "").await;
    assert_eq!((columns.status, &columns.body["code"]), (404, &json!("unknown_table")));
}

/// Invoices that point at secrets.
fn mart() -> SchemaCache {
    let known = shop();
    let tables = known.tables().map(|table| {
        let mut table = Table::clone(table);
        if table.name.name.as_str() == "invoices" {
            let secrets = known.table(None, "secrets").unwrap();
            let id = secrets.primary_key.clone();
            table.foreign_keys = vec![ForeignKey {
                name: Ident::parse("invoices_secret_fkey").unwrap(),
                columns: id.clone(),
                target: secrets.name.clone(),
                target_columns: id,
            }];
        }
        table
    });
    let path = vec!["public".to_owned()];
    SchemaCache::new("PostgreSQL 15.18".to_owned(), path, tables.collect(), Vec::new())
}

#[tokio::test]
async fn what_is_embedded_needs_a_right_of_its_own() {
    let house = House::build().await;
    let backend = Arc::new(FakeBackend::new(mart()));
    let registry = house.gateway.gateway.registry();
    registry.add(client("mart"), Arc::clone(&backend) as _, ClientInfo::default());
    let key = async |rights: &[&str]| {
        let wanted = json!({ "name": "test", "client_name": "mart", "rights": rights });
        let made = house.admin(Method::POST, KEYS, &wanted).await;
        made.body["data"]["api_key"].as_str().unwrap().to_owned()
    };
    let fetch = async |key: &str, select: &str| {
        let body = json!({ "table_name": "invoices", "select": select }).to_string();
        let headers = [("x-athena-client", "mart"), ("x-athena-key", key)];
        house.gateway.call(Method::POST, FETCH, &headers, &body).await
    };
    let narrow = key(&["invoices.read"]).await;
    for select in ["id,secrets(text)", "id,secrets!inner(id)"] {
        let refused = fetch(&narrow, select).await;
        assert_eq!((refused.status, refused.refusal().1), (403, "missing_right"), "{refused:?}");
        assert!(refused.text.contains("secrets.read"), "{refused:?}");
    }
    // Nor are the names of its columns told.
    let curious = fetch(&narrow, "id,secrets(nope)").await;
    assert!(!curious.text.contains("\"text\""), "{curious:?}");
    assert!(backend.seen().is_empty());
    let writes = key(&["invoices.write", "invoices.read"]).await;
    let headers = [("x-athena-client", "mart"), ("x-athena-key", writes.as_str())];
    let body = r#"{"table_name":"invoices","insert_body":{"id":1},"select":"id,secrets(text)"}"#;
    let written = house.gateway.call(Method::PUT, "/gateway/insert", &headers, body).await;
    assert_eq!((written.status, written.refusal().1), (403, "missing_right"), "{written:?}");
    assert!(backend.seen().is_empty());
    let wide = key(&["invoices.read", "secrets.read"]).await;
    assert_eq!(fetch(&wide, "id,secrets(text)").await.status, 200);
    assert_eq!(backend.seen().len(), 1);
}

#[tokio::test]
async fn the_admins_routes_open_for_the_admin_only() {
    let house = House::build().await;
    let (key, _) = house.key(&["*"]).await;
    let text = "Invalid or missing API key. Use X-Athena-Key.";
    for headers in [&[][..], &[("x-athena-key", "wrong")], &[("x-athena-key", &key)]] {
        for path in [KEYS, "/schema/clients"] {
            let refused = house.gateway.call(Method::GET, path, headers, "").await;
            assert_eq!(refused.refusal(), (401, "invalid_admin_key", text), "{path}");
        }
    }
    let path = format!("{KEYS}?api_key={}", ADMIN.replace(' ', "%20"));
    let in_address = house.gateway.call(Method::GET, &path, &[], "").await;
    assert_eq!((in_address.status, &in_address.body["code"]), (401, &json!("key_in_address")));
    assert_eq!(house.admin(Method::GET, "/schema/clients", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn without_an_admin_key_or_a_store_the_admins_routes_say_which() {
    let shown = [("x-athena-key", ADMIN)];
    let open = TestGateway::open();
    let reply = open.call(Method::GET, KEYS, &shown, "").await;
    assert_eq!(
        reply.refusal(),
        (500, "admin_key_not_configured", "ATHENA_KEY_12 is not configured")
    );
    let reply = open.call(Method::GET, KEYS, &[], "").await;
    assert_eq!(reply.status, 401, "who shows nothing learns nothing");
    let storeless = TestGateway::with(Access::open().administered(ADMIN), ApiSettings::default());
    let reply = storeless.call(Method::GET, KEYS, &shown, "").await;
    let text = "API key store is not configured";
    assert_eq!(reply.refusal(), (503, "auth_store_unavailable", text));
}

#[tokio::test]
async fn a_key_is_made_shown_once_listed_and_closed() {
    let house = House::build().await;
    let wanted = json!({
        "name": " reporting ", "description": "monthly", "client_name": "Shop",
        "expires_at": "2131-01-01T00:00:00Z", "rights": ["invoices.read", "gateway.write"],
    });
    let made = house.admin(Method::POST, KEYS, &wanted).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("success")));
    let key = made.body["data"]["api_key"].as_str().unwrap();
    let record = &made.body["data"]["record"];
    assert!(key.starts_with(&format!("ath_{}.", record["public_id"].as_str().unwrap())));
    assert_eq!(record["name"], "reporting");
    assert_eq!(record["client_name"], "shop");
    assert_eq!(record["expires_at"], "2131-01-01T00:00:00.000000Z");
    assert_eq!(record["rights"], json!(["gateway.write", "invoices.read"]));
    house.key(&[]).await;
    let listed = house.admin(Method::GET, KEYS, &Value::Null).await;
    let keys = listed.body["data"]["api_keys"].as_array().unwrap();
    assert_eq!((keys.len(), &keys[1]), (2, record));
    assert!(!listed.body.to_string().contains(key.split_once('.').unwrap().1));
    let page = house.admin(Method::GET, &format!("{KEYS}?limit=1&offset=1"), &Value::Null).await;
    assert_eq!(page.body["data"]["api_keys"], json!([record]));
    let path = format!("{KEYS}/{}", record["id"].as_str().unwrap());
    assert_eq!(house.admin(Method::DELETE, &path, &Value::Null).await.status, 200);
    assert_eq!(house.fetch_with(key, INVOICES).await.status, 401);
}

#[tokio::test]
async fn a_key_that_makes_no_sense_is_refused_by_its_field() {
    let house = House::build().await;
    for (wanted, code) in [
        (json!({}), "missing_field"),
        (json!({ "name": "" }), "missing_field"),
        (json!({ "name": "x", "client_name": "a b" }), "invalid_field"),
        (json!({ "name": "x", "expires_at": "soon" }), "invalid_timestamp"),
        (json!({ "name": "x", "rights": ["invoices.raed"] }), "unknown_right"),
        (json!({ "name": "x", "right": ["gateway.read"] }), "unknown_field"),
        (json!({ "name": "x", "rights": "gateway.read" }), "invalid_json"),
    ] {
        let refused = house.admin(Method::POST, KEYS, &wanted).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!(code)), "{wanted}");
    }
    let unknown = format!("{KEYS}/00000000-0000-0000-0000-000000000000");
    let refused = house.admin(Method::DELETE, &unknown, &Value::Null).await;
    assert_eq!(refused.refusal(), (404, "unknown_key", "API key not found"));
    let refused = house.admin(Method::DELETE, &format!("{KEYS}/7"), &Value::Null).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("invalid_id")));
    let refused = house.admin(Method::GET, &format!("{KEYS}?limit=many"), &Value::Null).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("invalid_query")));
}

#[tokio::test]
async fn keys_known_before_the_store_went_away_still_open() {
    let house = House::build().await;
    let (key, _) = house.key(&["gateway.read"]).await;
    house.store.close().await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 200);
    let refused = house.admin(Method::POST, KEYS, &json!({ "name": "x" })).await;
    assert_eq!((refused.status, &refused.body["code"]), (503, &json!("auth_store_unavailable")));
}

#[tokio::test]
async fn a_request_that_is_known_is_answered_only_to_whoever_may_still_ask() {
    let house = House::caching().await;
    let (key, id) = house.key(&["invoices.read"]).await;
    let (other, _) = house.key(&["secrets.read"]).await;
    for times in 1..=3 {
        let reply = house.fetch(&[("x-athena-key", &key)], INVOICES).await;
        assert_eq!((reply.status, house.gateway.statements()), (200, 1), "{times}: {reply:?}");
    }
    let reply = house.fetch(&[("x-athena-key", &other)], INVOICES).await;
    assert_eq!(reply.refusal().0, 403);
    assert_eq!(house.fetch(&[], INVOICES).await.refusal().0, 401);
    house.admin(Method::DELETE, &format!("{KEYS}/{id}"), &Value::Null).await;
    assert_eq!(house.fetch(&[("x-athena-key", &key)], INVOICES).await.refusal().0, 401);
}
