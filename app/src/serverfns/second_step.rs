//! The second step: at sign-in, and on a person's own page.

use crate::error::ConsoleError;
use api_types::account::{SecondStep, SecondStepSetup};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// Whether this browser has taken the first step and not the second.
#[server(prefix = "/console/fn", endpoint = "awaits_code", input = GetUrl)]
pub async fn awaits_code() -> Result<bool, ConsoleError> {
    use crate::port;
    let Some(half) = port::half_cookie()? else { return Ok(false) };
    Ok(port::door()?.awaits_code(&half).await?)
}

/// The code of an app, or a recovery code. Only now there is a session.
#[server(prefix = "/console/fn", endpoint = "finish_sign_in")]
pub async fn finish_sign_in(
    code: String,
    #[server(default)] return_to: String,
) -> Result<(), ConsoleError> {
    use crate::port;
    port::refuse_foreign_post(&port::parts()?)?;
    let peer = use_context::<port::Peer>().map(|peer| peer.0);
    // Without a cookie the door says what it says of one that is over.
    let half = port::half_cookie()?.unwrap_or_else(|| port::HalfCookie(String::new()));
    let cookie = port::door()?.finish_sign_in(&half, &code, peer).await?;
    port::let_in(&port::Entered::Session(cookie), &return_to);
    Ok(())
}

#[server(prefix = "/console/fn", endpoint = "second_step", input = GetUrl)]
pub async fn load_second_step() -> Result<SecondStep, ConsoleError> {
    Ok(crate::port::console().await?.second_step().await?)
}

#[server(prefix = "/console/fn", endpoint = "begin_second_step")]
pub async fn begin_second_step() -> Result<(), ConsoleError> {
    crate::port::console().await?.begin_second_step().await?;
    leptos_axum::redirect(crate::links::SECOND_STEP);
    Ok(())
}

#[server(prefix = "/console/fn", endpoint = "second_step_setup", input = GetUrl)]
pub async fn load_setup() -> Result<Option<SecondStepSetup>, ConsoleError> {
    Ok(crate::port::console().await?.second_step_setup().await?)
}

#[server(prefix = "/console/fn", endpoint = "confirm_second_step")]
pub async fn confirm_second_step(code: String) -> Result<(), ConsoleError> {
    crate::port::console().await?.confirm_second_step(&code).await?;
    leptos_axum::redirect(crate::links::SECOND_STEP_ON);
    Ok(())
}

/// A code, or the password.
#[server(prefix = "/console/fn", endpoint = "end_second_step")]
pub async fn end_second_step(
    #[server(default)] code: String,
    #[server(default)] password: String,
) -> Result<(), ConsoleError> {
    crate::port::console().await?.end_second_step(&code, password).await?;
    leptos_axum::redirect(crate::links::SECOND_STEP_OFF);
    Ok(())
}
