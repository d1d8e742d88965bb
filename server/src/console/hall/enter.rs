//! The first step of a sign-in was right: in, or on to the second one.

use super::{Hall, expired, too_many, totp::Proof, unavailable, wrong_code};
use crate::console::throttle::{FREE_FOR_EMAIL, FREE_FOR_PEER};
use api_types::Problem;
use app::port::{Entered, HalfCookie, SessionCookie};
use auth::SessionToken;
use std::time::{Duration, Instant, SystemTime};
use store::{NewHalf, NewSession};

/// How long a session holds.
const SESSION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long the second step may take.
const HALF: Duration = Duration::from_secs(10 * 60);
/// How often it may be tried before the first one is asked for again, whichever node is asked.
const TRIES: i32 = 10;

impl Hall {
    /// Nobody with a second step gets a session here.
    pub(super) async fn enter(
        &self,
        user_id: &str,
        peer: Option<&str>,
    ) -> Result<Entered, Problem> {
        let person = super::own::person_id(user_id)?;
        if self.store.has_totp(person).await.map_err(unavailable)? {
            return self.begin_half(user_id).await.map(Entered::Half);
        }
        self.begin_session(user_id, peer).await.map(Entered::Session)
    }

    async fn begin_half(&self, user_id: &str) -> Result<HalfCookie, Problem> {
        let token = SessionToken::generate();
        let hash = token.hash();
        let half = NewHalf {
            user_id,
            token_hash: hash.as_str(),
            expires_at: SystemTime::now() + HALF,
            tries: TRIES,
        };
        self.store.create_half(&half).await.map_err(unavailable)?;
        Ok(HalfCookie(token.reveal().to_owned()))
    }

    /// Whether a second step can be taken with this.
    pub async fn awaits_code(&self, half: &HalfCookie) -> Result<bool, Problem> {
        let Ok(token) = SessionToken::parse(&half.0) else { return Ok(false) };
        let found = self.store.half(token.hash().as_str()).await.map_err(unavailable)?;
        Ok(found.is_some())
    }

    /// The second step, slowed down like the first.
    pub async fn finish_sign_in(
        &self,
        half: &HalfCookie,
        typed: &str,
        peer: Option<&str>,
    ) -> Result<SessionCookie, Problem> {
        let token = SessionToken::parse(&half.0).map_err(|_no_token| expired())?;
        let hash = token.hash();
        let person = self.store.half(hash.as_str()).await.map_err(unavailable)?;
        let person = person.ok_or_else(expired)?;
        let (by_person, by_peer) =
            (Self::code_name(person), format!("peer {}", peer.unwrap_or("?")));
        let names = [(by_person.as_str(), FREE_FOR_EMAIL), (by_peer.as_str(), FREE_FOR_PEER)];
        self.throttle.admit(&names, Instant::now()).map_err(too_many)?;
        let tried = self.store.try_half(hash.as_str()).await.map_err(unavailable)?;
        tried.ok_or_else(expired)?;
        let proof = Proof::parse(typed);
        if !self.is_right(person, proof).await? {
            tracing::info!(peer, "a second step of a sign-in was refused");
            return Err(wrong_code());
        }
        if !self.store.spend_half(hash.as_str()).await.map_err(unavailable)? {
            return Err(expired());
        }
        self.throttle.forgive(&by_person, &by_peer);
        self.begin_session(&person.to_string(), peer).await
    }

    async fn begin_session(
        &self,
        user_id: &str,
        peer: Option<&str>,
    ) -> Result<SessionCookie, Problem> {
        let token = SessionToken::generate();
        let hash = token.hash();
        let session = NewSession {
            user_id,
            token_hash: hash.as_str(),
            expires_at: SystemTime::now() + SESSION,
            remote_addr: peer,
        };
        self.store.create_session(&session).await.map_err(unavailable)?;
        Ok(SessionCookie(token.reveal().to_owned()))
    }
}
