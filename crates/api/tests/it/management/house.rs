//! A gateway with keys and a control store in front of a PostgreSQL database of its own.

use crate::support::{Reply, TestGateway, client};
use api::ApiSettings;
use backend_postgres::{Postgres, PostgresSettings};
use gateway::{
    Access, CacheSettings, ClientInfo, Desk, Gateway, GatewaySettings, Keyring,
    admin::management::ManagementSettings,
};
use http::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{ChangeFeed, Store};
use test_support::TestDatabase;

pub const ADMIN: &str = "the admin's own key";

pub struct House {
    pub gateway: TestGateway,
    /// The client's database.
    pub shop: TestDatabase,
    /// The control store's.
    pub control: TestDatabase,
    /// A key for the shop that may do everything.
    pub key: String,
    store: Store,
    keyring: Keyring,
}

impl House {
    pub async fn build(sql: &str) -> Self {
        Self::with(sql, ManagementSettings::default()).await
    }

    pub async fn with(sql: &str, management: ManagementSettings) -> Self {
        let (shop, control) = tokio::join!(TestDatabase::create(), TestDatabase::create());
        shop.run(sql).await;
        let store = Store::open(control.uri()).unwrap();
        store.migrate().await.unwrap();
        let keyring = Keyring::start(store.clone()).await;
        let gateway = node(&store, &keyring, shop.uri(), management).await;
        let mut house = Self { gateway, shop, control, key: String::new(), store, keyring };
        house.key = house.key_with(&["*"], Some("shop")).await;
        house
    }

    /// Another gateway with the same store and the same client.
    pub async fn another_node(&self) -> TestGateway {
        node(&self.store, &self.keyring, self.shop.uri(), ManagementSettings::default()).await
    }

    pub async fn key_with(&self, rights: &[&str], client: Option<&str>) -> String {
        let wanted = json!({ "name": "test", "client_name": client, "rights": rights }).to_string();
        let headers = [("x-athena-key", ADMIN)];
        let made = self.gateway.call(Method::POST, "/admin/api-keys", &headers, &wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["data"]["api_key"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "").await
    }

    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.send(method, path, &body.to_string()).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &str) -> Reply {
        self.send_as(&self.key, method, path, body).await
    }

    pub async fn send_as(&self, key: &str, method: Method, path: &str, body: &str) -> Reply {
        let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
        self.gateway.call(method, path, &headers, body).await
    }

    /// With the admin key, at no client in particular.
    pub async fn admin(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.gateway.call(method, path, &[("x-athena-key", ADMIN)], &body).await
    }

    /// Put a client in front of a database.
    pub async fn add(&self, name: &str, uri: &str) {
        add(&self.gateway.gateway, name, uri).await;
    }

    /// The same, whether its catalog can be read or not.
    pub fn add_unread(&self, name: &str, uri: &str) {
        let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(uri).unwrap()));
        self.gateway.gateway.registry().add(client(name), backend, ClientInfo::default());
    }
}

async fn node(
    store: &Store,
    keyring: &Keyring,
    uri: &str,
    management: ManagementSettings,
) -> TestGateway {
    let desk = Desk::new(store.clone(), ChangeFeed::start(store.clone()));
    let access = Access::with_keyring(keyring).administered(ADMIN).administering(desk);
    let settings = GatewaySettings { management, ..GatewaySettings::default() };
    let gateway = Gateway::caching(settings, access, &CacheSettings::default()).unwrap();
    let gateway = TestGateway::around(gateway, ApiSettings::default());
    add(&gateway.gateway, "shop", uri).await;
    // Every test begins after the node has found out what was changed before it.
    tokio::time::sleep(Duration::from_millis(50)).await;
    gateway
}

async fn add(gateway: &Gateway, name: &str, uri: &str) {
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(uri).unwrap()));
    let upstream = gateway.registry().add(client(name), backend, ClientInfo::default());
    upstream.schema().await.unwrap();
}
