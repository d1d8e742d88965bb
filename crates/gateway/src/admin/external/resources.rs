//! The resources that were imported, and their end.

use super::{External, ExternalError, Resource, import::subject, tables::shown};
use crate::{admin::audit::Deed, error::GatewayError};

impl External<'_> {
    /// By name.
    pub fn resources(&self, client: &str) -> Result<Vec<Resource>, GatewayError> {
        let upstream = self.upstream(client)?;
        Ok(self.gateway.registry().hall().of(upstream.name()).to_vec())
    }

    /// Forget a resource; the table it stood for is not touched.
    pub async fn forget(&self, client: &str, name: &str) -> Result<(), GatewayError> {
        let upstream = self.upstream(client)?;
        let desk = self.desk()?;
        let all = self.gateway.registry().hall().of(upstream.name());
        let removed = desk.store.remove_resource(upstream.name().as_str(), name).await;
        if !removed.map_err(ExternalError::Store)? {
            return Err(ExternalError::UnknownResource { name: shown(name) }.into());
        }
        self.heard(desk).await;
        let deed = match all.iter().find(|resource| resource.name.as_str() == name) {
            Some(resource) => Deed::done("external.object.removed", subject(resource))
                .from(serde_json::to_value(resource).unwrap_or_default()),
            None => Deed::done("external.object.removed", format!("{}/{name}", upstream.name())),
        };
        desk.audit.tell(self.operator.actor(), &deed).await;
        Ok(())
    }
}
