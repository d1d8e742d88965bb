//! The PostgreSQL that all tests of one binary share.

use embedded::{Cluster, ClusterSettings, Durability};
use std::{
    path::PathBuf,
    sync::{OnceLock, mpsc},
    thread,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A running server and the thread that looks after it; tests' own runtimes come and go.
pub(crate) struct Server {
    cluster: Cluster,
    drops: UnboundedSender<String>,
}

impl Server {
    /// The binary's server, started now if this is the first test.
    pub(crate) fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(start)
    }

    pub(crate) fn uri(&self, database: &str) -> String {
        self.cluster.uri(database)
    }

    /// Drop a database in the background, whoever still uses it.
    pub(crate) fn drop_database(&self, name: String) {
        // When the thread is gone the process ends, and the whole server with it.
        let _ = self.drops.send(name);
    }
}

fn start() -> Server {
    let (started, wait) = mpsc::channel();
    let (drops, names) = unbounded_channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime for the test server");
        runtime.block_on(async move {
            let settings = ClusterSettings {
                durability: Durability::Throwaway,
                ..ClusterSettings::new(folder())
            };
            let cluster = Cluster::start(settings).await;
            let admin = cluster.as_ref().map(|cluster| cluster.uri("postgres"));
            let admin = admin.unwrap_or_default();
            // The receiver waits for exactly this; it cannot be gone.
            let _ = started.send(cluster);
            drop_databases(names, admin).await;
        });
    });
    let cluster = wait.recv().expect("the test server's thread answers");
    let cluster = cluster.unwrap_or_else(|error| {
        panic!("tests need a PostgreSQL, and none could be started: {error}")
    });
    Server { cluster, drops }
}

/// A folder that the server itself removes when this process ends.
fn folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("athena-test-").tempdir();
    folder.expect("a temporary folder").keep()
}

async fn drop_databases(mut names: UnboundedReceiver<String>, admin: String) {
    while let Some(name) = names.recv().await {
        let sql = format!("drop database if exists \"{name}\" with (force)");
        // Tidiness only: what stays is removed with the server.
        let _ = crate::database::run(&admin, sql).await;
    }
}
