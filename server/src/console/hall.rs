//! Passwords, one-time links, and the sessions behind cookies.

mod enter;
mod own;
mod picture;
mod totp;

use super::throttle::{FREE_FOR_EMAIL, FREE_FOR_PEER, Throttle};
use api_types::Problem;
use api_types::console::{SignInInput, Viewer};
use app::port::Entered;
use auth::{
    Membership, PasswordHash, Scope, SessionToken, SessionTokenHash, hash_password, verify_password,
};
use gateway::Gateway;
use secrets::Kms;
use settings::Secret;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use store::{SessionRow, Store, StoreError};
use tokio::sync::Semaphore;

/// The person who is always there; the admin key is the password.
const ADMIN: &str = "admin@localhost";

/// How long a link waits to be used.
const LINK: Duration = Duration::from_secs(60 * 60);
/// How long a session that was found is believed without looking again.
const BELIEVED: Duration = Duration::from_secs(10);
/// The most sessions that are believed at once.
const CAPACITY: usize = 10_000;
/// Hashing a password takes tens of milliseconds of a whole core.
const HASHING_AT_ONCE: usize = 2;
/// What an e-mail address may be long.
const MAX_EMAIL: usize = 320;

/// Who is in, and how people get in.
pub struct Hall {
    store: Store,
    believed: Mutex<Believed>,
    throttle: Throttle,
    hashing: Semaphore,
    /// Opens the secrets of second steps; without it no code is right.
    vault: Option<Arc<dyn Kms>>,
}

/// Who is behind a session, and what they may when they are no administrator.
#[derive(Clone)]
pub struct Known {
    pub viewer: Viewer,
    pub member: Option<Membership>,
}

#[derive(Default)]
struct Believed {
    sessions: HashMap<SessionTokenHash, (Known, Instant)>,
    /// Counts sign-outs, so that a look-up under way cannot bring a session back.
    ended: u64,
}

impl Hall {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            believed: Mutex::default(),
            throttle: Throttle::default(),
            hashing: Semaphore::new(HASHING_AT_ONCE),
            vault: None,
        }
    }

    #[must_use]
    pub fn with_vault(self, vault: Option<Arc<dyn Kms>>) -> Self {
        Self { vault, ..self }
    }

    /// Make sure that the admin is there, with the admin key as password or with none.
    pub async fn prepare(&self, admin_key: Option<&Secret>) -> Result<(), StoreError> {
        let admin = self.store.upsert_admin(ADMIN, Some("Administrator"), None).await?;
        let stored = admin.password_hash.map(PasswordHash::from_stored);
        let Some(key) = admin_key.map(|key| key.expose().trim().to_owned()) else {
            // The key of an earlier start must not stay a password.
            if stored.is_some_and(|stored| stored.as_str() != NO_PASSWORD) {
                self.store.set_password(&admin.id, NO_PASSWORD).await?;
            }
            return Ok(());
        };
        let is_known = match stored {
            Some(stored) => self.verify(key.clone(), stored).await,
            None => false,
        };
        if is_known {
            return Ok(());
        }
        match blocking(move || hash_password(&key)).await {
            Some(Ok(hash)) => self.store.set_password(&admin.id, hash.as_str()).await.map(|_| ()),
            Some(Err(error)) => {
                tracing::warn!("the admin key is no password for the console: {error}");
                self.store.set_password(&admin.id, NO_PASSWORD).await.map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// A link that signs the admin in once.
    pub async fn make_link(&self, url: &str) -> Result<String, StoreError> {
        let admin = self.store.upsert_admin(ADMIN, Some("Administrator"), None).await?;
        let token = SessionToken::generate();
        let end = SystemTime::now() + LINK;
        self.store.create_link(&admin.id, token.hash().as_str(), end).await?;
        Ok(format!("{url}/console/sign-in?link={}", token.reveal()))
    }

    pub(super) async fn sign_in(
        &self,
        input: SignInInput,
        peer: Option<&str>,
        engine: &Gateway,
    ) -> Result<Entered, Problem> {
        let email = input.email.trim().to_lowercase();
        if email.is_empty() || email.len() > MAX_EMAIL {
            return Err(wrong_password());
        }
        let (by_email, by_peer) =
            (format!("email {email}"), format!("peer {}", peer.unwrap_or("?")));
        let names = [(by_email.as_str(), FREE_FOR_EMAIL), (by_peer.as_str(), FREE_FOR_PEER)];
        self.throttle.admit(&names, Instant::now()).map_err(too_many)?;
        let user = self.store.user_by_email(&email).await.map_err(unavailable)?;
        let user = user.filter(|user| user.is_active);
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let is_right = self.is_password(&email, input.password, stored, engine).await;
        let Some(user) = user.filter(|_| is_right) else {
            tracing::info!(peer, "a sign-in was refused");
            return Err(wrong_password());
        };
        self.throttle.forgive(&by_email, &by_peer);
        self.enter(&user.id, peer).await
    }

    async fn is_password(
        &self,
        email: &str,
        typed: String,
        stored: Option<String>,
        engine: &Gateway,
    ) -> bool {
        // Somebody unknown takes as long as somebody known.
        let hash = stored.map_or_else(PasswordHash::decoy, PasswordHash::from_stored);
        let password = typed.trim().to_owned();
        // Admin keys come and go while we run, and the password is whichever holds now.
        match email == ADMIN && engine.has_admin_key() {
            true => engine.is_admin_key(&password),
            false => self.verify(password, hash).await,
        }
    }

    pub(super) async fn redeem_link(
        &self,
        token: &str,
        peer: Option<&str>,
    ) -> Result<Entered, Problem> {
        let token = SessionToken::parse(token).map_err(|_no_token| link_spent())?;
        let user = self.store.redeem_link(token.hash().as_str()).await.map_err(unavailable)?;
        self.enter(&user.ok_or_else(link_spent)?, peer).await
    }

    /// The person behind a session, from memory when it was looked up a moment ago.
    pub(super) async fn viewer(
        &self,
        session: &SessionTokenHash,
    ) -> Result<Option<Known>, Problem> {
        let ended = {
            let believed = self.believed();
            match believed.sessions.get(session) {
                Some((known, until)) if *until > Instant::now() => {
                    return Ok(Some(known.clone()));
                }
                _ => believed.ended,
            }
        };
        let found = self.store.find_session(session.as_str()).await.map_err(unavailable)?;
        let Some(found) = found else {
            self.believed().sessions.remove(session);
            return Ok(None);
        };
        let until = believed_until(&found);
        let known = known(found);
        let mut believed = self.believed();
        if believed.ended == ended {
            believed.remember(session.clone(), known.clone(), until);
        }
        Ok(Some(known))
    }

    /// People changed, here or elsewhere: nothing is believed any more.
    pub fn doubt(&self) {
        let mut believed = self.believed();
        believed.sessions.clear();
        believed.ended += 1;
    }

    /// End a session, here at once and for ever in the store.
    pub(super) async fn sign_out(&self, session: &SessionTokenHash) -> Result<(), Problem> {
        self.believed().forget(session);
        let revoked = self.store.revoke_session(session.as_str()).await;
        // A look-up that began before the store knew may have brought it back.
        self.believed().forget(session);
        revoked.map(|_| ()).map_err(unavailable)
    }

    fn believed(&self) -> std::sync::MutexGuard<'_, Believed> {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn verify(&self, password: String, stored: PasswordHash) -> bool {
        // The semaphore is never closed; without a permit nobody gets in.
        let Ok(_turn) = self.hashing.acquire().await else { return false };
        blocking(move || verify_password(&password, &stored)).await.unwrap_or(false)
    }
}

/// What verifies nothing.
const NO_PASSWORD: &str = "!";

impl Believed {
    fn remember(&mut self, session: SessionTokenHash, known: Known, until: Instant) {
        if self.sessions.len() >= CAPACITY {
            let now = Instant::now();
            self.sessions.retain(|_, (_, until)| *until > now);
        }
        if self.sessions.len() < CAPACITY {
            self.sessions.insert(session, (known, until));
        }
    }

    fn forget(&mut self, session: &SessionTokenHash) {
        self.sessions.remove(session);
        self.ended += 1;
    }
}

fn believed_until(session: &SessionRow) -> Instant {
    let left = session.expires_at().duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now() + left.min(BELIEVED)
}

fn known(session: SessionRow) -> Known {
    let member = (!session.is_admin()).then(|| membership(&session));
    let display_name = session.display_name.unwrap_or_else(|| session.email.clone());
    let viewer = Viewer { user_id: session.user_id, email: session.email, display_name };
    Known { viewer, member }
}

/// A scope that cannot be understood allows nothing.
fn membership(session: &SessionRow) -> Membership {
    Membership {
        organization_id: session.organization_id.as_deref().map(Arc::from),
        company_id: session.company_id.as_deref().map(Arc::from),
        scopes: session.scopes.iter().filter_map(|text| Scope::parse(text).ok()).collect(),
    }
}

/// Off the threads that answer requests; `None` when it panicked, which the panic hook reports.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn wrong_password() -> Problem {
    Problem::new(401, "wrong_password", "The e-mail address or the password is wrong.")
        .with_hint("`athena link` prints a link that signs in without one.")
}

fn wrong_code() -> Problem {
    Problem::new(401, "wrong_code", "The code is wrong, or was used before.")
        .with_hint("Wait for the next one, and check that the clock of your device is right.")
}

fn expired() -> Problem {
    Problem::new(410, "sign_in_expired", "This sign-in waited too long for its code.")
        .with_hint("Sign in again.")
}

fn link_spent() -> Problem {
    Problem::new(410, "link_spent", "This link was used or has expired.")
        .with_hint("`athena link` prints a new one.")
}

fn too_many(wait: Duration) -> Problem {
    let seconds = wait.as_secs().max(1);
    let message = "There were too many attempts to sign in.";
    Problem::new(429, "too_many_attempts", message)
        .with_detail("retry_after_seconds", seconds)
        .with_hint(format!("Try again in {seconds} seconds."))
}

fn unavailable(error: StoreError) -> Problem {
    tracing::error!(error = &error as &dyn std::error::Error, "the control store failed");
    Problem::new(503, "auth_store_unavailable", "Sessions cannot be looked up right now.")
        .with_hint("Try again shortly.")
}
