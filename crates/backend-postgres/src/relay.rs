//! A way to one checked address, for a driver that would look a name up again to connect to it.
//!
//! The driver connects to a socket of ours and speaks TLS with whoever is behind it, by name; the
//! bytes go to the address and nowhere else, and mean nothing to us.

use std::{fs::Permissions, io, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpStream, UnixListener, UnixStream},
    task::{AbortHandle, JoinSet},
    time::{Duration, sleep, timeout},
};

/// More than the pools open at once, cancelling included.
const MOST: usize = 64;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Before the next attempt to take a connection, when the machine has no room for one.
const PAUSE: Duration = Duration::from_millis(50);

/// Ends with every connection through it when it is dropped.
pub(crate) struct Relay {
    folder: TempDir,
    task: AbortHandle,
}

impl Relay {
    /// Must be called within a tokio runtime. Connects to nothing yet.
    pub(crate) fn start(address: SocketAddr) -> io::Result<Self> {
        // Nobody else on this machine may enter.
        let private = Permissions::from_mode(0o700);
        let folder =
            tempfile::Builder::new().prefix("athena-way-").permissions(private).tempdir()?;
        // The driver makes this name of the port.
        let path = folder.path().join(format!(".s.PGSQL.{}", address.port()));
        let listener = UnixListener::bind(path)?;
        let task = tokio::spawn(serve(listener, address)).abort_handle();
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

async fn serve(listener: UnixListener, address: SocketAddr) {
    let mut open = JoinSet::new();
    loop {
        while open.len() >= MOST {
            open.join_next().await;
        }
        match listener.accept().await {
            Ok((driver, _)) => drop(open.spawn(carry(driver, address))),
            Err(error) => {
                tracing::warn!(%error, "a connection to a named database could not be taken");
                sleep(PAUSE).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
}

/// When either side is gone, so is the other; the driver says what that means.
async fn carry(mut driver: UnixStream, address: SocketAddr) {
    let Ok(Ok(mut database)) = timeout(CONNECT_LIMIT, TcpStream::connect(address)).await else {
        return;
    };
    // Whole messages come from the driver; waiting for more of them only costs time.
    let _ = database.set_nodelay(true);
    let _ = copy_bidirectional(&mut driver, &mut database).await;
}
