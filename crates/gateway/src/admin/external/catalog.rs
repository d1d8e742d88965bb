//! A client's catalog, kept.

use super::{External, ExternalError, now, tables::shown};
use crate::{admin::audit::Deed, error::GatewayError};
use federation::Snapshot;
use serde_json::{Value, json};
use uuid::Uuid;

/// A catalog that was just read. It is answered also when it could not be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogRead {
    pub snapshot: Snapshot,
    /// None when it was not kept.
    pub id: Option<String>,
}

/// A catalog as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogKept {
    pub id: String,
    pub snapshot: Value,
    pub age_seconds: i64,
}

impl CatalogRead {
    pub fn shown(&self) -> Value {
        let mut shown = json!(self.snapshot);
        match &self.id {
            Some(id) => shown["id"] = id.as_str().into(),
            None => {
                shown["warning"] = "The catalog was read but could not be kept.".into();
            }
        }
        shown
    }
}

impl CatalogKept {
    pub fn shown(&self) -> Value {
        let mut shown = self.snapshot.clone();
        shown["id"] = self.id.as_str().into();
        shown["ageSeconds"] = self.age_seconds.into();
        shown
    }
}

impl External<'_> {
    pub async fn refresh_catalog(&self, client: &str) -> Result<CatalogRead, GatewayError> {
        let upstream = self.upstream(client).await?;
        let desk = self.desk()?;
        let cache = self.look(&upstream).await?;
        let allowed = upstream.terms().and_then(|terms| terms.allowed_schemas());
        let snapshot = Snapshot::of(upstream.name(), &cache, allowed, now());
        let whole = json!(snapshot);
        let kept = desk.store.put_catalog(upstream.name().as_str(), &snapshot.name, &whole).await;
        let id = match kept {
            Ok(id) => Some(id),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, client, "a catalog was not kept");
                None
            }
        };
        let told = json!({ "tables": snapshot.tables.len(), "id": id });
        self.gateway.tell("external.catalog.refreshed", upstream.name(), told.clone());
        let deed = Deed::done("external.catalog.refreshed", upstream.name().as_str()).to(told);
        desk.audit.tell(self.operator.actor(), &deed).await;
        Ok(CatalogRead { snapshot, id })
    }

    /// The newest, or one by its id.
    pub async fn catalog(
        &self,
        client: &str,
        id: Option<&str>,
    ) -> Result<CatalogKept, GatewayError> {
        let upstream = self.upstream(client).await?;
        let id = id.map(parsed).transpose()?;
        let found = self.desk()?.store.catalog(upstream.name().as_str(), id).await;
        let row = found.map_err(ExternalError::Store)?.ok_or(ExternalError::NoCatalog)?;
        Ok(CatalogKept { id: row.id, snapshot: row.snapshot.0, age_seconds: row.age_seconds })
    }
}

pub(super) fn parsed(id: &str) -> Result<Uuid, ExternalError> {
    Uuid::parse_str(id.trim()).map_err(|_no_uuid| ExternalError::BadId { text: shown(id) })
}
