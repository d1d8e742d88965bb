//! Who asks: a key, the static admin key, a person in the console, or nobody.

use crate::{
    right::Right,
    scope::{Scope, Verb},
};
use api_types::ClientName;
use catalog::QualifiedName;
use std::{borrow::Borrow, sync::Arc};

/// The public id of an API key; safe to log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyId(pub Arc<str>);

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// No key, and none is demanded.
    Anonymous,
    /// A verified API key.
    Key { id: KeyId, client: Option<ClientName>, rights: Arc<[Right]> },
    /// A token that counts for one client; its database knows what the role in it may.
    Token { client: ClientName },
    /// The static admin key.
    Admin,
    /// A person signed in to the console.
    Person {
        user_id: Arc<str>,
        /// What they may; nothing for an administrator, who may everything.
        member: Option<Arc<Membership>>,
    },
    /// The gateway's own work.
    System,
}

/// For whom a person who is no administrator works, and what they may there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    pub organization_id: Option<Arc<str>>,
    pub company_id: Option<Arc<str>>,
    pub scopes: Vec<Scope>,
}

/// A proven identity. Only this crate makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    credential: Credential,
}

impl Caller {
    pub(crate) fn new(credential: Credential) -> Self {
        Self { credential }
    }

    /// Anybody, where no key is demanded.
    pub fn anonymous() -> Self {
        Self::new(Credential::Anonymous)
    }

    /// Whoever a client's tokens let in, on the surface where the database decides what they may.
    pub fn by_token(client: &ClientName) -> Self {
        Self::new(Credential::Token { client: client.clone() })
    }

    /// Whoever comes while keys cannot be looked up, where reading is to go on: they may only read.
    pub fn unchecked() -> Self {
        let id = KeyId(Arc::from("unchecked"));
        let rights = Arc::from([Right(Arc::from("gateway.read"))]);
        Self::new(Credential::Key { id, client: None, rights })
    }

    /// Whoever comes through a public route: they have the route's rights at its client, and no other.
    /// The id cannot be that of a stored key, for those are hexadecimal digits.
    pub fn by_route(key: &str, client: &ClientName, rights: Arc<[Right]>) -> Self {
        let id = KeyId(Arc::from(format!("public-route:{key}")));
        Self::new(Credential::Key { id, client: Some(client.clone()), rights })
    }

    /// The gateway itself, for health checks and introspection.
    pub fn system() -> Self {
        Self::new(Credential::System)
    }

    /// An administrator whose session the console has just checked.
    pub fn person(user_id: &str) -> Self {
        Self::new(Credential::Person { user_id: Arc::from(user_id), member: None })
    }

    /// Somebody else whose session the console has just checked.
    pub fn member(user_id: &str, membership: Membership) -> Self {
        let member = Some(Arc::new(membership));
        Self::new(Credential::Person { user_id: Arc::from(user_id), member })
    }

    /// Whether a person's scopes let them do exactly this; whoever is no member has none.
    pub fn has_scope(&self, verb: Verb, relation: &QualifiedName) -> bool {
        match &self.credential {
            Credential::Person { member: Some(member), .. } => {
                member.scopes.iter().any(|scope| scope.covers(verb, relation))
            }
            _ => true,
        }
    }

    pub fn credential(&self) -> &Credential {
        &self.credential
    }
}
