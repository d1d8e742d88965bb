//! The control store, wherever it is, and the private PostgreSQL when something needs one.

use crate::foundation::{self, Foundation, FoundationError};
use embedded::{ClusterSettings, Durability, Progress, Report};
use settings::Settings;
use std::sync::Arc;
use store::{Store, StoreError};

/// What a command stands on.
pub struct Ground {
    pub store: Store,
    foundation: Option<Foundation>,
}

impl Ground {
    /// For a command beside a running server, or without one.
    pub async fn join(settings: &Settings) -> anyhow::Result<Self> {
        let foundation = match &settings.store.uri {
            Some(_) => None,
            None => Some(join(settings).await?),
        };
        let store = open(settings, foundation.as_ref())?;
        if let Err(error) = store.migrate().await {
            let ground = Self { store, foundation };
            ground.leave().await;
            return Err(error.into());
        }
        Ok(Self { store, foundation })
    }

    pub async fn leave(self) {
        self.store.close().await;
        if let Some(foundation) = self.foundation {
            foundation.leave().await;
        }
    }
}

/// The private PostgreSQL, for a command.
pub async fn join(settings: &Settings) -> Result<Foundation, FoundationError> {
    Foundation::join(cluster(settings), to_terminal()).await
}

pub fn cluster(settings: &Settings) -> ClusterSettings {
    ClusterSettings {
        data_dir: settings.data_dir.clone(),
        bin_dir: settings.embedded.bin_dir.clone(),
        durability: Durability::Kept,
    }
}

/// The store at its own address, else in the private PostgreSQL.
pub fn open(settings: &Settings, foundation: Option<&Foundation>) -> Result<Store, StoreError> {
    match (&settings.store.uri, foundation) {
        (Some(uri), _) => Store::open(uri.expose()),
        (None, Some(foundation)) => Store::open(&foundation.uri(foundation::STORE)),
        (None, None) => Err(StoreError::Address),
    }
}

/// A command says only what takes long.
fn to_terminal() -> Report {
    Arc::new(|step| match step {
        Progress::Moved { .. } | Progress::Downloading { .. } | Progress::StillStarting { .. } => {
            eprintln!("athena: {step}");
        }
        _ => {}
    })
}
