//! Who is let in: a key becomes a caller before anything of their request is read.

mod admin;
mod keyring;
mod operator;
mod throttle;
mod trail;
mod visitor;

pub use keyring::Keyring;
pub(crate) use keyring::to_store;
pub use operator::{Desk, NoDesk, Operator};
pub use trail::{AuthTrail, Kept};
pub use visitor::Visitor;

use crate::{
    Gateway,
    admin::keys::Keys,
    admission::{Admission, Recognised},
    deferred::Deferred,
    error::GatewayError,
    ids::Trace,
    observe::Sink,
    once::Once,
    timings::{Stage, Timings},
};
use api_types::ClientName;
use async_trait::async_trait;
use auth::{AdminKeyHash, AuthError, Caller, KeyId, PresentedKey, Refused};
use http::HeaderMap;
use std::sync::Arc;
use throttle::Throttle;

/// What the gateway needs of whoever keeps the keys.
#[async_trait]
pub trait Doorkeeper: Send + Sync {
    /// Who shows this key at this client's door. Answered from memory: no request waits for it.
    fn caller(&self, presented: &PresentedKey, client: &ClientName) -> Result<Caller, AuthError>;

    /// Whoever filed work with this key, or without one, and may do now what the key still allows.
    fn stand_in(&self, _id: Option<&KeyId>, _client: &ClientName) -> Result<Caller, AuthError> {
        Err(AuthError::StoreUnavailable)
    }

    /// The only client that the key shown opens, before anything about it is checked.
    fn bound_client(&self, _presented: &PresentedKey) -> Option<ClientName> {
        None
    }

    /// Whose key this is, whichever client it is for.
    fn holder(&self, _presented: &PresentedKey) -> Result<Caller, AuthError> {
        Err(AuthError::NotAdmin)
    }

    /// Whether keys are demanded of those who ask for no client in particular.
    fn demands_keys(&self) -> bool {
        true
    }

    /// Whether looking again was in vain for what is shown, a moment ago.
    fn is_known_wrong(&self, _presented: &PresentedKey) -> bool {
        false
    }

    /// Looking again was in vain.
    fn remember_wrong(&self, _presented: &PresentedKey) {}

    /// Look again where keys are kept, for a key that may have been made a moment ago.
    /// It must be cheap for many who ask at once: anybody can show an unknown key. Whether it could be
    /// looked.
    async fn refresh(&self, _id: Option<&KeyId>) -> bool {
        true
    }
}

/// Proof that somebody showed the static admin key.
#[derive(Debug, Clone)]
pub struct Administrator {
    _made_here: (),
}

/// What the gateway checks callers against, and where it writes down what they did.
#[derive(Clone, Default)]
pub struct Access {
    doorkeeper: Option<Arc<dyn Doorkeeper>>,
    admin_key: Option<AdminKeyHash>,
    keyring: Option<Keyring>,
    throttle: Arc<Throttle>,
    trail: Option<AuthTrail>,
    keys_in_address: bool,
    fails_open: bool,
    keys: Option<Keys>,
    operation_log: Option<Arc<dyn Sink>>,
    /// The same log, for what is asked of it.
    operations: Option<store::OperationLog>,
    once: Option<Once>,
    deferred: Option<Deferred>,
    admission: Option<Admission>,
    desk: Option<Desk>,
    requests: Option<store::RequestLog>,
}

impl Access {
    /// No keys and no store: everybody is let in.
    pub fn open() -> Self {
        Self::default()
    }

    pub fn guarded(doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self { doorkeeper: Some(doorkeeper), ..Self::default() }
    }

    /// Callers show keys of this keyring, and administrators make and close them.
    pub fn with_keyring(keyring: &Keyring) -> Self {
        Self {
            keys: Some(keyring.keys()),
            keyring: Some(keyring.clone()),
            ..Self::guarded(Arc::new(keyring.clone()))
        }
    }

    /// Also read keys from `?api_key=`, although addresses end up in logs.
    #[must_use]
    pub fn reading_addresses(self, keys_in_address: bool) -> Self {
        Self { keys_in_address, ..self }
    }

    /// Let everybody read while keys could not be looked up so far. Writes wait for the keys.
    #[must_use]
    pub fn failing_open(self, fails_open: bool) -> Self {
        Self { fails_open, ..self }
    }

    /// Also write down every use of a key, and every refusal.
    #[must_use]
    pub fn trailed(self, trail: AuthTrail) -> Self {
        Self { trail: Some(trail), ..self }
    }

    /// Also write every operation to this log. It must not block.
    #[must_use]
    pub fn logged(mut self, operation_log: Arc<dyn Sink>) -> Self {
        self.operation_log = Some(operation_log);
        self
    }

    /// Also write down requests, as far as there is room for them.
    #[must_use]
    pub fn logging_requests(mut self, log: store::RequestLog) -> Self {
        self.requests = Some(log);
        self
    }

    pub(crate) fn request_log(&self) -> Option<&store::RequestLog> {
        self.requests.as_ref()
    }

    pub(crate) fn known_desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    /// The log behind the sink, to hurry it and to ask what it lost.
    #[must_use]
    pub fn counting(mut self, log: store::OperationLog) -> Self {
        self.operations = Some(log);
        self
    }

    pub(crate) fn operation_log(&self) -> Option<&store::OperationLog> {
        self.operations.as_ref()
    }

    /// Also remember writes that carry a key in this store, so that none is done twice.
    #[must_use]
    pub fn remembering(mut self, store: store::Store) -> Self {
        self.once = Some(Once::new(store));
        self
    }

    /// Also put requests off, for those who ask for it and when too many come.
    #[must_use]
    pub fn deferring(mut self, deferred: Deferred) -> Self {
        self.deferred = Some(deferred);
        self
    }

    /// Also count who is let in.
    #[must_use]
    pub fn admitting(mut self, admission: Admission) -> Self {
        self.admission = Some(admission);
        self
    }

    pub(crate) fn deferred(&self) -> Option<&Deferred> {
        self.deferred.as_ref()
    }

    pub(crate) fn admission(&self) -> Option<&Admission> {
        self.admission.as_ref()
    }

    /// Whoever filed work with this key, as of now.
    pub(crate) async fn stand_in(
        &self,
        id: Option<&KeyId>,
        client: &ClientName,
    ) -> Result<Caller, AuthError> {
        let Some(doorkeeper) = &self.doorkeeper else { return Ok(Caller::anonymous()) };
        match doorkeeper.stand_in(id, client) {
            Err(AuthError::InvalidKey(Refused::Unknown) | AuthError::StoreUnavailable) => {
                doorkeeper.refresh(id).await;
                doorkeeper.stand_in(id, client)
            }
            answer => answer,
        }
    }

    /// From memory alone: whom this key lets in at this client's door.
    pub(crate) fn opens(&self, presented: &PresentedKey, client: &ClientName) -> Option<Caller> {
        match &self.doorkeeper {
            Some(keeper) => keeper.caller(presented, client).ok(),
            None => Some(Caller::anonymous()),
        }
    }

    /// From memory alone: whose key this is, and the only client it is for.
    pub(crate) fn glance(&self, presented: &PresentedKey) -> Option<Caller> {
        self.doorkeeper.as_ref()?.holder(presented).ok()
    }

    /// From memory alone: the only client that this key opens.
    pub(crate) fn bound_at_a_glance(&self, presented: &PresentedKey) -> Option<ClientName> {
        self.doorkeeper.as_ref()?.bound_client(presented)
    }

    /// The same key, and that of the address where those are read.
    pub(crate) fn in_address_too(&self, key: PresentedKey, query: Option<&str>) -> PresentedKey {
        if self.keys_in_address { key.or_address(query) } else { key }
    }

    pub(crate) fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// What administrators work on, where there is any.
    pub(crate) fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    pub(crate) fn has_store(&self) -> bool {
        self.doorkeeper.is_some()
    }

    pub(crate) fn operation_sink(&self) -> Option<Arc<dyn Sink>> {
        self.operation_log.clone()
    }

    /// For requests that name no client: the one their key is for, whether or not it lets them in.
    pub(crate) async fn bound_client(&self, presented: &PresentedKey) -> Option<ClientName> {
        let doorkeeper = self.doorkeeper.as_ref()?;
        if presented.is_absent() {
            return None;
        }
        if let Some(client) = doorkeeper.bound_client(presented) {
            return Some(client);
        }
        doorkeeper.refresh(presented.claimed_id().as_ref()).await;
        doorkeeper.bound_client(presented)
    }

    pub(crate) async fn caller(
        &self,
        presented: &PresentedKey,
        client: &ClientName,
    ) -> Result<Caller, AuthError> {
        let Some(doorkeeper) = &self.doorkeeper else { return Ok(Caller::anonymous()) };
        let ask = |doorkeeper: &dyn Doorkeeper| doorkeeper.caller(presented, client);
        match again(&**doorkeeper, presented, ask).await {
            Err(AuthError::StoreUnavailable) if self.fails_open => Ok(Caller::unchecked()),
            answer => answer,
        }
    }
}

/// Ask, and once more after another look where keys are kept: a key may have been made or given
/// another secret a moment ago. An unknown key and a wrong secret take the same time.
async fn again(
    doorkeeper: &dyn Doorkeeper,
    presented: &PresentedKey,
    ask: impl Fn(&dyn Doorkeeper) -> Result<Caller, AuthError>,
) -> Result<Caller, AuthError> {
    let answer = ask(doorkeeper);
    if !may_change(&answer) || doorkeeper.is_known_wrong(presented) {
        return answer;
    }
    let has_looked = doorkeeper.refresh(presented.claimed_id().as_ref()).await;
    let answer = ask(doorkeeper);
    if has_looked && may_change(&answer) {
        doorkeeper.remember_wrong(presented);
    }
    answer
}

fn may_change(answer: &Result<Caller, AuthError>) -> bool {
    let (unknown, secret) = (Refused::Unknown, Refused::Secret);
    match answer {
        Err(AuthError::InvalidKey(refused)) => *refused == unknown || *refused == secret,
        Err(AuthError::StoreUnavailable) => true,
        _ => false,
    }
}

impl Gateway {
    /// Let a caller in for the client they name. The client need not exist: that is found out
    /// later, by those who may ask for it.
    pub async fn admit(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        client: Option<&str>,
    ) -> Result<Visitor, GatewayError> {
        self.admit_recognised(trace, presented, client, None).await
    }

    /// The same for somebody who may have been recognised a moment ago, in the same request and by
    /// the same key.
    pub async fn admit_recognised(
        &self,
        trace: Trace,
        presented: &PresentedKey,
        client: Option<&str>,
        recognised: Option<&Recognised>,
    ) -> Result<Visitor, GatewayError> {
        let mut timings = Timings::start();
        let typed = client.ok_or(GatewayError::MissingClient)?;
        let name = ClientName::parse(typed).map_err(|_unheard_of| GatewayError::unknown(typed))?;
        // A database somebody else named in a header belongs to them alone.
        if self.registry().is_ad_hoc(&name) {
            return Err(GatewayError::unknown(typed));
        }
        let recognised = recognised.filter(|one| one.client == name);
        let caller = match recognised.and_then(|one| one.caller.as_ref()) {
            Some(caller) => caller.clone(),
            None => self.access().caller(presented, &name).await?,
        };
        self.wake(&name).await;
        timings.finish(Stage::Auth);
        Ok(Visitor::new(caller, name, trace, timings))
    }

    /// The key of a request, wherever this gateway reads keys.
    pub fn presented(&self, headers: &HeaderMap, query: Option<&str>) -> PresentedKey {
        self.access().in_address_too(PresentedKey::from_headers(headers, query), query)
    }

    /// Whether keys are demanded of those who ask for no client in particular.
    pub fn demands_keys(&self) -> bool {
        self.access().doorkeeper.as_ref().is_some_and(|doorkeeper| doorkeeper.demands_keys())
    }

    /// Where uses of keys are written down.
    pub fn auth_trail(&self) -> Option<&AuthTrail> {
        self.access().trail.as_ref()
    }
}
