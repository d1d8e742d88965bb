//! Which schemas a request can reach: those of its client's settings, or the one that it names.

use super::{RestRequest, state::Known};
use crate::{error::GatewayError, registry::Upstream};
use http::Method;
use postgrest::{RestConfig, schema::Scope};
use std::sync::Arc;

/// The schema of requests that name none, where the settings name none either.
const DEFAULT: &str = "public";

/// What one request can reach, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Exposed {
    pub(super) config: Arc<RestConfig>,
    pub(super) known: Arc<Known>,
}

impl Exposed {
    pub(super) async fn by(
        upstream: &Arc<Upstream>,
        request: &RestRequest,
    ) -> Result<Self, GatewayError> {
        let info = upstream.info();
        let settings = &info.rest;
        let Some(config) = &settings.config else {
            let schema = named(upstream, request).await?;
            let config = Arc::new(settings.options.config(vec![schema]));
            return Ok(Self::of(upstream, request, config));
        };
        Ok(Self::of(upstream, request, Arc::clone(config)))
    }

    fn of(upstream: &Arc<Upstream>, request: &RestRequest, config: Arc<RestConfig>) -> Self {
        let config = super::cap::config(upstream, request, config);
        let scope = Scope {
            schemas: config.schemas.clone(),
            extra_search_path: config.extra_search_path.clone(),
            hoisted_settings: upstream.info().rest.options.hoisted_tx_settings.clone(),
        };
        Self { known: upstream.rest_state().of(scope), config }
    }

    /// The schema of what the request names, whether or not there is such a thing.
    pub(super) fn schema<'a>(&'a self, request: &'a RestRequest) -> &'a str {
        let wanted = profile(request).filter(|one| self.config.schemas.iter().any(|it| it == one));
        wanted.or(self.config.schemas.first().map(String::as_str)).unwrap_or(DEFAULT)
    }
}

/// Where the settings leave it open, each schema that is there is a surface of its own: a key's
/// rights and the connection's role say what may be done in it.
async fn named(upstream: &Upstream, request: &RestRequest) -> Result<String, GatewayError> {
    let Some(wanted) = profile(request).filter(|wanted| *wanted != DEFAULT) else {
        return Ok(DEFAULT.to_owned());
    };
    let catalog = upstream.schema().await?;
    let of_tables = catalog.tables().any(|table| table.name.schema.as_str() == wanted);
    let is_there =
        of_tables || catalog.all_routines().any(|routine| routine.name.schema.as_str() == wanted);
    let is_ours = !wanted.starts_with("pg_") && wanted != "information_schema";
    Ok(if is_there && is_ours { wanted } else { DEFAULT }.to_owned())
}

/// As PostgREST has it: what is read is named in one header, what is sent in another.
fn profile(request: &RestRequest) -> Option<&str> {
    let writes = [Method::POST, Method::PATCH, Method::PUT, Method::DELETE];
    let header =
        if writes.contains(&request.method) { "content-profile" } else { "accept-profile" };
    request.headers.get(header)?.to_str().ok()
}
