//! A person's own password, sessions, and whom they work for.

use crate::error::ConsoleError;
use api_types::{account::OwnOrganization, console::SessionInfo};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

#[server(prefix = "/console/fn", endpoint = "sessions", input = GetUrl)]
pub async fn load_sessions() -> Result<Vec<SessionInfo>, ConsoleError> {
    Ok(crate::port::console().await?.sessions().await?)
}

/// Sign out somewhere else.
#[server(prefix = "/console/fn", endpoint = "end_session")]
pub async fn end_session(id: String) -> Result<(), ConsoleError> {
    crate::port::console().await?.end_session(&id).await?;
    leptos_axum::redirect(crate::links::ACCOUNT);
    Ok(())
}

/// Every other session ends with the old password.
#[server(prefix = "/console/fn", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] current: String,
    new: String,
) -> Result<(), ConsoleError> {
    crate::port::console().await?.change_password(current, new).await?;
    leptos_axum::redirect(crate::links::ACCOUNT_CHANGED);
    Ok(())
}

#[server(prefix = "/console/fn", endpoint = "own_organizations", input = GetUrl)]
pub async fn load_organizations() -> Result<Vec<OwnOrganization>, ConsoleError> {
    Ok(crate::port::console().await?.organizations().await?)
}

/// What is written from now on is written for this organization.
#[server(prefix = "/console/fn", endpoint = "work_for")]
pub async fn work_for(organization: String) -> Result<(), ConsoleError> {
    crate::port::console().await?.work_for(&organization).await?;
    leptos_axum::redirect(crate::links::ACCOUNT);
    Ok(())
}
