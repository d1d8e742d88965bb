//! Clients of the configuration and of the run time, kept by the gateway from the start on.

use crate::{clients::Prepared, clients::rest, console::Sources};
use anyhow::Context;
use api_types::ClientName;
use drivers::Drivers;
use gateway::{Desk, Gateway, admin::clients::ClientsSetup, registry::HostPolicy};
use secrets::Kms;
use settings::{Environment, Settings};
use std::{collections::HashMap, sync::Arc};

/// Names of our own databases; no client may be called so.
const RESERVED: [&str; 2] = ["athena_logging", "athena"];

/// Keep them all; what people wrote about them comes back.
pub async fn keep(
    engine: &Gateway,
    prepared: Vec<Prepared>,
    settings: &Settings,
    desk: Desk,
    vault: Option<Arc<dyn Kms>>,
) -> anyhow::Result<HashMap<ClientName, Sources>> {
    let mut sources = HashMap::new();
    let mut configured = Vec::new();
    for client in prepared {
        let name = client.name.clone();
        let (client, source) = client.keep();
        sources.insert(name, source);
        configured.push(client);
    }
    let environment = Environment::of_process();
    let setup = ClientsSetup {
        vault,
        desk,
        factory: Arc::new(Drivers),
        policy: Arc::new(HostPolicy {
            allowed_hosts: settings.datasources.allowed_hosts.clone(),
            allowed_folders: settings.datasources.allowed_folders.clone(),
        }),
        reserved: RESERVED.iter().filter_map(|name| ClientName::parse(name).ok()).collect(),
        configured,
        rest: Arc::new(rest::settings(&settings.rest).context("rest")?),
        variables: Arc::new(move |name| environment.variable(name)),
    };
    engine.keep_clients(setup).await;
    Ok(sources)
}
