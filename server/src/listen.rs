//! The listener: bound before anything else, drained before anything stops.

use crate::starting::Threshold;
use axum::{ServiceExt, extract::Request, serve::ListenerExt};
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio_util::sync::CancellationToken;

/// How long requests under way may take after we were told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "port {} is in use by another program. Stop that one, or choose another port with \
         `--port` or `server.port` in the configuration", address.port()
    )]
    InUse { address: SocketAddr },
    #[error(
        "port {} may only be opened by root. Choose one above 1023 with `--port`", address.port()
    )]
    NotAllowed { address: SocketAddr },
    #[error("this machine has no address {host}. Choose another with `--host` or `server.host`")]
    UnknownHost {
        host: String,
        #[source]
        source: Option<io::Error>,
    },
    #[error("it is not possible to listen on {address}")]
    Other {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
}

/// Take the port, or say who should give way.
pub async fn bind(host: &str, port: u16) -> Result<TcpListener, ListenError> {
    let unknown = |source| ListenError::UnknownHost { host: host.to_owned(), source };
    let mut found = lookup_host((host, port)).await.map_err(|source| unknown(Some(source)))?;
    let address = found.next().ok_or_else(|| unknown(None))?;
    open(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse { address },
        io::ErrorKind::PermissionDenied => ListenError::NotAllowed { address },
        io::ErrorKind::AddrNotAvailable => unknown(Some(source)),
        _ => ListenError::Other { address, source },
    })
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of an earlier run that linger must not keep us from starting.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answer until told to stop; then finish what is under way, within bounds.
pub async fn serve(
    listener: TcpListener,
    service: Threshold,
    stop: CancellationToken,
) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::trace!(%error, "small answers may wait for company");
        }
    });
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let server =
        axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        done = server => done,
        () = late => {
            tracing::warn!("requests that took longer than {} s to finish were cut", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// The address a person types for a listener's.
pub fn shown(address: SocketAddr) -> String {
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_what_to_do() {
        let first = bind("127.0.0.1", 0).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let error = bind("127.0.0.1", port).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("port {port} is in use")), "{text}");
        assert!(text.contains("--port"), "{text}");
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = bind("203.0.113.7", 0).await.unwrap_err();
        assert!(matches!(error, ListenError::UnknownHost { .. }), "{error}");
    }

    #[test]
    fn a_listener_for_everybody_is_shown_as_localhost() {
        assert_eq!(shown(([0, 0, 0, 0], 4052).into()), "http://localhost:4052");
        assert_eq!(shown(([10, 1, 2, 3], 80).into()), "http://10.1.2.3:80");
    }
}
