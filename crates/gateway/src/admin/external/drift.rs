//! Events of drift, for those who look after a client.

use super::{External, ExternalError, catalog::parsed};
use crate::{admin::audit::Deed, error::GatewayError};
use serde_json::json;

pub use store::{DriftPage, DriftRow};

impl External<'_> {
    /// Newest first.
    pub async fn drift(
        &self,
        client: &str,
        page: DriftPage,
    ) -> Result<Vec<DriftRow>, GatewayError> {
        let upstream = self.upstream(client).await?;
        let rows = self.desk()?.store.drift(upstream.name().as_str(), page).await;
        Ok(rows.map_err(ExternalError::Store)?)
    }

    /// Somebody has seen it. Who was first stays.
    pub async fn acknowledge(&self, client: &str, id: &str) -> Result<DriftRow, GatewayError> {
        let upstream = self.upstream(client).await?;
        let desk = self.desk()?;
        let uuid = parsed(id)?;
        let actor = self.operator.actor().to_string();
        let row = desk.store.acknowledge_drift(upstream.name().as_str(), uuid, &actor).await;
        let unknown = || ExternalError::UnknownEvent { id: uuid.to_string() };
        let row = row.map_err(ExternalError::Store)?.ok_or_else(unknown)?;
        let deed = Deed::done("external.drift.acknowledged", upstream.name().as_str())
            .to(json!({ "id": row.id, "resource": row.resource_name }));
        desk.audit.tell(self.operator.actor(), &deed).await;
        Ok(row)
    }
}
