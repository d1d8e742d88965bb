//! Clients as they are shown. There is no field for a secret, and none for its handle.

use super::{Book, Clients, ClientsError, Effective, probe::capabilities};
use crate::{
    Operator,
    registry::{ClosedKind, NoWay, State},
};
use api_types::{ClientName, console::Readiness};
use datasources::{
    Address, ClientRecord, External, Origin, PoolSettings, REDACTED, SchemaMode, Shown, Ssl, Status,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::PoisonError};

/// A client in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientListed {
    pub name: ClientName,
    pub label: String,
    pub driver: String,
    pub schema_mode: SchemaMode,
    pub origin: Origin,
    pub active: bool,
    pub frozen: bool,
    pub status: Status,
    /// May name hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defined_in: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub conflicts_with_code: bool,
    pub version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
    /// When it was asked last, on any node; nothing where requests are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<String>,
}

/// A client with its configuration, every credential in it replaced.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientDetail {
    #[serde(skip)]
    pub id: Option<String>,
    /// Its connection string for people, with stars where a password is.
    #[serde(skip)]
    pub pg_uri: Option<String>,
    #[serde(flatten)]
    pub listed: ClientListed,
    pub config: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl: Option<Ssl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
    pub has_secret: bool,
    pub redacted_config_keys: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri_variable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Value>,
    pub created_at: String,
    pub updated_at: String,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
}

impl Clients {
    /// Every client that counts, by name; for a key of one client, that one.
    pub async fn list(&self, operator: &Operator) -> Result<Vec<ClientListed>, ClientsError> {
        let rows = self.book.desk.store.load_clients().await?;
        let all = self.book.effective(rows).into_values();
        let shown = all.filter(|effective| {
            !effective.record.deleted && operator.may_touch(&effective.record.name)
        });
        let mut all: Vec<_> = shown.map(|effective| self.book.listed(&effective)).collect();
        self.book.fill_last_seen(all.iter_mut()).await;
        Ok(all)
    }

    /// The same with everything that may be shown of each.
    pub async fn details(&self, operator: &Operator) -> Result<Vec<ClientDetail>, ClientsError> {
        let rows = self.book.desk.store.load_clients().await?;
        let all = self.book.effective(rows).into_values();
        let shown = all.filter(|effective| {
            !effective.record.deleted && operator.may_touch(&effective.record.name)
        });
        let mut all: Vec<_> = shown.map(|effective| self.book.detail(&effective)).collect();
        self.book.fill_last_seen(all.iter_mut().map(|detail| &mut detail.listed)).await;
        Ok(all)
    }

    pub async fn get(
        &self,
        operator: &Operator,
        name: &ClientName,
    ) -> Result<ClientDetail, ClientsError> {
        super::write::may_touch(operator, name)?;
        Ok(self.book.seen(&self.book.record(name).await?).await)
    }

    /// The record itself, for parts of the gateway that work on it.
    pub async fn record(
        &self,
        operator: &Operator,
        name: &ClientName,
    ) -> Result<ClientRecord, ClientsError> {
        super::write::may_touch(operator, name)?;
        Ok(self.book.record(name).await?.record)
    }
}

impl Book {
    pub(super) fn listed(&self, effective: &Effective) -> ClientListed {
        let Effective { record, conflicts } = effective;
        let (status, status_reason) = self.standing(record);
        let probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        let last = probes.get(&record.name);
        ClientListed {
            name: record.name.clone(),
            label: record.label().to_owned(),
            driver: record.driver.id().to_owned(),
            schema_mode: record.schema_mode,
            origin: record.origin,
            active: record.active,
            frozen: record.frozen,
            status,
            status_reason,
            defined_in: record.defined_in.clone(),
            conflicts_with_code: *conflicts,
            version: record.version,
            latency_ms: last.map(|last| last.latency_ms),
            checked_at: last.map(|last| last.checked_at.clone()),
            last_seen_at: None,
        }
    }

    /// A client with when it was asked last.
    pub(super) async fn seen(&self, effective: &Effective) -> ClientDetail {
        let mut detail = self.detail(effective);
        self.fill_last_seen(std::iter::once(&mut detail.listed)).await;
        detail
    }

    /// Who cannot be told when a client was asked last is told all else.
    async fn fill_last_seen<'l>(&self, listed: impl Iterator<Item = &'l mut ClientListed>) {
        let mut listed: Vec<&mut ClientListed> = listed.collect();
        let names: Vec<&str> = listed.iter().map(|one| one.name.as_str()).collect();
        let seen = match self.desk.store.last_seen(&names).await {
            Ok(seen) => seen,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "when clients were asked last cannot be read");
                return;
            }
        };
        for one in &mut listed {
            one.last_seen_at = seen.get(one.name.as_str()).cloned();
        }
    }

    pub(super) fn detail(&self, effective: &Effective) -> ClientDetail {
        let record = &effective.record;
        let Shown { config, redacted } = Shown::of(record);
        let capabilities = match self.registry.state(&record.name) {
            Some(State::Open(upstream)) => Some(capabilities(upstream.backend().capabilities())),
            _ => None,
        };
        ClientDetail {
            id: record.id.clone(),
            pg_uri: pg_uri(record),
            listed: self.listed(effective),
            config,
            pool: record.pool.clone(),
            ssl: record.ssl.clone(),
            external: record.external.clone(),
            has_secret: record.credentials_ref.is_some() || !redacted.is_empty(),
            redacted_config_keys: redacted,
            uri_variable: record.uri_variable.clone(),
            capabilities,
            created_at: record.created_at.clone(),
            updated_at: record.updated_at.clone(),
            created_by: record.created_by.clone(),
            updated_by: record.updated_by.clone(),
        }
    }

    /// What became of its connection on this node, and why.
    fn standing(&self, record: &ClientRecord) -> (Status, Option<String>) {
        match self.registry.state(&record.name) {
            Some(state) => self.standing_of(&record.name, &state),
            None if record.frozen => (Status::Frozen, None),
            None if !record.active => (Status::Inactive, None),
            None => (Status::Unvalidated, None),
        }
    }

    pub(super) fn statuses(&self) -> HashMap<ClientName, Status> {
        let states = self.registry.states();
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = states.into_iter().filter(|(name, _)| held.contains_key(name));
        let standings = ours.map(|(name, state)| {
            let status = self.standing_of(&name, &state).0;
            (name, status)
        });
        standings.collect()
    }

    /// Where its name led is why it cannot be reached, whatever the driver makes of that.
    fn standing_of(&self, name: &ClientName, state: &State) -> (Status, Option<String>) {
        match (standing(state), self.refusals.of(name)) {
            ((Status::Error, _), Some(NoWay::Denied(why))) if is_open(state) => {
                (Status::Blocked, Some(why))
            }
            ((Status::Error, _), Some(NoWay::Unknown(why))) if is_open(state) => {
                (Status::Error, Some(why))
            }
            (standing, _) => standing,
        }
    }
}

/// Whoever knows the older routes looks for it.
fn pg_uri(record: &ClientRecord) -> Option<String> {
    let url = record.config.get("url")?.as_str()?;
    match Address::split(url) {
        Ok((address, None)) if record.credentials_ref.is_none() => Some(address.url()),
        Ok((address, _)) => Some(address.redacted()),
        Err(_unreadable) => Some(REDACTED.to_owned()),
    }
}

fn is_open(state: &State) -> bool {
    matches!(state, State::Open(_))
}

fn standing(state: &State) -> (Status, Option<String>) {
    match state {
        State::Open(upstream) if upstream.is_sealed() => (Status::Blocked, upstream.trouble()),
        State::Open(upstream) => match upstream.readiness() {
            Readiness::Ready => (Status::Ok, None),
            Readiness::Connecting => (Status::Unvalidated, None),
            Readiness::Unavailable { reason } => {
                (Status::Error, upstream.trouble().or(Some(reason)))
            }
        },
        State::Asleep => (Status::Unvalidated, None),
        State::Closed(closed) => {
            let status = match closed.kind {
                ClosedKind::Frozen => Status::Frozen,
                ClosedKind::Inactive => Status::Inactive,
                ClosedKind::Deleted => Status::Deleted,
                ClosedKind::Blocked => Status::Blocked,
                ClosedKind::Failed => Status::Error,
            };
            (status, closed.reason.clone())
        }
    }
}
