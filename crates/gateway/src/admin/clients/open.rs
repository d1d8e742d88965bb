//! From a record to a backend: the policy is asked, the secret is opened, and the driver is built.

use super::{Book, guard::Refusals, vault::UNRESOLVED};
use crate::registry::{ClientInfo, Closed, Goal, Spec};
use backend::Backend;
use datasources::{
    ClientRecord, Driver,
    driver::{Reach, reach},
};
use secrets::Cleartext;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// How long the policy may take to decide.
const JUDGING: Duration = Duration::from_secs(5);

/// Where a connection's secret comes from.
pub(super) enum From<'a> {
    Store,
    Request(Option<&'a Cleartext>),
}

impl Book {
    /// A backend for a record; it has sent nothing yet.
    pub(super) async fn open_record(
        &self,
        record: &ClientRecord,
        secret: From<'_>,
        refusals: &Arc<Refusals>,
    ) -> Result<Arc<dyn Backend>, Closed> {
        if !self.factory.supports(&record.driver) {
            let driver = record.driver.id();
            return Err(Closed::failed(format!("driver {driver} is not offered by this server")));
        }
        let record = self.with_variable(record)?;
        self.judge(&record).await?;
        let stored;
        let secret = match secret {
            From::Request(given) => given,
            From::Store => {
                stored = self.resolve(&record).await.map_err(|_logged| {
                    self.unresolved.fetch_add(1, Ordering::Relaxed);
                    Closed::failed(UNRESOLVED)
                })?;
                stored.as_ref()
            }
        };
        let statement_timeout = statement_timeout(&record).unwrap_or(self.statement_timeout);
        let guard = self.guard(&record.name, refusals);
        let spec = Spec { record: &record, secret, statement_timeout, guard };
        self.factory.create(spec).map_err(|error| Closed::failed(error.to_string()))
    }

    /// What an upstream of a record is told about itself.
    pub(super) fn info_of(&self, record: &ClientRecord) -> ClientInfo {
        ClientInfo {
            statement_timeout: statement_timeout(record),
            // What is in memory is another database on each node.
            fingerprint: (record.driver != Driver::Memory).then(|| connection_key(record)),
            rest: Arc::clone(&self.rest),
            record: Some(Arc::new(record.clone())),
            ..ClientInfo::default()
        }
    }

    /// The policy's word, before every connection. What it cannot decide, it denies.
    async fn judge(&self, record: &ClientRecord) -> Result<(), Closed> {
        let goal = match reach(record) {
            Ok(Reach::Hosts(hosts)) => Goal::Hosts(hosts),
            Ok(Reach::File(path)) => Goal::File(path),
            Ok(Reach::Nothing) => Goal::Nothing,
            Err(invalid) => return Err(Closed::failed(invalid.to_string())),
        };
        match tokio::time::timeout(JUDGING, self.policy.judge(&goal)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Closed::blocked(reason)),
            Err(_elapsed) => Err(Closed::blocked("the policy did not decide in time")),
        }
    }

    /// The record with what its variable holds, in memory alone.
    fn with_variable<'a>(&self, record: &'a ClientRecord) -> Result<Cow<'a, ClientRecord>, Closed> {
        let Some(variable) = record.uri_variable.as_ref().filter(|_| record.config.is_empty())
        else {
            return Ok(Cow::Borrowed(record));
        };
        let Some(uri) = (self.variables)(variable) else {
            return Err(Closed::failed(format!("the environment variable {variable} is not set")));
        };
        let mut record = record.clone();
        record.config.insert("url".to_owned(), uri.into());
        Ok(Cow::Owned(record))
    }
}

/// The longest a statement may run, where the record says so.
fn statement_timeout(record: &ClientRecord) -> Option<Duration> {
    let gate = record.gates().map(|external| external.query_timeout_ms);
    let own = record.config.get("statementTimeout").and_then(serde_json::Value::as_u64);
    gate.into_iter().chain(own).min().map(Duration::from_millis)
}

/// The same for two records that lead to the same place in the same way, and for no others.
pub(super) fn connection_key(record: &ClientRecord) -> String {
    let parts = json!([
        record.driver.id(),
        record.schema_mode,
        record.config,
        record.pool,
        record.ssl,
        record.external,
        record.credentials_ref.as_ref().map(datasources::CredentialsRef::as_str),
        record.uri_variable,
    ]);
    hex::encode(Sha256::digest(parts.to_string()))
}
