//! People of the console, their organisations, and what members may do there.

mod error;
mod organizations;
mod second_step;
mod told;

pub use error::PeopleError;
pub use store::{MemberRecord, OpenSession, OrganizationRecord, PersonRecord};

use super::{
    audit::{Actor, Audit, Deed},
    keys::checked::{id_of, text},
};
use crate::{
    Gateway,
    access::{Administrator, NoDesk},
};
use auth::SessionToken;
use std::time::{Duration, SystemTime};
use store::{PersonChange, Store};
use told::person_told;
use uuid::Uuid;

/// A person as they are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonWanted {
    pub email: String,
    pub display_name: Option<String>,
    /// `admin` or `member`; a member when left out.
    pub role: Option<String>,
}

/// What a person is to become. An outer nothing leaves the field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonEdit {
    pub display_name: Option<Option<String>>,
    pub role: Option<String>,
    pub is_active: Option<bool>,
}

/// A link that signs somebody in once. Its token is here this once.
pub struct Invitation {
    pub token: String,
    pub seconds: u64,
}

/// How long an invitation waits to be used, unless somebody says otherwise.
const INVITATION: u64 = 7 * 24 * 60 * 60;
const LONGEST_INVITATION: u64 = 30 * 24 * 60 * 60;
const EMAIL_LIMIT: usize = 320;
const ROLES: [&str; 2] = ["admin", "member"];

/// What administrators do with people.
#[derive(Clone)]
pub struct People {
    store: Store,
    audit: Audit,
}

impl Gateway {
    /// The people, for an administrator.
    pub fn people(&self, _proof: &Administrator) -> Result<People, NoDesk> {
        let desk = self.access().desk().ok_or(NoDesk)?;
        Ok(People::new(desk.store.clone()))
    }
}

impl People {
    pub fn new(store: Store) -> Self {
        Self { audit: Audit::new(store.clone()), store }
    }

    /// People, oldest first.
    pub async fn list(&self, limit: u32, offset: u32) -> Result<Vec<PersonRecord>, PeopleError> {
        Ok(self.store.people(limit, offset).await?)
    }

    pub async fn create(
        &self,
        actor: &Actor,
        wanted: PersonWanted,
    ) -> Result<PersonRecord, PeopleError> {
        let email = email(&wanted.email)?;
        let name = text("display_name", wanted.display_name)?;
        let role = wanted.role.as_deref().map_or(Ok("member"), role)?;
        let made = self.store.create_person(&email, name.as_deref(), role).await?;
        let made = made.ok_or(PeopleError::EmailTaken { email })?;
        self.audit
            .tell(actor, &Deed::done("person.created", &made.id).to(person_told(&made)))
            .await;
        Ok(made)
    }

    /// Whoever may not sign in any more is signed out everywhere.
    pub async fn change(
        &self,
        actor: &Actor,
        id: &str,
        edit: PersonEdit,
    ) -> Result<PersonRecord, PeopleError> {
        let id = id_of(id)?;
        let change = PersonChange {
            display_name: edit.display_name.map(|it| text("display_name", it)).transpose()?,
            role: edit.role.as_deref().map(role).transpose()?.map(str::to_owned),
            is_active: edit.is_active,
        };
        let changed = self.store.change_person(id, &change).await?.ok_or_else(|| unknown(id))?;
        let deed = Deed::done("person.changed", id).from(person_told(&changed.before));
        self.audit.tell(actor, &deed.to(person_told(&changed.after))).await;
        Ok(changed.after)
    }

    /// A link that signs them in once.
    pub async fn invite(
        &self,
        actor: &Actor,
        id: &str,
        seconds: Option<u64>,
    ) -> Result<Invitation, PeopleError> {
        let id = id_of(id)?;
        let seconds = seconds.unwrap_or(INVITATION);
        if !(1..=LONGEST_INVITATION).contains(&seconds) {
            return Err(PeopleError::BadInvitation { limit: LONGEST_INVITATION });
        }
        let person = self.store.person(id).await?.ok_or_else(|| unknown(id))?;
        if !person.is_active {
            return Err(PeopleError::Inactive { id: person.id });
        }
        let token = SessionToken::generate();
        let end = SystemTime::now() + Duration::from_secs(seconds);
        self.store.create_link(&person.id, token.hash().as_str(), end).await?;
        self.audit.tell(actor, &Deed::done("person.invited", id)).await;
        let token = token.reveal().to_owned();
        Ok(Invitation { token, seconds })
    }

    /// The sessions of a person that hold.
    pub async fn sessions(&self, id: &str) -> Result<Vec<OpenSession>, PeopleError> {
        let id = id_of(id)?;
        self.store.person(id).await?.ok_or_else(|| unknown(id))?;
        Ok(self.store.sessions_of(id, None).await?)
    }

    /// Sign somebody out in one place.
    pub async fn end_session(
        &self,
        actor: &Actor,
        id: &str,
        session: &str,
    ) -> Result<(), PeopleError> {
        let (id, session) = (id_of(id)?, id_of(session)?);
        if !self.store.end_session(id, session).await? {
            return Err(PeopleError::UnknownSession { id: session.to_string() });
        }
        self.audit.tell(actor, &Deed::done("session.ended", session)).await;
        Ok(())
    }

    /// Sign somebody out everywhere; how many sessions ended.
    pub async fn end_sessions(&self, actor: &Actor, id: &str) -> Result<u64, PeopleError> {
        let id = id_of(id)?;
        self.store.person(id).await?.ok_or_else(|| unknown(id))?;
        let ended = self.store.end_sessions(id, None).await?;
        self.audit.tell(actor, &Deed::done("sessions.ended", id)).await;
        Ok(ended)
    }
}

fn unknown(id: Uuid) -> PeopleError {
    PeopleError::UnknownPerson { id: id.to_string() }
}

fn role(typed: &str) -> Result<&'static str, PeopleError> {
    let known = ROLES.into_iter().find(|role| role.eq_ignore_ascii_case(typed.trim()));
    known.ok_or_else(|| PeopleError::BadRole { text: typed.to_owned() })
}

/// Something on both sides of an @, and nothing that would break a line.
fn email(typed: &str) -> Result<String, PeopleError> {
    let email = typed.trim().to_lowercase();
    let is_one = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_plain = !email.chars().any(|c| c.is_control() || c.is_whitespace());
    if !is_one || !is_plain || email.len() > EMAIL_LIMIT {
        return Err(PeopleError::BadEmail { text: typed.to_owned() });
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_sides_and_a_role_is_one_of_two() {
        assert_eq!(email(" Me@Example.COM ").ok().as_deref(), Some("me@example.com"));
        for text in ["", "me", "@x", "me@", "a@b@c", "a b@c", "a\n@b", &"x@".repeat(200)] {
            assert!(email(text).is_err(), "{text}");
        }
        assert_eq!(role(" Admin ").ok(), Some("admin"));
        assert!(role("owner").is_err());
    }
}
