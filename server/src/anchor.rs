//! The end of the audit trail, noted outside the database it is in.
//!
//! Whoever can write to the database can cut rows off its end and set its head back. They cannot
//! reach this file, so what was there when it was written last is missed.

use anyhow::{Context, bail};
use gateway::admin::trail::{Broken, Chain, Place, hex};
use settings::Settings;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use store::Store;
use tokio::{sync::watch, task::JoinHandle};

/// How often a running server looks at the end of the trail.
const EVERY: Duration = Duration::from_secs(30);

/// In the data folder: `SEQUENCE:HASH` of the last deed that was seen.
const FILE: &str = "audit-anchor";

/// Notes the trail's end now and then.
pub struct Anchor {
    end: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Anchor {
    pub fn start(store: Store, settings: &Settings) -> Self {
        let (end, mut ended) = watch::channel(false);
        let file = file(settings);
        let task = tokio::spawn(async move {
            let mut is_over = false;
            while !is_over {
                note(&store, &file).await;
                is_over = tokio::select! {
                    () = tokio::time::sleep(EVERY) => false,
                    _ = ended.changed() => true,
                };
            }
            note(&store, &file).await;
        });
        Self { end, task }
    }

    pub async fn stop(self) {
        self.end.send_replace(true);
        // A task that panicked has nothing left to note.
        drop(self.task.await);
    }
}

/// An end that lies before the one that was noted is no end of ours, and is not noted.
async fn note(store: &Store, file: &Path) {
    let head = match store.audit_head().await {
        Ok(head) => head,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the end of the audit trail was not looked at");
            return;
        }
    };
    match read(file) {
        Ok(Some(noted)) if noted.sequence > head.sequence => {
            let (noted, found) = (noted.sequence, head.sequence);
            tracing::error!(noted, found, "the audit trail is shorter than it was");
        }
        Ok(Some(noted)) if noted == head => {}
        Ok(_) => {
            if let Err(error) = write(file, &head) {
                tracing::warn!(%error, "the end of the audit trail was not noted");
            }
        }
        Err(error) => tracing::warn!(%error, "the noted end of the audit trail cannot be read"),
    }
}

/// `athena audit verify`
pub async fn verify(settings: &Settings, store: &Store, expected: &[String]) -> anyhow::Result<()> {
    let file = file(settings);
    let mut places = expected.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>()?;
    places.extend(read(&file)?);
    match store.verify_audit(&places).await? {
        Ok(Chain { rows, head }) => {
            write(&file, &head).context("the trail's end cannot be noted")?;
            println!("The audit trail is whole: {rows} rows.");
            println!("Keep this elsewhere, and give it to --expect: {}", text(&head));
            Ok(())
        }
        Err(broken) => bail!("the audit trail is broken: {broken}{}", hint(&broken)),
    }
}

fn hint(broken: &Broken) -> &'static str {
    match broken {
        Broken::Truncated { .. } => "; rows were taken off its end",
        Broken::Missing { .. } => "; it was taken out",
        Broken::Changed { .. } | Broken::Rewritten { .. } => "",
    }
}

fn file(settings: &Settings) -> PathBuf {
    settings.data_dir.join(FILE)
}

fn read(file: &Path) -> anyhow::Result<Option<Place>> {
    match fs::read_to_string(file) {
        Ok(text) => parse(&text).map(Some).with_context(|| file.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

/// In one step, so that a crash leaves the old one or the new one.
fn write(file: &Path, place: &Place) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = file.with_extension("new");
    fs::write(&beside, text(place))?;
    fs::rename(beside, file)
}

fn text(place: &Place) -> String {
    format!("{}:{}", place.sequence, hex(&place.hash))
}

fn parse(text: &str) -> anyhow::Result<Place> {
    let (sequence, hash) = text.trim().split_once(':').context("it is written SEQUENCE:HASH")?;
    let sequence = sequence.parse().context("the sequence is a number")?;
    Ok(Place { sequence, hash: hex::decode(hash).context("the hash is hexadecimal")? })
}
