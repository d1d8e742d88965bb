//! Databases that callers name in a header.

use crate::support::{Reply, TestGateway, shop};
use api::ApiSettings;
use backend::{
    Backend, Outcome,
    fake::{FakeAnswer, FakeBackend},
};
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

/// Every target leads to a database of its own, whose rows tell which it is.
#[derive(Default)]
struct Apart(Mutex<Vec<Arc<FakeBackend>>>);

impl Connector for Apart {
    fn connect(&self, _: &Target, _: SocketAddr) -> Result<Arc<dyn Backend>, AdHocError> {
        let mut all = self.0.lock().unwrap();
        let backend = Arc::new(FakeBackend::new(shop()));
        let json = format!(r#"[{{"id":{}}}]"#, all.len());
        for _ in 0..20 {
            let outcome = Outcome { returned: 1, affected: 1, count: None };
            backend.answer(FakeAnswer::Rows { json: json.clone(), outcome });
        }
        all.push(Arc::clone(&backend));
        Ok(backend)
    }
}

#[tokio::test]
async fn answers_and_statements_are_shared_by_nobody_who_names_another_database_or_login() {
    let gateway = TestGateway::caching();
    let apart = Arc::new(Apart::default());
    gateway.gateway.open_to_targets(AdHocRules::default(), Arc::clone(&apart) as _);
    let logins = [
        "postgres://me:one@8.8.8.8/shop",
        "postgres://me:two@8.8.8.8/shop",
        "postgres://you:one@8.8.8.8/shop",
        "postgres://me:one@8.8.8.8/other",
        "postgres://me:one@8.8.8.8:5433/shop",
        "postgres://me:one@8.8.8.8/shop?sslmode=require",
    ];
    for (at, login) in logins.iter().enumerate() {
        // The second time it might be a kept answer, and must be one's own.
        for _ in 0..2 {
            let reply = fetch(&gateway, &[("x-jdbc-url", login)]).await;
            assert_eq!(reply.body["data"], json!([{ "id": at }]), "{login} {reply:?}");
        }
    }
    assert_eq!(apart.0.lock().unwrap().len(), logins.len());
    // Equal questions at the same time, as those whose statement might be shared.
    for _ in 0..3 {
        let fresh = [("cache-control", "no-cache")];
        let asked = logins.iter().map(|login| {
            let headers = [fresh[0], ("x-jdbc-url", *login)];
            let gateway = &gateway;
            async move { fetch(gateway, &headers).await }
        });
        for (at, reply) in futures_util::future::join_all(asked).await.iter().enumerate() {
            assert_eq!(reply.body["data"], json!([{ "id": at }]), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_project_of_another_service_is_never_mistaken_for_a_client() {
    let gateway = TestGateway::caching();
    for (name, value) in [("x-supabase-url", "https://x.example"), ("x-supabase-key", "secret-1")] {
        for client in ["custom_supabase", "shop"] {
            let reply = fetch(&gateway, &[("x-athena-client", client), (name, value)]).await;
            assert_eq!((reply.status, &reply.body["code"]), (400, &json!("not_supported")));
            assert!(!reply.text.contains(value), "{reply:?}");
        }
    }
    assert_eq!(gateway.statements(), 0);
}
