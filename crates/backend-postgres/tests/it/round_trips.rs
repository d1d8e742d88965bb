//! How often the database is asked, counted on the wire.

use crate::{
    exchanges::{Steps, exchange, frame, one, set, unknown},
    support::{PATIENCE, reading, run, script},
};
use backend::Backend;
use backend_postgres::{Postgres, PostgresSettings};
use query::{Access, Param};
use serde_json::json;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use test_support::TestDatabase;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, UnixStream, tcp::OwnedWriteHalf, unix::OwnedReadHalf},
};

/// Between a backend and its database; counts how often the database said it was ready.
struct Counter {
    port: u16,
    ready: Arc<AtomicUsize>,
}

impl Counter {
    async fn in_front_of(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ready = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ready);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                let (mut from_client, to_client) = client.into_split();
                let (from_server, mut to_server) = server.into_split();
                tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
                tokio::spawn(answers(from_server, to_client, Arc::clone(&counted)));
            }
        });
        Self { port, ready }
    }

    async fn during<T>(&self, work: impl Future<Output = T>) -> usize {
        let before = self.ready.load(Ordering::SeqCst);
        work.await;
        self.ready.load(Ordering::SeqCst) - before
    }
}

/// A letter, a length, and so many bytes; `Z` says that a round trip is over.
async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, ready: Arc<AtomicUsize>) {
    let mut head = [0; 5];
    while server.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut rest = vec![0; length - 4];
        server.read_exact(&mut rest).await.unwrap();
        if head[0] == b'Z' {
            ready.fetch_add(1, Ordering::SeqCst);
        }
        rest.splice(0..0, head);
        if client.write_all(&rest).await.is_err() {
            return;
        }
    }
}

/// The folder of the socket stands in the address.
fn socket_of(uri: &str) -> PathBuf {
    let (_, host) = uri.split_once("host=").unwrap();
    let folder = host.split('&').next().unwrap().replace("%2F", "/");
    let mut sockets = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_socket = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(".s.PGSQL.") && !name.ends_with(".lock")
    };
    sockets.find(is_socket).unwrap()
}

/// One connection of each kind, with the counter in between.
async fn counted() -> (TestDatabase, Counter, Postgres) {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes VALUES (1)").await;
    let counter = Counter::in_front_of(socket_of(database.uri())).await;
    let (port, name) = (counter.port, database.name());
    let uri = format!("postgres://{}@127.0.0.1:{port}/{name}?sslmode=disable", embedded::USER);
    let mut settings = PostgresSettings::parse(&uri).unwrap();
    (settings.read_connections, settings.write_connections) = (1, 1);
    let postgres = Postgres::connect(&settings);
    (database, counter, postgres)
}

#[tokio::test]
async fn what_was_asked_before_is_one_round_trip() {
    let (_database, counter, postgres) = counted().await;
    let day = [json!("2024-01-01")];
    let one = async || {
        script(&postgres, Access::ReadOnly, "select 1", &[]).await.unwrap();
    };
    let nothing = async || {
        script(&postgres, Access::ReadOnly, "select id from notes where id = 0", &[])
            .await
            .unwrap();
    };
    let typed = async || {
        script(&postgres, Access::ReadOnly, "select $1::date", &day).await.unwrap();
    };
    let point = async || {
        let statement = reading("SELECT id FROM notes WHERE id = $1::int4", &[Param::Int4(1)]);
        run(&postgres, statement, PATIENCE).await.unwrap();
    };
    assert!(counter.during(one()).await > 1, "the first connects and prepares");
    assert_eq!(counter.during(one()).await, 1);
    nothing().await;
    assert_eq!(counter.during(nothing()).await, 1, "the columns of no rows are known");
    typed().await;
    assert_eq!(counter.during(typed()).await, 1, "the types of parameters are known");
    point().await;
    assert_eq!(counter.during(point()).await, 1);
    assert_eq!(counter.during(postgres.ping()).await, 2, "prepared, then asked");
    assert_eq!(counter.during(postgres.ping()).await, 1);
}

#[tokio::test]
async fn a_transaction_with_settings_is_one_round_trip_where_its_end_is_known() {
    let (_database, counter, postgres) = counted().await;
    let settings = set(&[("request.method", "GET"), ("request.headers", "{}")]);
    let sql = "SELECT id, current_setting('request.method') FROM notes WHERE id = $1";
    let asked = async |access, is_known, value: &str| {
        let steps = Steps { is_known, ..one(sql, &[unknown(value)]) };
        exchange(&postgres, frame(&settings, access), steps).await
    };
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let first = counter.during(asked(access, true, "1")).await;
        assert_eq!(first, 4, "it connects, asks in two who answers, and prepares on the way");
        assert_eq!(asked(access, true, "1").await.unwrap(), [["1", "GET"]]);
        assert_eq!(counter.during(asked(access, true, "2")).await, 1);
        assert_eq!(counter.during(asked(access, false, "1")).await, 2, "the end follows");
        assert_eq!(counter.during(asked(access, true, "one")).await, 2, "an error is undone");
        assert_eq!(counter.during(asked(access, true, "1")).await, 1, "and nothing forgotten");
    }
}
