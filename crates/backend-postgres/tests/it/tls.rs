//! Which servers are believed, when a certificate says who they are.

use crate::support::{PATIENCE, reading, run};
use backend::{Backend, BackendError};
use backend_postgres::{Login, PgSslMode, Postgres, PostgresSettings, ServerTls};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use test_support::TestDatabase;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_rustls::TlsAcceptor;

/// Nothing in the world answers to it, so whoever looks it up finds nothing.
pub const NAME: &str = "db.shop.invalid";

/// A PostgreSQL that speaks TLS, with a certificate for [`NAME`] and for nothing else.
pub struct Guarded {
    pub database: TestDatabase,
    pub address: SocketAddr,
    /// Connections that were made to it.
    pub taken: Arc<AtomicUsize>,
}

impl Guarded {
    pub async fn start() -> Self {
        let database = TestDatabase::create().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, taken) = (TlsAcceptor::from(server()), Arc::new(AtomicUsize::new(0)));
        let (socket, count) = (socket_of(database.uri()), Arc::clone(&taken));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                tokio::spawn(serve(stream, acceptor.clone(), socket.clone()));
            }
        });
        Self { database, address, taken }
    }

    /// A backend at the address, told that the server has this name.
    fn backend(&self, mode: PgSslMode, name: Option<&str>, knows_root: bool) -> Postgres {
        let login = Login { user: embedded::USER, password: "", database: self.database.name() };
        let root = Path::new("tests/it/tls/root.pem");
        let root_certificate = knows_root.then_some(root);
        let tls = ServerTls { mode, name, root_certificate };
        Postgres::connect(&PostgresSettings::at_address(login, self.address, tls).unwrap())
    }

    async fn answers(&self, mode: PgSslMode, name: Option<&str>, knows_root: bool) -> bool {
        let backend = self.backend(mode, name, knows_root);
        let is_there = backend.ping().await.is_ok();
        backend.close().await;
        is_there
    }
}

/// The server that the authority in `tls/root.pem` vouches for. Its key guards nothing: it was made for
/// these tests, as was the authority, whose own key is gone.
fn server() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

fn socket_of(uri: &str) -> PathBuf {
    let uri = uri.to_owned();
    let (_, folder) = uri.split_once("host=").unwrap();
    let folder = folder.split('&').next().unwrap().replace("%2F", "/");
    let sockets = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_socket = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(".s.PGSQL.") && !name.ends_with(".lock")
    };
    sockets.into_iter().find(is_socket).unwrap()
}

/// Says yes to TLS, then hands on what is inside.
async fn serve(mut stream: TcpStream, acceptor: TlsAcceptor, socket: PathBuf) {
    let mut asked = [0; 8];
    if stream.read_exact(&mut asked).await.is_err() || stream.write_all(b"S").await.is_err() {
        return;
    }
    let Ok(mut inside) = acceptor.accept(stream).await else { return };
    let mut database = UnixStream::connect(socket).await.unwrap();
    let _ = copy_bidirectional(&mut inside, &mut database).await;
}

#[tokio::test]
async fn a_certificate_is_checked_for_the_name_while_the_address_stays_the_one_that_was_checked() {
    let server = Guarded::start().await;
    use PgSslMode::{Require, VerifyCa, VerifyFull};
    for (mode, name, knows_root, expected) in [
        (VerifyFull, Some(NAME), true, true),
        // Another name, another authority, or an address that the certificate is not for.
        (VerifyFull, Some("db.other.invalid"), true, false),
        (VerifyFull, Some(NAME), false, false),
        (VerifyFull, None, true, false),
        (VerifyCa, Some("db.other.invalid"), true, true),
        (VerifyCa, Some(NAME), false, false),
        (Require, Some("db.other.invalid"), false, true),
    ] {
        let before = server.taken.load(SeqCst);
        let answers = server.answers(mode, name, knows_root).await;
        assert_eq!(answers, expected, "{mode:?} {name:?} {knows_root}");
        assert!(server.taken.load(SeqCst) > before, "it was asked at its address");
    }
}

#[tokio::test]
async fn a_server_that_is_checked_by_its_name_is_a_backend_like_any_other() {
    let server = Guarded::start().await;
    let backend = server.backend(PgSslMode::VerifyFull, Some(NAME), true);
    let many = (0..20).map(|_| async {
        let slow = "select pg_sleep(0.05)::text, 1 as n";
        run(&backend, reading(slow, &[]), PATIENCE).await.unwrap().1.returned
    });
    let rows: u64 = futures_util::future::join_all(many).await.into_iter().sum();
    assert_eq!(rows, 20);
    // Cancelling needs a connection of its own, by the same way.
    let hurry = std::time::Duration::from_millis(200);
    let endless = run(&backend, reading("select pg_sleep(60)::text", &[]), hurry).await;
    assert!(matches!(endless, Err(BackendError::Timeout)), "{endless:?}");
    let running = "select not exists (select from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid())";
    assert!(crate::support::eventually(&server.database, running).await);
    let shown = format!("{backend:?}");
    assert!(shown.contains(&format!("127.0.0.1:{}", server.address.port())), "{shown}");
    backend.close().await;
}

#[tokio::test]
async fn the_way_to_a_server_ends_with_its_backend() {
    let server = Guarded::start().await;
    let folders = || {
        let all = std::fs::read_dir(std::env::temp_dir()).unwrap();
        let ours = format!(".s.PGSQL.{}", server.address.port());
        all.filter(|entry| {
            let path = entry.as_ref().unwrap().path();
            path.file_name().unwrap().to_string_lossy().starts_with("athena-way-")
                && path.join(&ours).exists()
        })
        .count()
    };
    let backend = server.backend(PgSslMode::VerifyFull, Some(NAME), true);
    backend.ping().await.unwrap();
    assert_eq!(folders(), 1);
    backend.close().await;
    drop(backend);
    assert_eq!(folders(), 0);
}
