//! The commands around the server: each does one thing and ends.

use crate::{
    anchor,
    assets::{self, Site},
    boot::ADDRESS,
    cli::{KeyCreate, SnapshotPull},
    console::Hall,
    demo,
    diag::Diagnosis,
    foundation::Foundation,
    pepper,
    stored::{self, Ground},
};
use anyhow::{Context, bail};
use api_types::Problem;
use backend_postgres::pull::pull as pull_snapshot;
use gateway::admin::{
    audit::Actor,
    keys::{KeyWanted, Keys, KeysError},
};
use settings::Settings;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{KeyPage, KeyRecord};

/// Enough for a terminal.
const KEYS_SHOWN: u32 = 1000;

pub fn diag() -> anyhow::Result<()> {
    let has_console = assets::manifest(&Site::built_in()).is_some();
    println!("{}", serde_json::to_string_pretty(&Diagnosis::make(has_console))?);
    Ok(())
}

/// Print a link that signs in once.
pub async fn link(settings: Settings) -> anyhow::Result<()> {
    let ground = Ground::join(&settings).await?;
    let link = make_link(&settings, &ground).await;
    ground.leave().await;
    println!("{}", link?);
    Ok(())
}

async fn make_link(settings: &Settings, ground: &Ground) -> anyhow::Result<String> {
    let hall = Hall::new(ground.store.clone());
    let known = std::fs::read_to_string(settings.data_dir.join(ADDRESS)).ok();
    let url = known.unwrap_or_else(|| format!("http://localhost:{}", settings.server.port));
    Ok(hall.make_link(url.trim()).await?)
}

/// Make a key. Only the key goes to standard output, so that a script can keep it.
pub async fn create_key(settings: Settings, wanted: KeyCreate) -> anyhow::Result<()> {
    if wanted.rights.is_empty() {
        eprintln!("athena: a key without a right opens nothing; give it one with --right");
    }
    let wanted = KeyWanted {
        name: wanted.name,
        description: None,
        client_name: wanted.client,
        expires_at: wanted.expires,
        rights: wanted.rights,
    };
    let peppers = pepper::peppers(&settings)?;
    let ground = Ground::join(&settings).await?;
    let keys = Keys::new(ground.store.clone()).peppered(Some(peppers));
    let made = keys.create(&Actor::System, wanted).await;
    ground.leave().await;
    println!("{}", made.map_err(in_words)?.api_key);
    Ok(())
}

pub async fn list_keys(settings: Settings) -> anyhow::Result<()> {
    let ground = Ground::join(&settings).await?;
    let page = KeyPage { limit: KEYS_SHOWN, offset: 0, archived: true };
    let keys = Keys::new(ground.store.clone()).list(page).await;
    ground.leave().await;
    for key in keys.map_err(in_words)?.0 {
        println!("{}", line(&key));
    }
    Ok(())
}

fn line(key: &KeyRecord) -> String {
    let state = match (&key.archived_at, key.is_active) {
        (Some(_), _) => "archived",
        (None, true) => "active",
        (None, false) => "closed",
    };
    let rights = if key.rights.is_empty() { "no rights".to_owned() } else { key.rights.join(",") };
    let until = key.expires_at.as_deref().map(|end| format!("  until {end}"));
    let client = key.client_name.as_deref().unwrap_or("all clients");
    let (id, name, until) = (&key.public_id, &key.name, until.unwrap_or_default());
    format!("ath_{id}  {state}  {client}  {rights}  {name}{until}")
}

/// The words of the refusal, and its hint.
fn in_words(error: KeysError) -> anyhow::Error {
    let Problem { message, hint, .. } = error.problem();
    let text = hint.map_or_else(|| message.clone(), |hint| format!("{message}. {hint}"));
    match error {
        KeysError::Store(source) => anyhow::Error::new(source).context(text),
        _ => anyhow::anyhow!(text),
    }
}

/// Find out whether the audit trail is whole.
pub async fn verify_audit(settings: Settings, expected: Vec<String>) -> anyhow::Result<()> {
    let ground = Ground::join(&settings).await?;
    let verified = anchor::verify(&settings, &ground.store, &expected).await;
    ground.leave().await;
    verified
}

/// Write a client's schema as a Drizzle snapshot.
pub async fn pull(settings: Settings, wanted: SnapshotPull) -> anyhow::Result<()> {
    let name = wanted.client.trim().to_ascii_lowercase();
    let configured = settings.clients.iter().find(|client| client.name == name);
    let (uri, foundation) = match configured {
        Some(client) => (client.uri.expose().to_owned(), None),
        None if name == demo::NAME && settings.embedded.demo => {
            let foundation = stored::join(&settings).await?;
            (foundation.uri(demo::NAME), Some(foundation))
        }
        None => bail!("there is no client {name:?} in the configuration"),
    };
    let result = write_snapshot(&uri, &name, &wanted).await;
    if let Some(foundation) = foundation {
        foundation.leave().await;
    }
    result
}

async fn write_snapshot(uri: &str, name: &str, wanted: &SnapshotPull) -> anyhow::Result<()> {
    let public = ["public".to_owned()];
    let schemas = if wanted.schemas.is_empty() { &public[..] } else { &wanted.schemas };
    let snapshot = pull_snapshot(uri, schemas).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let when = u64::try_from(now.as_millis()).unwrap_or_default();
    let file = snapshot.write_pulled(&wanted.out.join("meta"), name, when)?;
    println!("{}", file.display());
    Ok(())
}

/// Remove the demo's tables for good.
pub async fn drop_demo(settings: Settings) -> anyhow::Result<()> {
    let foundation: Foundation = stored::join(&settings).await?;
    let dropped = demo::drop(&foundation.uri(demo::NAME)).await;
    foundation.leave().await;
    dropped.context("the demo could not be dropped")?;
    println!("The demo company is gone. A running Athena forgets it at its next start.");
    Ok(())
}
