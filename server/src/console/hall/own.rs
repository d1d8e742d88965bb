//! What people do with their own password and sessions.

use super::{ADMIN, Hall, blocking, too_many, unavailable};
use crate::console::throttle::FREE_FOR_EMAIL;
use api_types::Problem;
use api_types::account::OwnOrganization;
use api_types::console::{SessionInfo, Viewer};
use auth::{PasswordHash, SessionTokenHash, hash_password};
use std::time::Instant;
use store::OpenSession;
use uuid::Uuid;

impl Hall {
    /// Where this person is signed in, newest first.
    pub async fn sessions(
        &self,
        person: &Viewer,
        this: &SessionTokenHash,
    ) -> Result<Vec<SessionInfo>, Problem> {
        let open = self.store.sessions_of(id_of(person)?, Some(this.as_str())).await;
        Ok(open.map_err(unavailable)?.into_iter().map(shown).collect())
    }

    pub async fn end_session(&self, person: &Viewer, session: &str) -> Result<(), Problem> {
        let session = Uuid::parse_str(session).map_err(|_no_uuid| no_such_session())?;
        let ended = self.store.end_session(id_of(person)?, session).await.map_err(unavailable)?;
        self.doubt();
        if ended { Ok(()) } else { Err(no_such_session()) }
    }

    /// Whoever has no password yet needs none to set one.
    pub async fn change_password(
        &self,
        person: &Viewer,
        this: &SessionTokenHash,
        current: String,
        new: String,
    ) -> Result<(), Problem> {
        if person.email == ADMIN {
            let text = "The password of this person is the admin key.";
            return Err(Problem::new(409, "admin_password", text)
                .with_hint("Rotate the admin key instead."));
        }
        let name = format!("change {}", person.user_id);
        self.throttle.admit(&[(&name, FREE_FOR_EMAIL)], Instant::now()).map_err(too_many)?;
        let id = id_of(person)?;
        let stored = self.store.password_of(id).await.map_err(unavailable)?;
        // A hash of nothing stands for no password.
        if let Some(stored) = stored.filter(|stored| stored.len() > 1)
            && !self.verify(current, PasswordHash::from_stored(stored)).await
        {
            return Err(Problem::new(401, "wrong_password", "The current password is wrong."));
        }
        let hash = self.hash(new).await?;
        self.store.change_password(id, hash.as_str(), this.as_str()).await.map_err(unavailable)?;
        self.throttle.forgive(&name, "");
        self.doubt();
        Ok(())
    }

    /// The organizations this person belongs to.
    pub async fn organizations(
        &self,
        this: &SessionTokenHash,
    ) -> Result<Vec<OwnOrganization>, Problem> {
        let mine = self.store.organizations_of(this.as_str()).await.map_err(unavailable)?;
        let shown = |store::OwnOrganization { id, name, is_chosen }| OwnOrganization {
            id,
            name,
            is_chosen,
        };
        Ok(mine.into_iter().map(shown).collect())
    }

    /// Work for another one from now on, in this session and in later ones.
    pub async fn work_for(
        &self,
        this: &SessionTokenHash,
        organization: &str,
    ) -> Result<(), Problem> {
        let id = Uuid::parse_str(organization).map_err(|_no_uuid| no_member())?;
        let chosen = self.store.work_for(this.as_str(), id).await.map_err(unavailable)?;
        self.doubt();
        if chosen { Ok(()) } else { Err(no_member()) }
    }

    async fn hash(&self, password: String) -> Result<PasswordHash, Problem> {
        // The semaphore is never closed.
        let _turn = self.hashing.acquire().await;
        match blocking(move || hash_password(&password)).await {
            Some(Ok(hash)) => Ok(hash),
            Some(Err(error)) => {
                Err(Problem::new(422, "weak_password", crate::console::sentence(&error)))
            }
            None => Err(Problem::new(500, "internal_error", "The password could not be set.")),
        }
    }
}

pub(super) fn id_of(person: &Viewer) -> Result<Uuid, Problem> {
    person_id(&person.user_id)
}

pub(super) fn person_id(id: &str) -> Result<Uuid, Problem> {
    // Ids of people come from the store, where they are UUIDs.
    Uuid::parse_str(id)
        .map_err(|_odd| Problem::new(500, "internal_error", "This session has no person."))
}

fn no_member() -> Problem {
    Problem::new(404, "unknown_member", "You do not belong to this organization.")
}

fn no_such_session() -> Problem {
    Problem::new(404, "unknown_session", "There is no such session, or it is over.")
}

fn shown(session: OpenSession) -> SessionInfo {
    SessionInfo {
        id: session.id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        remote_addr: session.remote_addr,
        is_this: session.is_this,
    }
}
