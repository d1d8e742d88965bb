//! What the frame around every page needs.

use crate::error::ConsoleError;
use api_types::{
    ClientName,
    console::{Navigation, Shell},
};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

#[server(prefix = "/console/fn", endpoint = "shell", input = GetUrl)]
pub async fn load_shell() -> Result<Shell, ConsoleError> {
    Ok(crate::port::console().await?.shell().await?)
}

#[server(prefix = "/console/fn", endpoint = "navigation", input = GetUrl)]
pub async fn load_navigation(client: ClientName) -> Result<Navigation, ConsoleError> {
    Ok(crate::port::console().await?.navigation(&client).await?)
}

/// Where the console begins: the first ready client's first resource, else a client's own page.
#[server(prefix = "/console/fn", endpoint = "home", input = GetUrl)]
pub async fn load_home() -> Result<Option<String>, ConsoleError> {
    let console = crate::port::console().await?;
    let clients = console.shell().await?.clients;
    crate::port::first_page(console.as_ref(), &clients).await
}
