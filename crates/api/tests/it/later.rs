//! A gateway that puts requests off, with keys, a store and a worker that is started when wanted.

use crate::support::{Reply, TestGateway, client, shop};
use api::ApiSettings;
use axum::extract::ConnectInfo;
use backend::{Backend, fake::FakeBackend};
use gateway::{
    Access, Admission, ClientInfo, Deferred, DeferredSettings, DeferredWorker, Desk, Gateway,
    GatewaySettings, Keyring, Limits,
};
use http::{Method, Request};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use store::{AdmissionLog, ChangeFeed, Store};
use test_support::TestDatabase;

pub const ADMIN: &str = "the admin's own key";

pub struct Later {
    pub gateway: TestGateway,
    pub database: Arc<TestDatabase>,
    pub log: AdmissionLog,
}

/// Quick to try again, so that tests are.
pub fn quick() -> DeferredSettings {
    DeferredSettings {
        poll: Duration::from_millis(50),
        lease: Duration::from_secs(2),
        drain: Duration::from_secs(2),
        ..DeferredSettings::default()
    }
}

impl Later {
    /// No key is demanded.
    pub async fn open(settings: DeferredSettings) -> Self {
        Self::build(settings, Limits::default(), false).await
    }

    pub async fn keyed(settings: DeferredSettings) -> Self {
        Self::build(settings, Limits::default(), true).await
    }

    pub async fn limited(limits: Limits) -> Self {
        Self::build(quick(), limits, false).await
    }

    pub async fn build(settings: DeferredSettings, limits: Limits, is_keyed: bool) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let store = Store::open(database.uri()).unwrap();
        store.migrate().await.unwrap();
        Self::beside(database, settings, limits, is_keyed).await
    }

    /// A node with this database as its store.
    pub async fn beside(
        database: Arc<TestDatabase>,
        settings: DeferredSettings,
        limits: Limits,
        is_keyed: bool,
    ) -> Self {
        let store = Store::open(database.uri()).unwrap();
        let feed = ChangeFeed::start(store.clone());
        let log = AdmissionLog::start(store.clone());
        let access = if is_keyed {
            Access::with_keyring(&Keyring::start(store.clone()).await)
        } else {
            Access::open()
        };
        let access = access
            .administered(ADMIN)
            .remembering(store.clone())
            .admitting(Admission::start(limits, false, (store.clone(), &feed, log.clone())))
            .deferring(Deferred::new(store.clone(), feed.clone(), settings))
            .administering(Desk::new(store.clone(), feed));
        let gateway = Gateway::new(GatewaySettings::default(), access);
        let gateway = TestGateway::around(gateway, ApiSettings::default());
        Self { gateway, database, log }
    }

    /// The same client, answered by another backend.
    pub fn answered_by(&self, backend: Arc<dyn Backend>) {
        let registry = self.gateway.gateway.registry();
        registry.add(client("shop"), backend, ClientInfo::default());
    }

    pub fn another_fake(&self) -> Arc<FakeBackend> {
        let fake = Arc::new(FakeBackend::new(shop()));
        self.answered_by(Arc::clone(&fake) as _);
        fake
    }

    pub fn work(&self) -> DeferredWorker {
        DeferredWorker::start(&self.gateway.gateway).unwrap()
    }

    pub async fn key(&self, rights: &[&str]) -> (String, String) {
        self.key_of("shop", rights).await
    }

    pub async fn key_of(&self, client: &str, rights: &[&str]) -> (String, String) {
        let wanted = json!({ "name": "test", "client_name": client, "rights": rights });
        let made = self.admin(Method::POST, "/admin/api-keys", &wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made.body["data"]["api_key"]), text(&made.body["data"]["record"]["id"]))
    }

    pub async fn admin(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.gateway.call(method, path, &[("x-athena-key", ADMIN)], &body).await
    }

    pub async fn later(&self, path: &str, key: &str, more: &[(&str, &str)], body: &str) -> Reply {
        let mut headers = vec![("x-athena-client", "shop"), ("x-athena-defer", "TRUE")];
        if !key.is_empty() {
            headers.push(("x-athena-key", key));
        }
        headers.extend_from_slice(more);
        let method = match path {
            "/gateway/insert" => Method::PUT,
            "/gateway/delete" => Method::DELETE,
            _ => Method::POST,
        };
        self.gateway.call(method, path, &headers, body).await
    }

    /// File it, and answer its id.
    pub async fn file(&self, path: &str, key: &str, body: &str) -> String {
        let filed = self.later(path, key, &[], body).await;
        assert_eq!(filed.status, 202, "{filed:?}");
        id_of(&filed)
    }

    pub async fn status(&self, id: &str) -> Value {
        let reply = self.admin(Method::GET, &format!("/gateway/deferred/{id}"), &Value::Null).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["data"].clone()
    }

    /// Until it is over.
    pub async fn over(&self, id: &str) -> Value {
        for _ in 0..1_000 {
            let status = self.status(id).await;
            if !matches!(status["status"].as_str(), Some("queued" | "running")) {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it does not end: {}", self.status(id).await);
    }

    /// A request from this address.
    pub async fn asked_from(&self, peer: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::post("/gateway/fetch").header("x-athena-client", "shop");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer: SocketAddr = peer.parse().unwrap();
        let body = r#"{"table_name":"invoices"}"#.into();
        self.gateway.send(request.extension(ConnectInfo(peer)).body(body).unwrap()).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut connection = self.database.connect().await;
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }
}

pub fn id_of(reply: &Reply) -> String {
    reply.body["data"]["request_id"].as_str().unwrap().to_owned()
}
