//! Who is let in on the PostgREST surface: by an API key, by a token of the client's, or by both.

use super::refusal::RestRefusal;
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::Trace,
    registry::Upstream,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use auth::{
    Caller, PresentedKey,
    jwt::{Claims, JwtError, bearer, looks_like_jwt},
};
use http::HeaderMap;
use postgrest::{DatabaseError, RestError};
use std::{sync::Arc, time::SystemTime};

/// Somebody who was let in, and as whom the database sees them.
#[derive(Debug, Clone)]
pub struct RestVisitor {
    pub(super) visitor: Visitor,
    pub(super) upstream: Arc<Upstream>,
    pub(super) claims: Claims,
    /// Nothing for the role of the connection.
    pub(super) role: Option<String>,
    /// Whether what stands in `Authorization` is a token, and no key.
    pub(super) has_token: bool,
}

impl RestVisitor {
    /// Who was let in.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Whether the client speaks PostgREST's contract here, or the older one.
    pub fn speaks_postgrest(&self) -> bool {
        self.upstream.info().rest.options.postgrest_mode
    }
}

impl Gateway {
    /// Let a caller in for the client they name, or for the one that their key is for.
    pub async fn admit_rest(
        &self,
        trace: Trace,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<RestVisitor, RestRefusal> {
        let mut timings = Timings::start();
        let name = self.client_of(headers, query).await?;
        if self.registry().is_ad_hoc(&name) {
            return Err(GatewayError::unknown(name.as_str()).into());
        }
        let upstream = self.registry().get(&name);
        let jwt_only = match &upstream {
            Ok(upstream) => upstream.info().rest.jwt_only,
            Err(_) => self.sleeper_opens_to(&name, headers),
        };
        let token = bearer(headers).filter(|token| jwt_only || is_token(token, headers));
        let caller = if jwt_only {
            Caller::by_token(&name)
        } else {
            let presented = self.presented_beside(token.is_some(), headers, query);
            self.access().caller(&presented, &name).await.map_err(GatewayError::from)?
        };
        // Only those whose key opened it learn that a client is not there.
        let upstream = match upstream {
            Err(GatewayError::Unavailable { .. }) => self.upstream(&name).await?,
            found => found?,
        };
        upstream.looked_at().await?;
        let (claims, role) = identity(&upstream, token)?;
        timings.finish(Stage::Auth);
        let visitor = Visitor::new(caller, name, trace, timings);
        let has_token = token.is_some();
        Ok(RestVisitor { visitor, upstream, claims, role, has_token })
    }

    /// A client that nobody asked for yet has no settings of its own, and a token that is none wakes
    /// nobody.
    fn sleeper_opens_to(&self, name: &ClientName, headers: &HeaderMap) -> bool {
        let Some(clients) = self.clients_cell().get() else { return false };
        let rest = clients.rest_of_sleepers();
        let verified = rest
            .verifier
            .as_ref()
            .zip(bearer(headers))
            .is_some_and(|(verifier, token)| verifier.verify(token, SystemTime::now()).is_ok());
        rest.jwt_only && verified && self.registry().is_asleep(name)
    }

    fn presented_beside(
        &self,
        has_token: bool,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> PresentedKey {
        let key = match has_token {
            true => PresentedKey::beside_token(headers, query),
            false => PresentedKey::from_headers(headers, query),
        };
        self.access().in_address_too(key, query)
    }

    async fn client_of(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<ClientName, GatewayError> {
        let typed = headers.get("x-athena-client").and_then(|value| value.to_str().ok());
        if let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) {
            return ClientName::parse(typed).map_err(|_unheard_of| GatewayError::unknown(typed));
        }
        let has_token = bearer(headers).is_some_and(|token| is_token(token, headers));
        let presented = self.presented_beside(has_token, headers, query);
        self.access().bound_client(&presented).await.ok_or(GatewayError::MissingClient)
    }
}

/// Libraries send their key as a bearer, too, as long as nobody is signed in.
fn is_token(token: &str, headers: &HeaderMap) -> bool {
    let is_key = || headers.get("apikey").is_some_and(|key| key.as_bytes() == token.as_bytes());
    looks_like_jwt(token) && !is_key() || token.is_empty()
}

fn identity(
    upstream: &Upstream,
    token: Option<&str>,
) -> Result<(Claims, Option<String>), RestRefusal> {
    let info = upstream.info();
    let settings = &info.rest;
    let anon = settings.options.anon_role.clone();
    let claims = match (token, &settings.verifier) {
        (None, _) => Claims::none(),
        (Some(""), None) => Claims::none(),
        (Some(_), None) => return Err(JwtError::NoSecret.into()),
        (Some(token), Some(verifier)) => verifier.verify(token, SystemTime::now())?,
    };
    let role = claims.role().map(str::to_owned).or(anon);
    match (role, &settings.verifier) {
        (None, Some(_)) => Err(JwtError::Required.into()),
        // To the database this is the word for the connection's own role.
        (Some(role), _) if role == "none" => Err(no_such_role(role).into()),
        (role, _) => Ok((claims, role)),
    }
}

/// As the database says it of every other role that is not there.
fn no_such_role(role: String) -> RestError {
    RestError::from(Box::new(DatabaseError {
        sqlstate: "22023".to_owned(),
        message: format!("role \"{role}\" does not exist"),
        detail: None,
        hint: None,
        is_authenticated: false,
    }))
}
