//! Where a name leads at this moment, asked before each connection that goes by it.

use async_trait::async_trait;
use std::net::SocketAddr;

/// Looks a host's name up and says which addresses may be connected to. A name can mean something
/// else each time, so what it meant before is no reason.
#[async_trait]
pub trait AddressGuard: Send + Sync {
    /// Addresses to connect to, in this order; a refusal is for the log and for administrators.
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String>;
}

/// No name leads anywhere: for what is reached by its address.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

#[async_trait]
impl AddressGuard for NoNames {
    async fn resolve(&self, host: &str, _port: u16) -> Result<Vec<SocketAddr>, String> {
        Err(format!("{host} is not looked up here"))
    }
}
