//! Where secrets of clients are sealed: the key, and the commands around it.

use crate::{cli::SecretsCommand, stored::Ground};
use anyhow::{Context, bail};
use gateway::admin::clients::vault;
use secrets::{KeyError, KeySource, Kms, LocalKms};
use settings::Settings;
use std::sync::Arc;
use store::Store;

/// The keeper of the key. Without one the server runs, and takes no secrets.
pub async fn open(settings: &Settings, store: &Store) -> Option<Arc<dyn Kms>> {
    match keeper(settings, store).await {
        Ok(kms) => Some(Arc::new(kms)),
        Err(KeyError::Absent) => {
            tracing::info!("there is no key for secrets; clients with secrets are refused");
            None
        }
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::error!(
                error = cause,
                "secrets cannot be opened; clients with secrets are refused"
            );
            None
        }
    }
}

async fn keeper(settings: &Settings, store: &Store) -> Result<LocalKms, KeyError> {
    LocalKms::new(source(settings, store).await?)
}

/// The environment's key, else the file's, which is made unless that would hide a lost one.
async fn source(settings: &Settings, store: &Store) -> Result<KeySource, KeyError> {
    let secrets = &settings.secrets;
    if let Some(key) = &secrets.key {
        let previous = secrets.previous.as_ref().map(settings::Secret::expose);
        return KeySource::given(key.expose(), previous);
    }
    // A new key opens none of the secrets that are there.
    let may_make = !settings.is_production && !store.has_secrets().await.unwrap_or(true);
    if may_make {
        KeySource::file_or_new(&secrets.key_file)
    } else {
        KeySource::file(&secrets.key_file)
    }
}

/// `athena secrets …`
pub async fn run(settings: Settings, command: SecretsCommand) -> anyhow::Result<()> {
    let ground = Ground::join(&settings).await?;
    let done = match command {
        SecretsCommand::Rotate => rotate(&settings, &ground.store).await,
        SecretsCommand::Sweep { remove } => sweep(&ground.store, remove).await,
    };
    ground.leave().await;
    done
}

/// The old key is forgotten only when nothing needs it any more.
async fn rotate(settings: &Settings, store: &Store) -> anyhow::Result<()> {
    let source = source(settings, store).await.context("there is no key")?;
    let is_ours = source.renew()?;
    let kms = LocalKms::new(source.clone())?;
    let vault::Rotated { done, failed } = vault::rotate(store, &kms).await?;
    if failed > 0 {
        bail!("{done} secrets were sealed anew and {failed} were not; the old key is kept");
    }
    if is_ours {
        source.forget_earlier()?;
    }
    println!("sealed anew: {done}");
    Ok(())
}

async fn sweep(store: &Store, remove: bool) -> anyhow::Result<()> {
    for (id, namespace, key) in store.stray_secrets().await? {
        let gone = remove && vault::remove_stray(store, &id).await?;
        println!("{id}  {namespace}/{key}{}", if gone { "  removed" } else { "" });
    }
    Ok(())
}
