//! What administrators do with databases that belong to others: look, draft, import, compare.

mod catalog;
mod drift;
mod error;
mod import;
mod remote;
mod resources;
mod tables;
mod validate;

pub use self::catalog::{CatalogKept, CatalogRead};
pub use drift::{DriftPage, DriftRow};
pub use error::ExternalError;
pub use federation::{Draft, DraftInput, Resource};
pub use import::Imported;
pub use resources::State;
pub use tables::RemoteTable;
pub use validate::{ResourceVerdict, Verdict};

use crate::{
    Gateway,
    access::{Desk, Operator},
    error::GatewayError,
    registry::Upstream,
};
use ::catalog::SchemaCache;
use api_types::ClientName;
use auth::PermitError;
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};

/// Looking at a whole catalog may take this long, if the client's own limit is no lower.
const LOOK: Duration = Duration::from_secs(30);

/// The external side of this gateway's clients, for somebody who may see it.
pub struct External<'a> {
    gateway: &'a Gateway,
    operator: &'a Operator,
}

impl Gateway {
    pub fn external<'a>(&'a self, operator: &'a Operator) -> External<'a> {
        External { gateway: self, operator }
    }
}

impl External<'_> {
    /// A client that this operator may look at.
    async fn upstream(&self, client: &str) -> Result<Arc<Upstream>, GatewayError> {
        let unknown = || ExternalError::UnknownClient { client: client.chars().take(80).collect() };
        let name = ClientName::parse(client).map_err(|_odd| unknown())?;
        if !self.operator.may_touch(&name) {
            return Err(PermitError::ClientMismatch.into());
        }
        match self.gateway.upstream(&name).await {
            Err(GatewayError::UnknownClient { .. }) => Err(unknown().into()),
            // What callers name themselves is nobody's to administer.
            Ok(_) if self.gateway.registry().is_ad_hoc(&name) => Err(unknown().into()),
            found => found,
        }
    }

    fn desk(&self) -> Result<&Desk, GatewayError> {
        self.gateway.desk(self.operator)
    }

    /// The catalog as it is at this moment; callers see what is seen here at once.
    async fn look(&self, upstream: &Upstream) -> Result<Arc<SchemaCache>, ExternalError> {
        let limit = upstream.terms().map_or(LOOK, |terms| terms.query_timeout().min(LOOK));
        upstream.look(limit).await.map_err(|source| ExternalError::of(source, limit))
    }
}

fn now() -> String {
    Timestamp::now().to_string()
}
