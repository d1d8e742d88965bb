//! Requests that were answered from the kept answers before, known by their bytes: what they ask for
//! need not be read, planned and rendered again to find the answer.

use crate::{
    Gateway,
    access::Visitor,
    pipeline::RawRequest,
    registry::{ClientInfo, Upstream},
};
use api_types::ClientName;
use auth::{Credential, KeyId, Right};
use bytes::Bytes;
use cache::{Directive, Found, Lookup, Memo};
use catalog::{Ident, SchemaCache};
use query::{
    Operation,
    request::{Profile, ResponseCase},
};
use std::sync::{Arc, Weak};

/// Memory for all of them together.
const ROOM: u64 = 16 << 20;
/// What each costs beside its body.
const OVERHEAD: usize = 512;
/// Longer bodies are seldom sent twice.
const LONGEST: usize = 4 << 10;

pub(crate) type KnownRequests = Memo<Ticket, Known>;

pub(crate) fn requests() -> KnownRequests {
    Memo::new(ROOM, |ticket: &Ticket, _| OVERHEAD + ticket.body.len())
}

/// Everything that decides what a request means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    operation: Operation,
    client: ClientName,
    key: Option<KeyId>,
    strip_nulls: bool,
    profile: Profile,
    response_case: Option<ResponseCase>,
    body: Bytes,
}

/// What was found out, and what that rested on.
#[derive(Debug)]
pub(crate) struct Known {
    basis: Basis,
    lookup: Lookup,
    table: Ident,
}

/// All beside the request that decides what it means. Weak, so that nothing outlives its time
/// because of it.
#[derive(Debug)]
pub(super) struct Basis {
    upstream: Weak<Upstream>,
    schema: Weak<SchemaCache>,
    /// How the client worked then.
    info: Weak<ClientInfo>,
    rights: Option<Arc<[Right]>>,
}

impl Ticket {
    /// Only for reads that a kept answer will do for.
    pub(super) fn of(visitor: &Visitor, raw: &RawRequest) -> Option<Self> {
        let is_wanted = raw.directive == Directive::Use && raw.operation == Operation::Fetch;
        is_wanted.then(|| Self::naming(visitor, raw, || Some(raw.body.clone())))?
    }

    /// The same for any request, by a body that is made only where it can be one.
    pub(super) fn naming(
        visitor: &Visitor,
        raw: &RawRequest,
        body: impl FnOnce() -> Option<Bytes>,
    ) -> Option<Self> {
        // What bounds a visitor is not in their request.
        if visitor.bounds().is_some() || raw.body.len() > LONGEST {
            return None;
        }
        let key = match visitor.caller().credential() {
            Credential::Key { id, .. } => Some(id.clone()),
            Credential::Anonymous => None,
            // What a token may see, its claims decide.
            Credential::Token { .. }
            | Credential::Admin
            | Credential::Person { .. }
            | Credential::System => return None,
        };
        Some(Self {
            operation: raw.operation,
            client: visitor.client().clone(),
            key,
            strip_nulls: raw.strip_nulls,
            profile: raw.profile,
            response_case: raw.response_case,
            body: body()?,
        })
    }

    pub(super) fn length(&self) -> usize {
        self.body.len()
    }

    /// On memory of its own: the body was cut from a bigger buffer.
    fn compact(self) -> Self {
        Self { body: Bytes::copy_from_slice(&self.body), ..self }
    }
}

impl Known {
    pub(super) fn new(
        visitor: &Visitor,
        upstream: &Arc<Upstream>,
        schema: &Arc<SchemaCache>,
        lookup: Lookup,
        table: Ident,
    ) -> Self {
        Self { basis: Basis::of(visitor, upstream, schema), lookup, table }
    }
}

impl Basis {
    pub(super) fn of(
        visitor: &Visitor,
        upstream: &Arc<Upstream>,
        schema: &Arc<SchemaCache>,
    ) -> Self {
        Self {
            upstream: Arc::downgrade(upstream),
            schema: Arc::downgrade(schema),
            info: Arc::downgrade(&upstream.info()),
            rights: rights(visitor).cloned(),
        }
    }

    /// The schema, if neither the client, nor how it works, nor that schema, nor the caller's rights
    /// are others than they were.
    pub(super) fn schema_if_same(
        &self,
        visitor: &Visitor,
        upstream: &Arc<Upstream>,
    ) -> Option<Arc<SchemaCache>> {
        let same_rights = match (&self.rights, rights(visitor)) {
            (None, None) => true,
            (Some(then), Some(now)) => Arc::ptr_eq(then, now),
            _ => false,
        };
        let schema = upstream.schema_now()?;
        let same_schema = self.schema.as_ptr() == Arc::as_ptr(&schema);
        let same_info = self.info.as_ptr() == Arc::as_ptr(&upstream.info());
        let same_upstream = self.upstream.as_ptr() == Arc::as_ptr(upstream);
        (same_rights && same_upstream && same_info && same_schema).then_some(schema)
    }
}

/// They are made anew whenever the keys are read, so the same ones are those of the same key.
fn rights(visitor: &Visitor) -> Option<&Arc<[Right]>> {
    match visitor.caller().credential() {
        Credential::Key { rights, .. } => Some(rights),
        _ => None,
    }
}

impl Gateway {
    /// The kept answer of a request that is known, with the table it is about.
    pub(super) async fn recall(
        &self,
        visitor: &Visitor,
        ticket: &Ticket,
    ) -> Option<(Found, Ident)> {
        let cache = self.answers().cache()?;
        let known = self.known().get(ticket).await?;
        let upstream = self.registry().get(visitor.client()).ok()?;
        if !upstream.info().tuning.keeps_plainly() {
            return None;
        }
        if known.basis.schema_if_same(visitor, &upstream).is_none() {
            self.known().forget(ticket).await;
            return None;
        }
        let found = cache.kept(&known.lookup).await?;
        Some((found, known.table.clone()))
    }

    pub(super) async fn remember(&self, ticket: Ticket, known: Known) {
        self.known().keep(ticket.compact(), known).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, GatewaySettings};
    use auth::{ApiKey, StoredKey};
    use backend::fake::FakeBackend;
    use std::time::SystemTime;

    fn visitor(key: &ApiKey, rights: &[&str]) -> Visitor {
        let client = ClientName::parse("shop").unwrap();
        let stored = StoredKey {
            id: key.id().clone(),
            hash: key.hash(None),
            previous: None,
            client: None,
            rights: rights.iter().map(|right| Right(Arc::from(*right))).collect(),
            active: true,
            expires_at: None,
        };
        let caller = stored.admit(key, &client, SystemTime::now()).unwrap();
        Visitor::in_process(caller, client)
    }

    #[tokio::test]
    async fn a_known_request_is_forgotten_when_the_rights_of_its_key_were_read_anew() {
        let gateway = Gateway::new(GatewaySettings::default(), Access::open());
        let backend = Arc::new(FakeBackend::default());
        let name = ClientName::parse("shop").unwrap();
        let upstream = gateway.registry().add(name, backend, ClientInfo::default());
        let schema = upstream.schema().await.unwrap();
        let key = ApiKey::generate();
        let (before, after) = (visitor(&key, &["gateway.read"]), visitor(&key, &[]));
        let parts = cache::KeyParts {
            client: before.client(),
            upstream: "",
            visibility: cache::Visibility::Anonymous,
            surface: "fetch",
            shape: "",
            casing: "",
            strip_nulls: false,
            statement: "",
        };
        let lookup = cache::KeyBuilder::new(&parts).finish();
        let table = Ident::parse("invoices").unwrap();
        let known = Known::new(&before, &upstream, &schema, lookup, table);
        assert!(known.basis.schema_if_same(&before, &upstream).is_some());
        assert!(known.basis.schema_if_same(&after, &upstream).is_none());
    }
}
