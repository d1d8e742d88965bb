//! The one thing the console knows of the engine. `server` implements it.

mod entry;
mod home;

pub use entry::{Peer, console, door};
pub(crate) use entry::{
    answer_scripts_with, clear_session, keep_session, list_query, own_address, parts,
    refuse_foreign_post, return_to, set_cookie, theme_word,
};
pub(crate) use home::first_page;

use api_types::console::{
    Cell, FieldInput, FieldValue, ListPage, ListQuery, Navigation, OptionList, RecordPage,
    ResourceSpec, Shell, SignInInput, Viewer,
};
use api_types::{ClientName, Problem, RecordKey};
use async_trait::async_trait;
use std::sync::Arc;

/// A session cookie's value. It cannot be printed.
#[derive(Clone)]
pub struct SessionCookie(pub String);

/// What can be done without being signed in.
#[async_trait]
pub trait Door: Send + Sync {
    /// Check the password; the answer becomes the session cookie.
    async fn sign_in(
        &self,
        input: SignInInput,
        peer: Option<String>,
    ) -> Result<SessionCookie, Problem>;

    /// Spend a one-time link.
    async fn redeem_link(&self, token: &str) -> Result<SessionCookie, Problem>;

    /// The person behind a cookie and what they can reach, or `None`.
    async fn open(&self, cookie: &SessionCookie) -> Result<Option<Arc<dyn Console>>, Problem>;
}

/// What a signed-in person can do.
#[async_trait]
pub trait Console: Send + Sync {
    fn viewer(&self) -> &Viewer;

    async fn sign_out(&self) -> Result<(), Problem>;

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
