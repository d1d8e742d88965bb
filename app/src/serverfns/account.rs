//! A person's own password and sessions.

use crate::error::ConsoleError;
use api_types::console::SessionInfo;
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
