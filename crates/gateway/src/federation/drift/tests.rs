//! A clock in milliseconds, and a database whose catalog is made up.

use super::*;
use crate::{Access, ClientInfo, GatewaySettings, registry::Registry};
use async_trait::async_trait;
use auth::Permit;
use backend::{Backend, BackendError, Capabilities, Outcome};
use bytes::BytesMut;
use catalog::{
    Column, DataType, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind, TypeKind,
};
use query::{Plan, RenderError, Statement};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{DriftPage, NewResource};
use test_support::TestDatabase;

const ALL: DriftPage = DriftPage { only_open: false, limit: 50, offset: 0 };

/// Takes its time to be looked at, and counts who looks at once.
#[derive(Debug, Default)]
struct Slow {
    columns: Mutex<Vec<&'static str>>,
    pause: Duration,
    looking: AtomicUsize,
    most: AtomicUsize,
    looks: AtomicUsize,
}

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn people(columns: &[&str]) -> Table {
    let kind = TypeKind::Base("int4".to_owned());
    let data_type = DataType { oid: 23, sql: "integer".to_owned(), kind };
    let column = |name: &&str| Column {
        name: ident(name),
        data_type: data_type.clone(),
        nullable: true,
        default: None,
        generated: Generated::Never,
        comment: None,
    };
    Table {
        name: QualifiedName::new(ident("public"), ident("people")),
        kind: TableKind::Table,
        columns: columns.iter().map(column).collect(),
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

#[async_trait]
impl Backend for Slow {
    fn capabilities(&self) -> Capabilities {
        backend::fake::FakeBackend::default().capabilities()
    }
    fn render(&self, _: &Plan) -> Result<Statement, RenderError> {
        Err(RenderError::NotSupported { what: "rows" })
    }
    fn render_count(&self, _: &Plan) -> Result<Option<Statement>, RenderError> {
        Ok(None)
    }
    async fn execute(
        &self,
        _: &Permit,
        _: &Statement,
        _: Duration,
        _: &mut BytesMut,
    ) -> Result<Outcome, BackendError> {
        Err(BackendError::Closed)
    }
    async fn count(&self, _: &Permit, _: &Statement, _: Duration) -> Result<u64, BackendError> {
        Err(BackendError::Closed)
    }
    async fn introspect(&self) -> Result<SchemaCache, BackendError> {
        let looking = self.looking.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(looking, Ordering::SeqCst);
        self.looks.fetch_add(1, Ordering::SeqCst);
        sleep(self.pause).await;
        self.looking.fetch_sub(1, Ordering::SeqCst);
        let table = people(&self.columns.lock().unwrap());
        Ok(SchemaCache::new(String::new(), vec!["public".to_owned()], vec![table], Vec::new()))
    }
    async fn ping(&self) -> Result<(), BackendError> {
        Ok(())
    }
    async fn close(&self) {}
}

/// A gateway with one client, whose table was imported with all of its columns.
async fn watched(pause: Duration) -> (TestDatabase, Store, Gateway, Arc<Slow>, Arc<Upstream>) {
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    let client = ClientName::parse("crm").unwrap();
    let table = people(&["id", "age"]);
    let draft = federation::draft(&client, &table, &Default::default(), String::new()).unwrap();
    let definition = serde_json::to_value(&draft.resource).unwrap();
    let new = NewResource {
        client: "crm",
        name: "people",
        remote: ("public", "people"),
        definition: &definition,
        actor: "test",
    };
    store.add_resource(new).await.unwrap();
    let gateway = Gateway::new(GatewaySettings::default(), Access::open());
    let columns = Mutex::new(vec!["id", "age"]);
    let slow = Arc::new(Slow { columns, pause, ..Slow::default() });
    let registry: &Registry = gateway.registry();
    let upstream = registry.add(client, Arc::clone(&slow) as _, ClientInfo::default());
    upstream.settled().await;
    registry.hall().load(&store, registry).await.unwrap();
    (database, store, gateway, slow, upstream)
}

#[tokio::test]
async fn the_same_drift_is_told_once_and_its_end_is_told_too() {
    let (_database, store, gateway, slow, upstream) = watched(Duration::ZERO).await;
    check(&gateway, &upstream, &store).await.unwrap();
    assert_eq!(store.drift("crm", ALL).await.unwrap(), []);
    slow.columns.lock().unwrap().pop();
    for count in 1..=3 {
        check(&gateway, &upstream, &store).await.unwrap();
        let rows = store.drift("crm", ALL).await.unwrap();
        assert_eq!((rows.len(), rows[0].seen_count), (1, count));
    }
    // Other differences are another event, and the former ones are gone.
    slow.columns.lock().unwrap().clear();
    check(&gateway, &upstream, &store).await.unwrap();
    let rows = store.drift("crm", ALL).await.unwrap();
    assert_eq!((rows.len(), rows[1].resolved_at.is_some()), (2, true));
    *slow.columns.lock().unwrap() = vec!["id", "age"];
    check(&gateway, &upstream, &store).await.unwrap();
    let rows = store.drift("crm", ALL).await.unwrap();
    assert!(rows.iter().all(|row| row.resolved_at.is_some()), "{rows:?}");
}

#[tokio::test]
async fn check_67_a_slow_check_does_not_overlap_the_next() {
    let (_database, store, gateway, slow, upstream) = watched(Duration::from_millis(60)).await;
    let before = slow.looks.load(Ordering::SeqCst);
    let watch = Watch {
        gateway: gateway.weak(),
        upstream: Arc::downgrade(&upstream),
        store,
        every: Duration::from_millis(5),
    };
    let task = tokio::spawn(watch.run());
    sleep(Duration::from_millis(600)).await;
    task.abort();
    assert!(slow.looks.load(Ordering::SeqCst) >= before + 3, "it was looked at");
    assert_eq!(slow.most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_watch_ends_with_its_client() {
    let (_database, store, gateway, _slow, upstream) = watched(Duration::ZERO).await;
    let watch = Watch {
        gateway: gateway.weak(),
        upstream: Weak::new(),
        store,
        every: Duration::from_millis(1),
    };
    tokio::time::timeout(Duration::from_secs(5), watch.run()).await.unwrap();
    drop(upstream);
}
