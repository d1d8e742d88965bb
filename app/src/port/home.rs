//! Where a person lands when the address names nothing.

use super::Console;
use crate::{error::ConsoleError, links};
use api_types::console::{ClientSummary, Readiness};

/// The first ready client's first resource; a client that is not ready shows its reason.
pub(crate) async fn first_page(
    console: &dyn Console,
    clients: &[ClientSummary],
) -> Result<Option<String>, ConsoleError> {
    let ready = clients.iter().find(|client| client.readiness == Readiness::Ready);
    let Some(client) = ready else {
        return Ok(clients.first().map(|client| links::client(&client.name)));
    };
    let navigation = console.navigation(&client.name).await?;
    let first = navigation.categories.iter().flat_map(|category| &category.resources).next();
    Ok(Some(match first {
        Some(resource) => links::list(&client.name, &resource.key),
        None => links::client(&client.name),
    }))
}
