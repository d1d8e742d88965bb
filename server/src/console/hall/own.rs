//! What people do with their own password and sessions.

use super::{ADMIN, Hall, blocking, too_many, unavailable};
use crate::console::throttle::FREE_FOR_EMAIL;
use api_types::Problem;
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

fn id_of(person: &Viewer) -> Result<Uuid, Problem> {
    // Ids of people come from the store, where they are UUIDs.
    Uuid::parse_str(&person.user_id)
        .map_err(|_odd| Problem::new(500, "internal_error", "This session has no person."))
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
