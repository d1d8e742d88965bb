//! Coming in, going out, and the theme, which needs no session.

use crate::{error::ConsoleError, theme::Theme};
use leptos::prelude::*;

/// Check a password and go where the person was heading.
#[server(prefix = "/console/fn", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] return_to: String,
) -> Result<(), ConsoleError> {
    use crate::port;
    port::refuse_foreign_post(&port::parts()?)?;
    let peer = use_context::<port::Peer>().map(|peer| peer.0);
    let input = api_types::console::SignInInput { email, password };
    let entered = port::door()?.sign_in(input, peer).await?;
    port::let_in(&entered, &return_to);
    Ok(())
}

/// Spend a one-time link.
#[server(prefix = "/console/fn", endpoint = "redeem_link")]
pub async fn redeem_link(
    link: String,
    #[server(default)] return_to: String,
) -> Result<(), ConsoleError> {
    use crate::port;
    port::refuse_foreign_post(&port::parts()?)?;
    let peer = use_context::<port::Peer>().map(|peer| peer.0);
    let entered = port::door()?.redeem_link(&link, peer).await?;
    port::let_in(&entered, &return_to);
    Ok(())
}

#[server(prefix = "/console/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ConsoleError> {
    use crate::port;
    // A session that is already gone is signed out all the same.
    if let Ok(console) = port::console().await {
        console.sign_out().await?;
    }
    port::clear_session();
    leptos_axum::redirect(crate::links::SIGN_IN);
    Ok(())
}

/// Keep the theme for the next page. It is no secret, so it needs no session.
#[server(prefix = "/console/fn", endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<(), ConsoleError> {
    use crate::{port, theme};
    port::refuse_foreign_post(&port::parts()?)?;
    let year = 365 * 24 * 60 * 60;
    let age = if theme == Theme::System { 0 } else { year };
    let (name, word) = (theme::COOKIE, theme.word());
    port::set_cookie(&format!("{name}={word}; Max-Age={age}; SameSite=Lax; Path=/"));
    Ok(())
}
