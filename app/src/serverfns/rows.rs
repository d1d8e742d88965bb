//! Reading: a list, a record, a resource's shape, the choices of a field.

use crate::error::ConsoleError;
use api_types::{
    ClientName, RecordKey,
    console::{ListPage, OptionList, RecordPage, ResourceSpec},
};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// One page of rows. The query stands as in the address, and is understood here.
#[server(prefix = "/console/fn", endpoint = "list", input = GetUrl)]
pub async fn load_list(
    client: ClientName,
    resource: String,
    #[server(default)] query: String,
) -> Result<ListPage, ConsoleError> {
    let console = crate::port::console().await?;
    let spec = console.resource(&client, &resource).await?;
    let query = crate::port::list_query(&query, &spec)?;
    Ok(console.list(&client, &resource, query).await?)
}

#[server(prefix = "/console/fn", endpoint = "record", input = GetUrl)]
pub async fn load_record(
    client: ClientName,
    resource: String,
    key: RecordKey,
) -> Result<RecordPage, ConsoleError> {
    Ok(crate::port::console().await?.record(&client, &resource, &key).await?)
}

#[server(prefix = "/console/fn", endpoint = "resource", input = GetUrl)]
pub async fn load_resource(
    client: ClientName,
    resource: String,
) -> Result<ResourceSpec, ConsoleError> {
    Ok(crate::port::console().await?.resource(&client, &resource).await?)
}

#[server(prefix = "/console/fn", endpoint = "options", input = GetUrl)]
pub async fn load_options(
    client: ClientName,
    resource: String,
    column: String,
    #[server(default)] search: String,
) -> Result<OptionList, ConsoleError> {
    let console = crate::port::console().await?;
    Ok(console.options(&client, &resource, &column, &search).await?)
}
