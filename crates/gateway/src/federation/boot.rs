//! The gate of a start: databases that are no longer what was imported keep the server from it.

use super::{Terms, compare};
use crate::{Gateway, admin::external::ResourceVerdict, registry::Upstream};
use datasources::OnMismatch;
use futures_util::future::join_all;
use std::{fmt::Write as _, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a start waits for databases that belong to others, all of them together.
const PATIENCE: Duration = Duration::from_secs(15);

/// What to do about a mismatch that would keep the server from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatches {
    Refuse,
    /// Start anyway; everybody is told.
    Allow,
}

/// The server must not start: everything that is wrong, of every client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct BootRefused {
    told: String,
}

/// One client's part of it.
struct Seen {
    upstream: Arc<Upstream>,
    what: What,
}

enum What {
    Sound,
    Unreachable,
    Different(Vec<ResourceVerdict>),
}

impl Gateway {
    /// Look at every external client once. An unreachable database is no mismatch.
    pub async fn validate_at_boot(&self, mismatches: Mismatches) -> Result<(), BootRefused> {
        let external = self.registry().upstreams().into_iter().filter(is_checked);
        let seen = join_all(external.map(|upstream| self.seen_at_boot(upstream))).await;
        let mut told = String::new();
        for Seen { upstream, what } in &seen {
            let Some(terms) = upstream.terms() else { continue };
            match what {
                What::Sound => {}
                What::Unreachable => unreachable(upstream, terms, &mut told),
                What::Different(verdicts) => different(upstream, terms, verdicts, &mut told),
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        let told = format!("databases are not what was imported of them:\n{told}");
        if mismatches == Mismatches::Refuse {
            let hint = "ATHENA_ALLOW_SCHEMA_MISMATCH=1 starts the server anyway.";
            return Err(BootRefused { told: format!("{told}{hint}") });
        }
        tracing::error!(
            "DEGRADED, but started because ATHENA_ALLOW_SCHEMA_MISMATCH is set: {told}"
        );
        self.degrade();
        Ok(())
    }

    async fn seen_at_boot(&self, upstream: Arc<Upstream>) -> Seen {
        let _in_time = timeout(PATIENCE, upstream.settled()).await;
        let (raw, _) = upstream.behind();
        let what = match raw {
            Some(cache) if upstream.is_ready() => {
                let resources = self.registry().hall().of(upstream.name());
                let verdicts = resources.iter().map(|one| compare(&upstream, one, &cache));
                let different: Vec<_> = verdicts.filter(|verdict| !verdict.ok).collect();
                if different.is_empty() { What::Sound } else { What::Different(different) }
            }
            _ => What::Unreachable,
        };
        Seen { upstream, what }
    }
}

fn is_checked(upstream: &Arc<Upstream>) -> bool {
    upstream.terms().is_some_and(Terms::checks_on_boot)
}

fn unreachable(upstream: &Upstream, terms: &Terms, told: &mut String) {
    let client = upstream.name();
    if terms.requires_reachable() {
        // Writing to a text cannot fail.
        let _ = writeln!(told, "- {client}: cannot be reached, and requireReachable is set");
    } else {
        tracing::warn!(%client, "an external client cannot be reached and was not validated");
    }
}

fn different(upstream: &Upstream, terms: &Terms, verdicts: &[ResourceVerdict], told: &mut String) {
    let lines = verdicts.iter().flat_map(lines);
    match terms.on_mismatch() {
        OnMismatch::Ignore => {}
        OnMismatch::Warn => {
            let lines: Vec<String> = lines.collect();
            let client = upstream.name();
            tracing::warn!(%client, "DEGRADED: not what was imported: {}", lines.join("; "));
        }
        OnMismatch::Fail => {
            for line in lines {
                let _ = writeln!(told, "- {}: {line}", upstream.name());
            }
        }
    }
}

/// Each difference on a line of its own.
fn lines(verdict: &ResourceVerdict) -> impl Iterator<Item = String> {
    verdict.diffs.iter().map(move |diff| {
        let kind = serde_json::to_value(diff.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default().replace('_', " ");
        let table = format!("{}.{}", diff.remote_schema, diff.remote_name);
        let column = diff.column.as_ref().map_or(String::new(), |column| format!(".{column}"));
        let expected = diff.expected.as_ref().map_or(String::new(), |e| format!(", expected {e}"));
        let actual = diff.actual.as_ref().map_or(String::new(), |a| format!(", is {a}"));
        format!("resource {}: {kind}: {table}{column}{expected}{actual}", verdict.resource)
    })
}
