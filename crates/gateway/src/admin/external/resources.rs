//! The resources that were imported, and their end.

use super::{External, ExternalError, Resource, import::subject, tables::shown};
use crate::{admin::audit::Deed, error::GatewayError, federation::compare};

/// What became of a resource since it was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is what it was.
    Sound,
    /// Its table has moved: it is answered from no longer, or with what is left of it.
    Degraded,
    /// The database was not read yet.
    Unknown,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
        }
    }
}

impl External<'_> {
    /// By name, each with what became of it as far as is known now.
    pub async fn resources(&self, client: &str) -> Result<Vec<(Resource, State)>, GatewayError> {
        let upstream = self.upstream(client).await?;
        let (raw, _) = upstream.behind();
        let state = |resource: &Resource| match &raw {
            None => State::Unknown,
            Some(cache) if compare(&upstream, resource, cache).ok => State::Sound,
            Some(_) => State::Degraded,
        };
        let all = self.gateway.registry().hall().of(upstream.name());
        Ok(all.iter().map(|resource| (resource.clone(), state(resource))).collect())
    }

    /// Forget a resource; the table it stood for is not touched.
    pub async fn forget(&self, client: &str, name: &str) -> Result<(), GatewayError> {
        let upstream = self.upstream(client).await?;
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
