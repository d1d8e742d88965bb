//! A cache with work that counts itself.

use api_types::ClientName;
use bytes::Bytes;
use cache::{
    Answer, CacheSettings, Directive, Found, KeyBuilder, KeyParts, Lookup, ReadError,
    ResponseCache, Scope, Visibility,
};
use catalog::{Ident, QualifiedName};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

pub const PATIENCE: Duration = Duration::from_secs(10);

/// What the work of these tests fails with.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the work failed")]
pub struct Failed;

pub type Cache = ResponseCache<Failed>;

/// One table in a database of one number, and how often it was read.
#[derive(Clone, Default)]
pub struct Database {
    pub value: Arc<AtomicU64>,
    pub reads: Arc<AtomicU64>,
}

impl Database {
    pub fn write(&self, value: u64) {
        self.value.store(value, SeqCst);
    }

    pub fn read(&self) -> Result<Answer, Failed> {
        self.reads.fetch_add(1, SeqCst);
        Ok(answer(&self.value.load(SeqCst).to_string()))
    }

    pub fn reads(&self) -> u64 {
        self.reads.load(SeqCst)
    }
}

pub fn answer(body: &str) -> Answer {
    let headers = vec![("content-type".into(), "application/json".into())];
    Answer { status: 200, rows: 1, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

pub fn client(name: &str) -> ClientName {
    ClientName::parse(name).expect("a client's name")
}

pub fn table(name: &str) -> Scope {
    let ident = |text| Ident::parse(text).expect("an identifier");
    Scope::table(&client("main"), &QualifiedName::new(ident("public"), ident(name)))
}

pub fn builder(statement: &str) -> KeyBuilder {
    KeyBuilder::new(&KeyParts {
        client: &client("main"),
        upstream: "1",
        visibility: Visibility::Anonymous,
        surface: "gateway",
        shape: "rows",
        casing: "as is",
        strip_nulls: false,
        statement,
    })
}

/// A read of the table `notes`.
pub fn notes() -> Lookup {
    builder("select * from notes").reads(table("notes")).finish()
}

pub fn cache() -> Cache {
    Cache::new(&CacheSettings::default()).expect("a cache of one level")
}

/// A read that must succeed.
pub async fn read(cache: &Cache, lookup: &Lookup, database: &Database) -> Found {
    try_read(cache, lookup, database).await.expect("the read succeeds")
}

pub async fn try_read(
    cache: &Cache,
    lookup: &Lookup,
    database: &Database,
) -> Result<Found, ReadError<Failed>> {
    let database = database.clone();
    cache.read(lookup, Directive::Use, PATIENCE, || async move { database.read() }).await
}

pub fn body(found: &Found) -> &str {
    std::str::from_utf8(found.entry.body()).expect("the body is text")
}

/// Wait until something is so; the tests' only way to wait for what happens in the background.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
