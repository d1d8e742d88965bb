//! A gateway with a store, keys and an administrator, in front of a real database of ships; and
//! further nodes on the same store.

use crate::support::{Reply, TestGateway, client};
use api::{ApiSettings, ApiState};
use backend_postgres::{Postgres, PostgresSettings};
use gateway::{
    Access, CacheSettings, ClientInfo, Desk, Gateway, GatewaySettings, Keyring,
    observe::OperationSink,
};
use http::Method;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{ChangeFeed, LogSettings, OperationLog, RequestLog, RequestSettings, Store};
use test_support::TestDatabase;

pub const ADMIN: &str = "the admin's own key";

const TABLES: &str = "
    create table ships (id int primary key, name text, tenant int not null default 1, secret text);
    insert into ships values (1, 'Argo', 1, 'a'), (2, 'Boat', 1, 'b'), (3, 'Canoe', 2, 'c');
    create table crew (id int primary key, ship int references ships, name text, home_port text);
    insert into crew values (1, 1, 'Jason', 'Iolcus');
    create function launch(name text) returns void language sql
        as $$ insert into ships values (99, name) $$;
    create function fleet() returns setof ships language sql stable as $$ select * from ships $$;";

pub struct Office {
    pub node: TestGateway,
    pub store: Store,
    pub control: TestDatabase,
    pub data: TestDatabase,
    requests: RequestLog,
}

impl Office {
    pub async fn build() -> Self {
        Self::with(ApiSettings::default(), RequestSettings::default()).await
    }

    pub async fn with(settings: ApiSettings, logging: RequestSettings) -> Self {
        let (control, data) = (TestDatabase::create().await, TestDatabase::create().await);
        data.run(TABLES).await;
        let store = Store::open(control.uri()).unwrap();
        store.migrate().await.unwrap();
        let requests = RequestLog::start(store.clone(), logging);
        let node = node(&store, &data, settings, &requests).await;
        Self { node, store, control, data, requests }
    }

    /// Another process on the same store and the same database.
    pub async fn second(&self) -> TestGateway {
        node(&self.store, &self.data, ApiSettings::default(), &self.requests).await
    }

    pub async fn admin(&self, method: Method, path: &str, body: &Value) -> Reply {
        admin(&self.node, method, path, body).await
    }

    /// The data of an administrator's request that must succeed.
    pub async fn data_of(&self, method: Method, path: &str, body: &Value) -> Value {
        let reply = self.admin(method, path, body).await;
        assert!((200..300).contains(&reply.status), "{path} {reply:?}");
        reply.body["data"].clone()
    }

    pub async fn key(&self, rights: &[&str]) -> String {
        let wanted = json!({ "name": "test", "client_name": "shop", "rights": rights });
        let made = self.data_of(Method::POST, "/admin/api-keys", &wanted).await;
        made["api_key"].as_str().unwrap().to_owned()
    }

    /// Everything that was asked until now is written down.
    pub async fn flush(&self) {
        self.requests.flush().await;
    }

    /// One value out of the control store.
    pub async fn kept(&self, query: &str) -> String {
        let mut connection = self.control.connect().await;
        let query = sqlx::AssertSqlSafe(query.to_owned());
        let found: Option<String> =
            sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
        found.unwrap_or_default()
    }
}

async fn node(
    store: &Store,
    data: &TestDatabase,
    settings: ApiSettings,
    requests: &RequestLog,
) -> TestGateway {
    let log = OperationLog::start(store.clone(), LogSettings::default());
    let keyring = Keyring::start(store.clone()).await;
    let desk = Desk::new(store.clone(), ChangeFeed::start(store.clone()));
    let access = Access::with_keyring(&keyring)
        .administered(ADMIN)
        .logged(Arc::new(OperationSink(log.clone())))
        .counting(log)
        .logging_requests(requests.clone())
        .administering(desk);
    let own = GatewaySettings::default();
    let gateway = Gateway::caching(own, access, &CacheSettings::default()).unwrap();
    let mut node = TestGateway::around(gateway.clone(), settings.clone());
    let backend = Arc::new(Postgres::connect(&PostgresSettings::parse(data.uri()).unwrap()));
    let upstream = gateway.registry().add(client("shop"), backend, ClientInfo::default());
    upstream.schema().await.unwrap();
    node.router = api::surface(ApiState::new(gateway, settings));
    node
}

pub async fn admin(node: &TestGateway, method: Method, path: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    node.call(method, path, &[("x-athena-key", ADMIN)], &body).await
}

/// Ask until the answer is the right one; at most this long.
pub async fn until(limit: Duration, mut ask: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !ask().await {
        assert!(began.elapsed() < limit, "waited in vain");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    began.elapsed()
}
