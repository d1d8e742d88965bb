//! Uses of keys: noted where they are decided, written down when the answer is there.

use crate::{error::ApiError, proxies, routes, state::ApiState};
use api_types::ClientName;
use auth::{AuthError, Credential, PermitError, PresentedKey};
use axum::extract::Request;
use gateway::{AuthRow, GatewayError, Manager, Operator, Trace, Visitor, admin::audit::Actor};
use http::{HeaderValue, Method, Uri, header, request::Parts};
use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// Endless paths and names of programs are cut.
const LONGEST: usize = 500;

/// What is known of a key that was shown, so far.
#[derive(Default)]
struct Note {
    public_id: Option<Arc<str>>,
    client: Option<ClientName>,
    digest: Option<String>,
    missing: Option<String>,
    granted: Option<Arc<[auth::Right]>>,
    authenticated: bool,
    authorized: bool,
    enforced: bool,
    reason: Cow<'static, str>,
}

/// A place in the request for what its doors find out about its key.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Note>>>);

/// What a row needs of a request that is not there any more when its answer is.
pub(crate) struct Arrival {
    slot: Slot,
    method: Method,
    uri: Uri,
    user_agent: Option<HeaderValue>,
    remote: Option<IpAddr>,
}

impl Arrival {
    /// Nothing where uses of keys are not written down.
    pub(crate) fn of(request: &mut Request, state: &ApiState) -> Option<Self> {
        state.gateway().auth_trail()?;
        let slot = Slot::default();
        let peer = proxies::peer(request.extensions());
        let arrival = Self {
            slot: slot.clone(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            user_agent: request.headers().get(header::USER_AGENT).cloned(),
            remote: state.settings().trusted_proxies.remote(peer, request.headers()),
        };
        request.extensions_mut().insert(slot);
        Some(arrival)
    }

    /// Write it down, if a key was asked for or shown.
    pub(crate) fn end(self, trace: &Trace, error: Option<&ApiError>, state: &ApiState) {
        if let Some(error) = error {
            self.slot.failed(error);
        }
        let Some(trail) = state.gateway().auth_trail() else { return };
        let Some(note) = self.slot.note().take() else { return };
        let at = SystemTime::now();
        if note.authorized && !trail.keeps_use(note.public_id.as_deref(), at) {
            return;
        }
        let required = match note.missing {
            Some(missing) => Cow::Owned(missing),
            None => routes::declared(&self.method, self.uri.path()).unwrap_or_default().into(),
        };
        trail.record(AuthRow {
            request_id: trace.request_id.shared(),
            public_id: note.public_id,
            client: note.client,
            method: word(&self.method),
            path: cut(self.uri.path()),
            presented_digest: note.digest.map(Box::from),
            required: vec![required],
            granted: note
                .granted
                .iter()
                .flat_map(|all| all.iter())
                .map(|right| Arc::clone(&right.0))
                .collect(),
            authenticated: note.authenticated,
            authorized: note.authorized,
            enforced: note.enforced,
            reason: note.reason,
            remote_addr: self.remote,
            user_agent: self.user_agent.map(|v| cut(&String::from_utf8_lossy(v.as_bytes()))),
            at,
        });
    }
}

/// The usual methods are not copied.
fn word(method: &Method) -> Cow<'static, str> {
    let usual = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let words = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    match usual.iter().position(|usual| usual == method) {
        Some(at) => Cow::Borrowed(words[at]),
        None => Cow::Owned(method.as_str().to_owned()),
    }
}

impl Slot {
    fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get::<Self>()
    }

    fn note(&self) -> MutexGuard<'_, Option<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key was right and not enough.
    pub(crate) fn denied(&self, missing: Option<&str>) {
        if let Some(note) = self.note().as_mut() {
            note.authorized = false;
            note.missing = missing.map(str::to_owned);
            note.reason = "missing_api_key_rights".into();
        }
    }

    /// What the request ended in, as far as that is about its key.
    pub(crate) fn failed(&self, error: &ApiError) {
        let ApiError::Gateway(error) = error else { return };
        match error.denial() {
            Some(PermitError::MissingRight(right)) => self.denied(Some(right)),
            Some(PermitError::ClientMismatch | PermitError::MissingScope(_)) | None => {}
        }
    }
}

/// A data request's door.
pub(crate) fn admitted(
    parts: &Parts,
    state: &ApiState,
    presented: &PresentedKey,
    outcome: Result<&Visitor, &GatewayError>,
) {
    let Some(slot) = Slot::of(parts) else { return };
    *slot.note() = match outcome {
        Ok(visitor) => let_in(presented, visitor),
        Err(error) => refused(parts, state, presented, error),
    };
}

fn let_in(presented: &PresentedKey, visitor: &Visitor) -> Option<Note> {
    let client = Some(visitor.client().clone());
    match visitor.caller().credential() {
        Credential::Key { id, rights, .. } => Some(Note {
            public_id: Some(Arc::clone(&id.0)),
            client,
            granted: Some(Arc::clone(rights)),
            authenticated: true,
            authorized: true,
            enforced: true,
            reason: "api_key_authenticated".into(),
            ..Note::default()
        }),
        // A key that nobody asked for was not looked at.
        Credential::Anonymous if !presented.is_absent() => Some(Note {
            client,
            authorized: true,
            reason: "api_key_not_enforced".into(),
            ..Note::default()
        }),
        Credential::Anonymous
        | Credential::Token { .. }
        | Credential::Admin
        | Credential::Person { .. }
        | Credential::System => None,
    }
}

fn refused(
    parts: &Parts,
    state: &ApiState,
    presented: &PresentedKey,
    error: &GatewayError,
) -> Option<Note> {
    let client = parts.headers.get("x-athena-client").and_then(|name| name.to_str().ok());
    let mut note = Note {
        public_id: presented.claimed_id().map(|id| id.0),
        client: client.and_then(|name| ClientName::parse(name).ok()),
        digest: state.gateway().auth_trail().and_then(|trail| trail.digest(presented)),
        enforced: true,
        ..Note::default()
    };
    match error {
        GatewayError::Auth(error) => {
            note.authenticated = *error == AuthError::ClientMismatch;
            note.reason = error.reason().into();
        }
        GatewayError::Permit(PermitError::MissingRight(right)) => {
            note.authenticated = true;
            note.missing = Some(right.clone());
            note.reason = "missing_api_key_rights".into();
        }
        GatewayError::AdminNotConfigured => note.reason = "admin_key_not_configured".into(),
        _ => return None,
    }
    Some(note)
}

/// An administrators' door.
pub(crate) fn operated(
    parts: &Parts,
    state: &ApiState,
    presented: &PresentedKey,
    outcome: Result<Option<&Operator>, &GatewayError>,
) {
    let Some(slot) = Slot::of(parts) else { return };
    *slot.note() = match outcome {
        Ok(operator) => Some(by_actor(
            operator.map(Operator::actor),
            operator.and_then(|operator| operator.bound_to().cloned()),
        )),
        Err(error) => refused(parts, state, presented, error),
    };
}

/// The door to a client's structure.
pub(crate) fn managed(
    parts: &Parts,
    state: &ApiState,
    presented: &PresentedKey,
    outcome: Result<&Manager, &GatewayError>,
) {
    let Some(slot) = Slot::of(parts) else { return };
    *slot.note() = match outcome {
        Ok(manager) => Some(by_actor(Some(manager.actor()), Some(manager.client().clone()))),
        Err(error) => refused(parts, state, presented, error),
    };
}

fn by_actor(actor: Option<&Actor>, client: Option<ClientName>) -> Note {
    let public_id = actor.and_then(|actor| match actor {
        Actor::Key(id) => Some(Arc::clone(&id.0)),
        _ => None,
    });
    let reason =
        if public_id.is_some() { "api_key_authenticated" } else { "admin_key_authenticated" };
    Note {
        client: client.filter(|_| public_id.is_some()),
        public_id,
        authenticated: true,
        authorized: true,
        enforced: true,
        reason: reason.into(),
        ..Note::default()
    }
}

fn cut(text: &str) -> Box<str> {
    if text.len() <= LONGEST && !text.as_bytes().contains(&0) {
        return text.into();
    }
    // PostgreSQL cannot store a NUL.
    let fits = |c: &char| *c != '\0';
    text.chars().filter(fits).take(LONGEST).collect::<String>().into()
}
