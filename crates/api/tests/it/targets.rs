//! Databases that callers name in a header.

use crate::support::{Reply, TestGateway, shop};
use api::ApiSettings;
use backend::{Backend, fake::FakeBackend};
use gateway::{
    Access, Keyring,
    registry::{AdHocError, AdHocRules, Connector, Target},
};
use http::Method;
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use store::Store;
use test_support::TestDatabase;

const SPELLINGS: [&str; 3] = ["x-jdbc-url", "x-athena-jdbc-url", "x-pg-uri"];
const ELSEWHERE: &str = "jdbc:postgresql://me:hunter2@8.8.8.8:5433/other";
const INVOICES: &str = r#"{"table_name":"invoices"}"#;

/// Every target leads to one fake database; it remembers the addresses.
struct Elsewhere {
    backend: Arc<FakeBackend>,
    addresses: Mutex<Vec<SocketAddr>>,
}

impl Connector for Elsewhere {
    fn connect(&self, _: &Target, address: SocketAddr) -> Result<Arc<dyn Backend>, AdHocError> {
        self.addresses.lock().unwrap().push(address);
        Ok(Arc::clone(&self.backend) as _)
    }
}

fn elsewhere(gateway: &TestGateway, rules: AdHocRules) -> Arc<Elsewhere> {
    let backend = Arc::new(FakeBackend::new(shop()));
    let elsewhere = Arc::new(Elsewhere { backend, addresses: Mutex::default() });
    gateway.gateway.open_to_targets(rules, Arc::clone(&elsewhere) as _);
    elsewhere
}

async fn fetch(gateway: &TestGateway, headers: &[(&str, &str)]) -> Reply {
    gateway.call(Method::POST, "/gateway/fetch", headers, INVOICES).await
}

#[tokio::test]
async fn every_spelling_on_every_operation_goes_to_the_named_database_and_nowhere_else() {
    let gateway = TestGateway::open();
    let other = elsewhere(&gateway, AdHocRules::default());
    let conditions = r#"{"table_name":"invoices","set":{"id":8},"conditions":[{"eq_column":"id","eq_value":7}]}"#;
    let mut expected = 0;
    for spelling in SPELLINGS {
        for (method, path, body) in [
            (Method::POST, "/gateway/fetch", INVOICES),
            (Method::POST, "/gateway/query", r#"{"query":"select 1"}"#),
            (Method::POST, "/gateway/sql", r#"{"query":"select 1"}"#),
            (Method::GET, "/data?view=invoices", ""),
            (Method::PUT, "/gateway/insert", r#"{"table_name":"invoices","insert_body":{"id":7}}"#),
            (Method::POST, "/gateway/update", conditions),
            (Method::DELETE, "/gateway/delete", r#"{"table_name":"invoices","resource_id":"7"}"#),
        ] {
            let headers = [("x-athena-client", "shop"), (spelling, ELSEWHERE)];
            let reply = gateway.call(method, path, &headers, body).await;
            assert_eq!(reply.status, 200, "{spelling} {path}: {reply:?}");
            expected += 1;
        }
    }
    let asked = other.backend.seen().len() + other.backend.scripts().len();
    assert_eq!(asked, expected);
    assert_eq!(gateway.statements(), 0, "the client of the other header was not asked");
    assert_eq!(*other.addresses.lock().unwrap(), ["8.8.8.8:5433".parse().unwrap()]);
}

#[tokio::test]
async fn an_answer_is_kept_for_one_credential_and_given_to_no_other() {
    let gateway = TestGateway::caching();
    let other = elsewhere(&gateway, AdHocRules::default());
    let ask = async |login: &str| {
        let url = format!("postgres://{login}@8.8.8.8:5433/other");
        let reply = fetch(&gateway, &[("x-jdbc-url", &url)]).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.header("x-athena-cache-outcome").unwrap_or_default().to_owned()
    };
    let first = ask("me:one").await;
    assert_eq!(ask("me:one").await, "hit_local", "{first}");
    assert_eq!(other.backend.seen().len(), 1);
    for login in ["me:two", "me", "you:one", "me:one%20"] {
        assert_ne!(ask(login).await, "hit_local", "{login}");
    }
    assert_eq!(other.backend.seen().len(), 5);
}

#[tokio::test]
async fn two_spellings_must_name_the_same_database() {
    let gateway = TestGateway::open();
    elsewhere(&gateway, AdHocRules::default());
    assert_eq!(
        fetch(&gateway, &[("x-jdbc-url", ELSEWHERE), ("x-pg-uri", ELSEWHERE)]).await.status,
        200
    );
    let headers = [("x-jdbc-url", ELSEWHERE), ("x-pg-uri", "postgres://me@8.8.4.4/other")];
    let reply = fetch(&gateway, &headers).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("several_values")));
}

#[tokio::test]
async fn nothing_private_is_reached_by_any_trick_and_no_refusal_repeats_the_address() {
    let gateway = TestGateway::open();
    let other = elsewhere(&gateway, AdHocRules::default());
    for (url, code) in [
        ("postgres://me:hunter2@127.0.0.1/d", "target_not_allowed"),
        ("postgres://me:hunter2@[::ffff:10.0.0.1]/d", "target_not_allowed"),
        ("postgres://me:hunter2@169.254.169.254/d", "target_not_allowed"),
        ("postgres://me:hunter2@localhost/d", "target_not_allowed"),
        ("postgres://me:hunter2@8.8.8.8/d?hostaddr=127.0.0.1", "invalid_jdbc_url"),
        ("postgres://me:hunter2@8.8.8.8/d?host=127.0.0.1", "invalid_jdbc_url"),
        ("postgres://me:hunter2@8.8.8.8/d?passfile=/etc/passwd", "invalid_jdbc_url"),
        ("postgres://me:hunter2@8.8.8.8@127.0.0.1/d", "invalid_jdbc_url"),
        ("postgres://me:hunter2@%2Fvar%2Frun/d", "invalid_jdbc_url"),
    ] {
        for spelling in SPELLINGS {
            let reply = fetch(&gateway, &[(spelling, url)]).await;
            assert_eq!((reply.status, &reply.body["code"]), (400, &json!(code)), "{url}");
            assert!(!reply.text.contains("hunter2") && !reply.text.contains("127.0.0.1"));
        }
    }
    assert!(other.addresses.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_settings_say_which_hosts_may_be_named() {
    let gateway = TestGateway::open();
    let allowed_hosts = vec!["8.8.4.4".to_owned(), "127.0.0.1".to_owned()];
    elsewhere(&gateway, AdHocRules { allowed_hosts, allow_private_hosts: true });
    let reply = fetch(&gateway, &[("x-pg-uri", ELSEWHERE)]).await;
    assert_eq!((reply.status, &reply.body["error"]), (400, &json!("Invalid target")));
    for host in ["8.8.4.4", "127.0.0.1"] {
        let url = format!("postgres://me@{host}/d");
        assert_eq!(fetch(&gateway, &[("x-pg-uri", &url)]).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn a_named_database_is_in_no_list_and_cannot_be_named_as_a_client() {
    let gateway = TestGateway::open();
    elsewhere(&gateway, AdHocRules::default());
    assert_eq!(fetch(&gateway, &[("x-pg-uri", ELSEWHERE)]).await.status, 200);
    let health = gateway.call(Method::GET, "/health", &[], "").await;
    assert_eq!(health.body["data"]["clients"]["registered"], 1);
    let cluster = gateway.call(Method::GET, "/health/cluster", &[], "").await;
    assert_eq!(cluster.body["total"], 1);
}

#[tokio::test]
async fn naming_a_database_needs_a_right_of_its_own_and_a_key_of_no_client() {
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    let keyring = Keyring::start(store.clone()).await;
    let access = Access::with_keyring(&keyring).administered("admin");
    let gateway = TestGateway::with(access, ApiSettings::default());
    let other = elsewhere(&gateway, AdHocRules::default());
    let make = async |client: Option<&str>, rights: &[&str]| {
        let wanted = json!({ "name": "k", "client_name": client, "rights": rights }).to_string();
        let headers = [("x-athena-key", "admin")];
        let made = gateway.call(Method::POST, "/admin/api-keys", &headers, &wanted).await;
        made.body["data"]["api_key"].as_str().unwrap().to_owned()
    };
    let right = make(None, &["gateway.jdbc", "gateway.read"]).await;
    let missing = make(None, &["gateway.read", "gateway.write"]).await;
    let bound = make(Some("shop"), &["gateway.*"]).await;
    let with = async |key: &str| fetch(&gateway, &[("x-pg-uri", ELSEWHERE), ("apikey", key)]).await;
    let refused = with(&missing).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("missing_right")));
    assert_eq!(refused.body["details"]["missing_rights"], json!(["gateway.jdbc"]));
    assert_eq!(with(&bound).await.body["code"], "api_key_client_mismatch");
    assert_eq!(fetch(&gateway, &[("x-pg-uri", ELSEWHERE)]).await.status, 401);
    assert!(other.addresses.lock().unwrap().is_empty(), "nobody was let through yet");
    assert_eq!(with(&right).await.status, 200);
    keyring.close().await;
    store.close().await;
}
