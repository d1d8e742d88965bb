//! The way into the console, as the port has it.

use super::{hall::Hall, library::Library, person::Person};
use api_types::Problem;
use api_types::console::SignInInput;
use app::port::{Console, Door, Entered, HalfCookie, SessionCookie};
use async_trait::async_trait;
use auth::SessionToken;
use gateway::Gateway;
use std::sync::Arc;

/// The door as the console sees it.
pub struct FrontDoor {
    pub hall: Arc<Hall>,
    pub engine: Gateway,
    pub library: Arc<Library>,
}

#[async_trait]
impl Door for FrontDoor {
    async fn sign_in(&self, input: SignInInput, peer: Option<String>) -> Result<Entered, Problem> {
        self.hall.sign_in(input, peer.as_deref(), &self.engine).await
    }

    async fn redeem_link(&self, token: &str, peer: Option<String>) -> Result<Entered, Problem> {
        self.hall.redeem_link(token, peer.as_deref()).await
    }

    async fn awaits_code(&self, half: &HalfCookie) -> Result<bool, Problem> {
        self.hall.awaits_code(half).await
    }

    async fn finish_sign_in(
        &self,
        half: &HalfCookie,
        code: &str,
        peer: Option<String>,
    ) -> Result<SessionCookie, Problem> {
        self.hall.finish_sign_in(half, code, peer.as_deref()).await
    }

    async fn open(&self, cookie: &SessionCookie) -> Result<Option<Arc<dyn Console>>, Problem> {
        let Ok(token) = SessionToken::parse(&cookie.0) else { return Ok(None) };
        let session = token.hash();
        let Some(known) = self.hall.viewer(&session).await? else { return Ok(None) };
        let (hall, library) = (Arc::clone(&self.hall), Arc::clone(&self.library));
        Ok(Some(Arc::new(Person::new(known, session, hall, self.engine.clone(), library))))
    }
}
