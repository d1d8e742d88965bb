//! Clients that are made, changed and removed while the gateway runs.

mod events;
mod federated;
mod lifecycle;
mod pools;
mod probing;
mod rebinding;
mod secrets;

use crate::support::{Reply, TestGateway, client};
use ::secrets::{KeySource, Kms, LocalKms, MasterKey};
use api::ApiSettings;
use datasources::Driver;
use drivers::Drivers;
use gateway::{
    Access, ClientInfo, Desk, Gateway, GatewaySettings, Keyring,
    admin::clients::{ClientsSetup, Configured},
    registry::{BackendFactory, ConnectPolicy, HostPolicy, Spec},
};
use http::Method;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use store::{ChangeFeed, RequestLog, RequestSettings, Store};
use tempfile::TempDir;
use test_support::TestDatabase;

const ADMIN: &str = "the admin's own key";
const BASE: &str = "/api/v1/datasources";

/// What one node is started with.
struct Wishes {
    key: Option<MasterKey>,
    policy: Arc<dyn ConnectPolicy>,
    /// Names of the configuration; each is an empty database in memory.
    configured: Vec<&'static str>,
    variables: Vec<(&'static str, String)>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            key: Some(MasterKey::generate().unwrap()),
            policy: Arc::new(HostPolicy::default()),
            configured: vec!["fixed"],
            variables: Vec::new(),
        }
    }
}

/// The control store, and a folder for files.
struct Ground {
    database: TestDatabase,
    folder: TempDir,
}

impl Ground {
    async fn lay() -> Self {
        let database = TestDatabase::create().await;
        let store = Store::open(database.uri()).unwrap();
        store.migrate().await.unwrap();
        Self { database, folder: tempfile::tempdir().unwrap() }
    }

    /// A SQLite file with one table and one row.
    async fn file(&self, name: &str, value: &str) -> PathBuf {
        use sqlx::{Connection, Executor};
        let path = self.folder.path().join(name);
        let uri = format!("sqlite://{}?mode=rwc", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&uri).await.unwrap();
        let made = format!("create table t (v text); insert into t values ('{value}')");
        connection.execute(sqlx::AssertSqlSafe(made)).await.unwrap();
        connection.close().await.unwrap();
        path
    }

    /// The only value of a query on the control store.
    async fn ask(&self, sql: &'static str) -> i64 {
        let mut connection = self.database.connect().await;
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }
}

/// One node, and a caller who may do everything.
struct Node {
    gateway: TestGateway,
    keyring: Keyring,
}

impl Node {
    async fn start(ground: &Ground, wishes: Wishes) -> Self {
        let store = Store::open(ground.database.uri()).unwrap();
        let keyring = Keyring::start(store.clone()).await;
        let desk = Desk::new(store.clone(), ChangeFeed::start(store.clone()));
        let requests = RequestLog::start(store, RequestSettings::default());
        let access = Access::with_keyring(&keyring)
            .administered(ADMIN)
            .administering(desk.clone())
            .logging_requests(requests);
        let gateway = Gateway::new(GatewaySettings::default(), access);
        gateway.keep_clients(setup(desk, wishes)).await;
        Self { gateway: TestGateway::around(gateway, ApiSettings::default()), keyring }
    }

    async fn stop(self) {
        self.gateway.gateway.close().await;
        self.keyring.close().await;
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        self.call_with(method, path, &[], body).await
    }

    async fn call_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Reply {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut all = vec![("x-athena-key", ADMIN)];
        all.extend_from_slice(headers);
        self.gateway.call(method, path, &all, &text).await
    }

    async fn create(&self, body: Value) -> Reply {
        self.call(Method::POST, BASE, body).await
    }

    /// Make a client that must come into being.
    async fn made(&self, body: Value) -> Value {
        let reply = self.create(body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.body["data"]["datasource"].clone()
    }

    async fn get(&self, name: &str) -> Reply {
        self.call(Method::GET, &format!("{BASE}/{name}"), Value::Null).await
    }

    async fn shown(&self, name: &str) -> Value {
        let reply = self.get(name).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["data"]["datasource"].clone()
    }

    async fn patch(&self, name: &str, body: Value) -> Reply {
        self.call(Method::PATCH, &format!("{BASE}/{name}"), body).await
    }

    async fn delete(&self, name: &str) -> Reply {
        self.call(Method::DELETE, &format!("{BASE}/{name}"), Value::Null).await
    }

    /// Read the table `t` of a client as anybody with a key for all data does.
    async fn fetch(&self, name: &str, key: &str) -> Reply {
        let headers = [("x-athena-client", name), ("apikey", key)];
        let body = json!({ "table_name": "t" }).to_string();
        self.gateway.call(Method::POST, "/gateway/fetch", &headers, &body).await
    }

    /// A key with these rights.
    async fn key(&self, rights: &[&str]) -> String {
        let wanted = json!({ "name": "test", "rights": rights });
        let made = self.call(Method::POST, "/admin/api-keys", wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["data"]["api_key"].as_str().unwrap().to_owned()
    }

    /// Until a client's status is this one; not for longer than ten seconds.
    async fn until(&self, name: &str, status: &str) -> Value {
        let began = Instant::now();
        loop {
            let shown = self.shown(name).await;
            if shown["status"] == status {
                return shown;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "not {status}: {shown}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn setup(desk: Desk, wishes: Wishes) -> ClientsSetup {
    let configured = wishes.configured.into_iter().map(|name| {
        let make = |_pool: &gateway::tuning::PoolTuning| {
            let body = json!({ "name": "memory", "driver": "memory" });
            let record = datasources::ClientRecord::create(body.as_object().unwrap(), &[]).unwrap();
            let statement_timeout = Duration::from_secs(5);
            let guard = Arc::new(backend::NoNames);
            let spec = Spec { record: &record, secret: None, statement_timeout, guard };
            Drivers.create(spec).ok().unwrap()
        };
        let known = Configured::new(client(name), Driver::Memory, ClientInfo::default(), make);
        known.defined(format!("config.yaml: clients.{name}"), Some("FIXED_URI".to_owned()))
    });
    let vault = wishes.key.map(|key| {
        let kms: Arc<dyn Kms> = Arc::new(LocalKms::new(KeySource::Given(vec![key])).unwrap());
        kms
    });
    let variables = wishes.variables;
    ClientsSetup {
        desk,
        factory: Arc::new(Drivers),
        policy: wishes.policy,
        vault,
        reserved: vec![client("athena_logging")],
        configured: configured.collect(),
        rest: Arc::default(),
        variables: Arc::new(move |wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.clone())
        }),
    }
}

/// A node on its own ground.
async fn alone() -> (Ground, Node) {
    let ground = Ground::lay().await;
    let node = Node::start(&ground, Wishes::default()).await;
    (ground, node)
}

fn memory(name: &str) -> Value {
    json!({ "name": name, "driver": "memory" })
}

fn sqlite(name: &str, path: &std::path::Path) -> Value {
    json!({ "name": name, "driver": "sqlite", "config": { "filename": path } })
}

/// The configuration of a client that leads to a test's database.
fn postgres(database: &TestDatabase) -> Value {
    let (rest, folder) = database.uri().split_once("?host=").unwrap();
    let user = rest.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let host = percent_decoded(folder);
    json!({ "host": host, "username": user, "database": database.name() })
}

fn percent_decoded(text: &str) -> String {
    text.replace("%2F", "/").replace("%2f", "/").replace("%2D", "-").replace("%2E", ".")
}

/// A server that says no to every password, as PostgreSQL does.
async fn refusing() -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = [0; 1024];
            let Ok(count) = stream.read(&mut heard).await else { continue };
            // A request for TLS has eight bytes.
            if count == 8 {
                let _ = stream.write_all(b"N").await;
                let _ = stream.read(&mut heard).await;
            }
            let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"me\" on secret-host\0\0";
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            let _ = stream.write_all(&[b"E", &length[..], fields].concat()).await;
        }
    });
    address
}
