//! A name is asked about before each connection, and nobody goes where it must not lead.

use crate::tls::{Guarded, NAME};
use async_trait::async_trait;
use backend::{AddressGuard, Backend, BackendError, NoNames};
use backend_postgres::{Postgres, PostgresSettings};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use test_support::TestDatabase;

/// Where the name leads at this moment, and how often somebody asked.
#[derive(Default)]
struct Names {
    leads: Mutex<Option<SocketAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn lead_to(&self, address: Option<SocketAddr>) {
        *self.leads.lock().unwrap() = address;
    }
}

#[async_trait]
impl AddressGuard for Names {
    async fn resolve(&self, host: &str, _port: u16) -> Result<Vec<SocketAddr>, String> {
        assert_eq!(host, NAME);
        self.asked.fetch_add(1, SeqCst);
        let leads = *self.leads.lock().unwrap();
        leads.map(|address| vec![address]).ok_or_else(|| "it must not lead there".to_owned())
    }
}

fn backend(server: &Guarded, mode: &str, names: &Arc<Names>) -> Postgres {
    let root = "tests/it/tls/root.pem";
    let uri = format!(
        "postgres://{user}@{NAME}:{port}/{database}?sslmode={mode}&sslrootcert={root}",
        user = embedded::USER,
        port = server.address.port(),
        database = server.database.name(),
    );
    let mut settings = PostgresSettings::parse(&uri).unwrap();
    // Each statement has a connection of its own.
    settings.idle_timeout = Duration::ZERO;
    Postgres::connect(&settings.guarded(Arc::clone(names) as _).unwrap())
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_later_is_not_followed() {
    let (server, other) = (Guarded::start().await, Guarded::start().await);
    for mode in ["verify-full", "require"] {
        let names = Arc::new(Names::default());
        names.lead_to(Some(server.address));
        let backend = backend(&server, mode, &names);
        backend.ping().await.unwrap();
        let (asked, taken) = (names.asked.load(SeqCst), server.taken.load(SeqCst));
        assert!(asked >= 1 && taken >= 1, "{mode}");

        names.lead_to(None);
        let refused = backend.ping().await;
        assert!(matches!(refused, Err(BackendError::Unreachable { .. })), "{mode} {refused:?}");
        assert!(names.asked.load(SeqCst) > asked, "it was asked again");
        assert_eq!(server.taken.load(SeqCst), taken, "nobody went there");

        // To another server that is the right one, as its certificate shows.
        let before = other.taken.load(SeqCst);
        names.lead_to(Some(other.address));
        // It has no such database, and says so: it was reached.
        let reached = backend.ping().await;
        assert!(!matches!(reached, Err(BackendError::Unreachable { .. })), "{mode} {reached:?}");
        assert!(other.taken.load(SeqCst) > before, "{mode}");
        assert!(format!("{backend:?}").contains(NAME), "{backend:?}");
        backend.close().await;
    }
}

#[tokio::test]
async fn an_address_a_socket_and_this_machine_mean_the_same_each_time_and_need_no_way() {
    let database = TestDatabase::create().await;
    let settings = PostgresSettings::parse(database.uri()).unwrap();
    let backend = Postgres::connect(&settings.guarded(Arc::new(NoNames)).unwrap());
    backend.ping().await.unwrap();
    backend.close().await;
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let settings = PostgresSettings::parse(&format!("postgres://me@{host}:1/d")).unwrap();
        let address = settings.address();
        assert_eq!(settings.guarded(Arc::new(NoNames)).unwrap().address(), address);
    }
}
