//! A way to checked addresses, for a driver that would look a name up by itself to connect to it.
//!
//! The driver connects to a socket of ours and speaks TLS with whoever is behind it, by name; the
//! bytes go where they may and nowhere else, and mean nothing to us.

use backend::AddressGuard;
use std::{
    fs::Permissions, io, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, sync::Arc,
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpStream, UnixListener, UnixStream},
    task::{AbortHandle, JoinSet},
    time::{Duration, sleep, timeout},
};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Before the next attempt to take a connection, when the machine has no room for one.
const PAUSE: Duration = Duration::from_millis(50);

/// Where the way leads.
#[derive(Clone)]
pub(crate) enum Way {
    /// To an address that was checked once and for all.
    Address(SocketAddr),
    /// To where a name leads each time, as far as the guard lets it.
    Guarded { host: String, port: u16, guard: Arc<dyn AddressGuard> },
}

/// Ends with every connection through it when it is dropped.
pub(crate) struct Relay {
    folder: TempDir,
    task: AbortHandle,
}

impl Relay {
    /// At most so many connections at once. Must be called within a tokio runtime. Connects to
    /// nothing yet.
    pub(crate) fn start(way: Way, most: usize) -> io::Result<Self> {
        // Nobody else on this machine may enter.
        let private = Permissions::from_mode(0o700);
        let folder =
            tempfile::Builder::new().prefix("athena-way-").permissions(private).tempdir()?;
        // The driver makes this name of the port.
        let path = folder.path().join(format!(".s.PGSQL.{}", way.port()));
        let listener = UnixListener::bind(path)?;
        let task = tokio::spawn(serve(listener, way, most)).abort_handle();
        Ok(Self { folder, task })
    }

    /// Where the driver finds its socket.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Way {
    fn port(&self) -> u16 {
        match self {
            Self::Address(address) => address.port(),
            Self::Guarded { port, .. } => *port,
        }
    }

    async fn connect(&self) -> Option<TcpStream> {
        let addresses = match self {
            Self::Address(address) => vec![*address],
            // A refusal was told to those who can do something about it.
            Self::Guarded { host, port, guard } => guard.resolve(host, *port).await.ok()?,
        };
        for address in addresses {
            if let Ok(database) = TcpStream::connect(address).await {
                return Some(database);
            }
        }
        None
    }
}

async fn serve(listener: UnixListener, way: Way, most: usize) {
    let mut open = JoinSet::new();
    loop {
        while open.len() >= most {
            open.join_next().await;
        }
        match listener.accept().await {
            Ok((driver, _)) => drop(open.spawn(carry(driver, way.clone()))),
            Err(error) => {
                tracing::warn!(%error, "a connection to a named database could not be taken");
                sleep(PAUSE).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
}

/// When either side is gone, so is the other; the driver says what that means.
async fn carry(mut driver: UnixStream, way: Way) {
    let Ok(Some(mut database)) = timeout(CONNECT_LIMIT, way.connect()).await else { return };
    // Whole messages come from the driver; waiting for more of them only costs time.
    let _ = database.set_nodelay(true);
    let _ = copy_bidirectional(&mut driver, &mut database).await;
}
