//! Checks 19 to 33: where secrets are, and where they are not.

use super::*;
use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

const CANARY: &str = "canary-sings-4711";

/// Everything that is logged, down to the last detail.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// No row of any table of the store holds the word.
async fn assert_no_row_holds(ground: &Ground, word: &str) {
    let check = format!(
        "do $$ declare t record; n bigint; begin
             for t in select tablename from pg_tables where schemaname = 'public' loop
                 execute format('select count(*) from %I x where strpos(x::text, %L) > 0', t.tablename, '{word}') into n;
                 assert n = 0, t.tablename;
             end loop;
         end $$"
    );
    ground.database.run(&check).await;
}

fn with_secret(name: &str, secret: &str) -> Value {
    // Nothing listens there, and that is all the same to whoever looks for the secret.
    json!({ "name": name, "driver": "pg", "config": { "host": "127.0.0.1", "port": 1 }, "secret": secret })
}

#[tokio::test]
async fn a_planted_secret_is_in_no_answer_in_no_row_and_in_no_line_of_the_log() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // Everything of this test runs on this thread.
    let watching = tracing::subscriber::set_default(subscriber);
    let (ground, node) = alone().await;
    let address = refusing().await;
    let url = format!("postgres://me:{CANARY}@127.0.0.1:{}/d", address.port());
    let twice = format!("postgres://me:{CANARY}@h@x/d");
    let at = |rest: &str| format!("{BASE}{rest}");
    let asked = [
        (Method::POST, at(""), with_secret("crm", CANARY)),
        (Method::POST, at(""), with_secret("crm", CANARY)),
        (Method::GET, at("/crm"), Value::Null),
        (Method::GET, at(""), Value::Null),
        (Method::PATCH, at("/crm"), json!({ "secret": { "value": CANARY, "key": "k" } })),
        (
            Method::PATCH,
            at("/crm"),
            json!({ "config": { "port": address.port(), "username": "me" } }),
        ),
        (Method::PATCH, at("/crm"), json!({ "password": CANARY })),
        (Method::PATCH, at("/crm"), json!({ "config": { "url": url } })),
        (Method::POST, at("/crm/test"), Value::Null),
        (Method::POST, at("/test"), json!({ "driver": "pg", "config": { "url": url } })),
        (Method::POST, at("/test"), json!({ "driver": "pg", "config": { "url": twice } })),
        (Method::POST, at("/test"), json!({ "driver": "pg", "secret": [CANARY] })),
        (
            Method::POST,
            at("/test"),
            json!({ "driver": "pg", "config": { "host": "127.0.0.1", "port": address.port() }, "secret": CANARY }),
        ),
        (
            Method::POST,
            at(""),
            json!({ "name": "ora", "driver": "oracle", "config": { "x": { "pwd": CANARY } } }),
        ),
        (
            Method::POST,
            at(""),
            json!({ "name": "lite", "driver": "sqlite", "config": { "filename": twice } }),
        ),
        (Method::POST, "/admin/clients".to_owned(), json!({ "client_name": "old", "pg_uri": url })),
        (
            Method::POST,
            "/admin/clients".to_owned(),
            json!({ "client_name": "odd", "pg_uri": twice }),
        ),
        (
            Method::PATCH,
            "/admin/clients/old".to_owned(),
            json!({ "pg_uri": url, "pg_uri_env_var": "X" }),
        ),
        (Method::GET, "/admin/clients".to_owned(), Value::Null),
        (Method::POST, at("/old/migrate-credential"), Value::Null),
        (Method::DELETE, at("/crm"), Value::Null),
    ];
    for (method, path, body) in asked {
        let reply = node.call(method.clone(), &path, body).await;
        assert!(!reply.text.contains(CANARY), "{method} {path}: {}", reply.text);
        let headers = format!("{:?}", reply.headers);
        assert!(!headers.contains(CANARY), "{method} {path}: {headers}");
    }
    let broken = format!("{{\"secret\":\"{CANARY}\"");
    let reply = node.gateway.call(Method::POST, BASE, &[("x-athena-key", ADMIN)], &broken).await;
    assert!(!reply.text.contains(CANARY));
    let key = node.key(&["gateway.*"]).await;
    assert!(!node.fetch("old", &key).await.text.contains(CANARY));
    assert_no_row_holds(&ground, CANARY).await;
    assert_eq!(ground.ask("select count(*) from sys_secret").await, 1);
    node.stop().await;
    drop(watching);
    let log = lines.text();
    assert!(log.contains("28P01"), "the log was not heard");
    let line = log.lines().find(|line| line.contains(CANARY));
    assert!(line.is_none(), "{}", line.unwrap_or_default());
}

#[tokio::test]
async fn a_change_without_a_secret_keeps_the_stored_one() {
    let (ground, node) = alone().await;
    node.made(with_secret("crm", "hunter2")).await;
    let id = "select count(*) from sys_secret s join athena_clients c on c.credentials_ref = 'sys_secret:' || s.id";
    assert_eq!(ground.ask(id).await, 1);
    let changed =
        node.patch("crm", json!({ "label": "Sales", "config": { "database": "d" } })).await;
    assert_eq!(
        (changed.status, &changed.body["data"]["datasource"]["hasSecret"]),
        (200, &json!(true))
    );
    assert_eq!(ground.ask(id).await, 1);
    node.stop().await;
}

#[tokio::test]
async fn a_new_secret_takes_the_place_of_the_old_one_and_that_is_gone() {
    let (ground, node) = alone().await;
    node.made(with_secret("crm", "hunter2")).await;
    ground.database.run("create table before as select id from sys_secret").await;
    assert_eq!(node.patch("crm", json!({ "secret": "hunter3" })).await.status, 200);
    assert_eq!(ground.ask("select count(*) from sys_secret").await, 1);
    assert_eq!(ground.ask("select count(*) from sys_secret join before using (id)").await, 0);
    // A change that is refused changes no secret either.
    let refused = node.patch("crm", json!({ "secret": "hunter4", "banana": 1 })).await;
    assert_eq!(refused.status, 400);
    assert_eq!(ground.ask("select count(*) from sys_secret").await, 1);
    node.stop().await;
}

#[tokio::test]
async fn removing_a_client_removes_its_secret() {
    let (ground, node) = alone().await;
    node.made(with_secret("crm", "hunter2")).await;
    assert_eq!(node.delete("crm").await.status, 204);
    assert_eq!(ground.ask("select count(*) from sys_secret").await, 0);
    assert_eq!(
        ground.ask("select count(*) from athena_clients where credentials_ref is not null").await,
        0
    );
    node.stop().await;
}

#[tokio::test]
async fn without_a_key_a_client_with_a_secret_is_refused_and_nothing_is_written() {
    let ground = Ground::lay().await;
    let node = Node::start(&ground, Wishes { key: None, ..Wishes::default() }).await;
    let uri = json!({ "client_name": "crm", "pg_uri": "postgres://me:hunter2@127.0.0.1:1/d" });
    for refused in [
        node.create(with_secret("crm", "hunter2")).await,
        node.call(Method::POST, "/admin/clients", uri).await,
        node.call(Method::POST, &format!("{BASE}/test"), with_secret("crm", "hunter2")).await,
    ] {
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (503, &json!("SECRET_STORE_UNAVAILABLE"))
        );
    }
    let rows = "select (select count(*) from sys_secret) + (select count(*) from athena_clients where origin = 'runtime')";
    assert_eq!(ground.ask(rows).await, 0);
    node.stop().await;
}

#[tokio::test]
async fn without_a_key_a_client_without_a_secret_works() {
    let ground = Ground::lay().await;
    let node = Node::start(&ground, Wishes { key: None, ..Wishes::default() }).await;
    assert_eq!(node.made(memory("crm")).await["status"], "ok");
    assert_eq!(node.patch("crm", json!({ "label": "x" })).await.status, 200);
    node.stop().await;
}

#[tokio::test]
async fn with_another_key_the_server_starts_and_the_clients_secret_is_not_to_be_had() {
    let (ground, node) = alone().await;
    let path = ground.file("shop.db", "x").await;
    node.made(with_secret("crm", "hunter2")).await;
    node.made(sqlite("till", &path)).await;
    node.stop().await;
    // A new key: that of another machine.
    let node = Node::start(&ground, Wishes::default()).await;
    let shown = node.shown("crm").await;
    assert_eq!(
        (&shown["status"], &shown["statusReason"]),
        (&json!("error"), &json!("credential could not be resolved"))
    );
    assert_eq!(node.until("till", "ok").await["status"], "ok");
    let key = node.key(&["gateway.*"]).await;
    assert_eq!(node.fetch("crm", &key).await.refusal().1, "client_unavailable");
    node.stop().await;
}

#[tokio::test]
async fn secrets_that_are_sealed_anew_keep_their_ids_and_open() {
    use gateway::admin::clients::vault;
    let ground = Ground::lay().await;
    let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let node = Node::start(&ground, Wishes { key: Some(old.clone()), ..Wishes::default() }).await;
    node.made(with_secret("crm", "hunter2")).await;
    node.stop().await;
    ground.database.run("create table before as select * from sys_secret").await;
    let store = Store::open(ground.database.uri()).unwrap();
    let both = LocalKms::new(KeySource::Given(vec![new.clone(), old])).unwrap();
    let rotated = vault::rotate(&store, &both).await.unwrap();
    assert_eq!((rotated.done, rotated.failed), (1, 0));
    let same = "select count(*) from sys_secret s join before b using (id) where s.ciphertext <> b.ciphertext \
                and s.version = 2 and s.kms_key_id = 'local:v2' and s.rotated_at is not null";
    assert_eq!(ground.ask(same).await, 1);
    // Under the new key alone it opens, so its client is not at a loss for it.
    let node = Node::start(&ground, Wishes { key: Some(new), ..Wishes::default() }).await;
    let shown = node.until("crm", "error").await;
    assert_ne!(shown["statusReason"], "credential could not be resolved");
    node.stop().await;
}

#[tokio::test]
async fn what_was_shown_can_be_sent_back_without_losing_the_credential() {
    let (ground, node) = alone().await;
    ground
        .database
        .run("insert into athena_clients (client_name, pg_uri) values ('old', 'postgres://me:hunter2@127.0.0.1:1/d')")
        .await;
    node.made(with_secret("crm", "hunter2")).await;
    let shown = node.until("old", "error").await;
    assert_eq!(shown["config"]["url"], "postgres://me:***@127.0.0.1:1/d");
    assert_eq!(
        (&shown["redactedConfigKeys"], &shown["hasSecret"]),
        (&json!(["url"]), &json!(true))
    );
    for name in ["old", "crm"] {
        let mut shown = node.shown(name).await;
        shown["label"] = "again".into();
        let changed = node.patch(name, shown).await;
        assert_eq!(changed.status, 200, "{changed:?}");
    }
    let kept = "select count(*) from athena_clients where config ->> 'url' like '%hunter2%' or credentials_ref is not null";
    assert_eq!(ground.ask(kept).await, 2);
    // Moved to where it belongs, once.
    let move_it =
        || node.call(Method::POST, "/api/v1/datasources/old/migrate-credential", Value::Null);
    assert_eq!(move_it().await.body["data"]["result"]["moved"], true);
    assert_eq!(move_it().await.body["data"]["result"]["moved"], false);
    assert_eq!(node.shown("old").await["config"]["url"], "postgres://me@127.0.0.1:1/d");
    assert_no_row_holds(&ground, "hunter2").await;
    node.stop().await;
}

#[tokio::test]
async fn the_gateways_own_store_is_reached_through_no_door_whatever_client_leads_there() {
    let (ground, node) = alone().await;
    let config = postgres(&ground.database);
    let made = node.made(json!({ "name": "own", "driver": "pg", "config": config })).await;
    assert_eq!(made["status"], "blocked", "{made}");
    let key = node.key(&["*"]).await;
    let headers = [("x-athena-client", "own"), ("apikey", key.as_str())];
    let rows = r#"{"table_name":"sys_secret"}"#;
    let sql = r#"{"query":"select * from sys_secret"}"#;
    let sql_body = r#"{"query":"select * from sys_secret","db_name":"own","driver":"postgresql"}"#;
    let count = r#"{"query":"select count(*) from sys_secret"}"#;
    let insert = r#"{"table_name":"sys_secret","insert_body":{"id":"x"}}"#;
    for (method, path, body) in [
        (Method::POST, "/gateway/fetch", rows),
        (Method::PUT, "/gateway/insert", insert),
        (Method::DELETE, "/gateway/delete", r#"{"table_name":"sys_secret","resource_id":"x"}"#),
        (Method::POST, "/gateway/query", sql),
        (Method::POST, "/gateway/sql", sql_body),
        (Method::POST, "/query/count", count),
        (Method::GET, "/data?view=sys_secret", ""),
        (Method::GET, "/rest/v1/sys_secret", ""),
        (Method::GET, "/schema/columns?table_name=sys_secret", ""),
        (Method::POST, "/gateway/rpc", r#"{"function":"query_to_xml","args":{}}"#),
    ] {
        let reply = node.gateway.call(method.clone(), path, &headers, body).await;
        assert!(reply.status >= 400, "{method} {path}: {}", reply.text);
        assert!(reply.text.contains("client_blocked"), "{method} {path}: {}", reply.text);
    }
    node.stop().await;
}

#[tokio::test]
async fn the_password_of_a_connection_string_is_split_off() {
    let (ground, node) = alone().await;
    let body = json!({ "client_name": " CRM ", "pg_uri": "postgres://me:hunter2@127.0.0.1:1/d?password=" });
    let made = node.call(Method::POST, "/admin/clients", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let shown = &made.body["data"]["client"];
    assert_eq!(shown["pg_uri"], "postgres://me:***@127.0.0.1:1/d");
    assert_eq!((&shown["client_name"], &shown["has_secret"]), (&json!("crm"), &json!(true)));
    assert_no_row_holds(&ground, "hunter2").await;
    assert_eq!(ground.ask("select count(*) from sys_secret").await, 1);
    let neither = node.call(Method::POST, "/admin/clients", json!({ "client_name": "x" })).await;
    assert_eq!(neither.status, 400);
    node.stop().await;
}
