//! The one thing the console knows of the engine. `server` implements it.

mod entry;
mod home;

pub use entry::{Peer, console, door};
pub(crate) use entry::{
    answer_scripts_with, clear_session, half_cookie, let_in, list_query, own_address, parts,
    refuse_foreign_post, set_cookie, theme_word,
};
pub(crate) use home::first_page;

use api_types::account::{OwnOrganization, SecondStep, SecondStepSetup};
use api_types::console::{
    Cell, FieldInput, FieldValue, ListPage, ListQuery, Navigation, OptionList, RecordPage,
    ResourceSpec, SessionInfo, Shell, SignInInput, Viewer,
};
use api_types::{ClientName, Problem, RecordKey};
use async_trait::async_trait;
use std::sync::Arc;

/// A session cookie's value. It cannot be printed.
#[derive(Clone)]
pub struct SessionCookie(pub String);

/// The value of the cookie of a sign-in whose second step is missing. It cannot be printed.
#[derive(Clone)]
pub struct HalfCookie(pub String);

/// What a right password or link leads to.
pub enum Entered {
    Session(SessionCookie),
    /// There is no session before the second step.
    Half(HalfCookie),
}

/// What can be done without being signed in.
#[async_trait]
pub trait Door: Send + Sync {
    /// Check the password; the answer becomes a cookie.
    async fn sign_in(&self, input: SignInInput, peer: Option<String>) -> Result<Entered, Problem>;

    /// Spend a one-time link.
    async fn redeem_link(&self, token: &str, peer: Option<String>) -> Result<Entered, Problem>;

    /// Whether a second step can be taken with this.
    async fn awaits_code(&self, half: &HalfCookie) -> Result<bool, Problem>;

    /// Take the second step with a code of the app or a recovery code.
    async fn finish_sign_in(
        &self,
        half: &HalfCookie,
        code: &str,
        peer: Option<String>,
    ) -> Result<SessionCookie, Problem>;

    /// The person behind a cookie and what they can reach, or `None`.
    async fn open(&self, cookie: &SessionCookie) -> Result<Option<Arc<dyn Console>>, Problem>;
}

/// What a signed-in person can do.
#[async_trait]
pub trait Console: Send + Sync {
    fn viewer(&self) -> &Viewer;

    async fn sign_out(&self) -> Result<(), Problem>;

    /// Where this person is signed in, newest first.
    async fn sessions(&self) -> Result<Vec<SessionInfo>, Problem>;

    /// Sign out in one of those places.
    async fn end_session(&self, id: &str) -> Result<(), Problem>;

    /// Every other session ends with the old password.
    async fn change_password(&self, current: String, new: String) -> Result<(), Problem>;

    /// The organizations a member belongs to; none for administrators.
    async fn organizations(&self) -> Result<Vec<OwnOrganization>, Problem>;

    /// Work for another one from now on.
    async fn work_for(&self, organization: &str) -> Result<(), Problem>;

    async fn second_step(&self) -> Result<SecondStep, Problem>;

    /// Make a secret that waits for its first code.
    async fn begin_second_step(&self) -> Result<(), Problem>;

    /// That secret, while it waits.
    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, Problem>;

    /// A code of the app asks for one at every sign-in from now on; every other session ends.
    async fn confirm_second_step(&self, code: &str) -> Result<(), Problem>;

    /// Do without, for a code or, when that is empty, for the password.
    async fn end_second_step(&self, code: &str, password: String) -> Result<(), Problem>;

    async fn shell(&self) -> Result<Shell, Problem>;

    async fn navigation(&self, client: &ClientName) -> Result<Navigation, Problem>;

    async fn resource(&self, client: &ClientName, resource: &str) -> Result<ResourceSpec, Problem>;

    async fn list(
        &self,
        client: &ClientName,
        resource: &str,
        query: ListQuery,
    ) -> Result<ListPage, Problem>;

    async fn record(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<RecordPage, Problem>;

    /// Choices for a foreign key or enum column, narrowed by what was typed.
    async fn options(
        &self,
        client: &ClientName,
        resource: &str,
        column: &str,
        search: &str,
    ) -> Result<OptionList, Problem>;

    /// Make a row; its key comes back. Every refused field is in `Problem::fields`.
    async fn create(
        &self,
        client: &ClientName,
        resource: &str,
        fields: Vec<FieldInput>,
    ) -> Result<Option<RecordKey>, Problem>;

    /// Change one cell; what the database now holds comes back.
    async fn update_cell(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
        column: &str,
        value: FieldValue,
    ) -> Result<Cell, Problem>;

    async fn delete(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<(), Problem>;
}
