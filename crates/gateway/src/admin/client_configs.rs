//! Documents by which clients differ from the gateway's own settings.

use super::{OperateError, audit::Deed};
use crate::{
    Desk, Gateway, GatewayError, Operator,
    registry::ClientInfo,
    tuning::{Overrides, TuningError},
};
use api_types::ClientName;
use auth::PermitError;
use query::request::ResponseCase;
use serde_json::{Value, json};

pub use store::ConfigRecord;

const LONGEST: usize = 64 * 1024;

/// A client's document, or what it would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub client_name: String,
    /// Nothing when none was put in.
    pub record: Option<ConfigRecord>,
    /// How the client works now; nothing when it is not registered.
    pub effective: Option<Value>,
}

/// What seeding did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeded {
    pub clients: Vec<String>,
    /// They have a document already.
    pub skipped: Vec<String>,
    pub failed: Vec<String>,
}

impl Gateway {
    pub async fn client_configs(
        &self,
        operator: &Operator,
    ) -> Result<Vec<ConfigRecord>, GatewayError> {
        let all = self.desk(operator)?.store.client_configs().await.map_err(OperateError::from)?;
        let mine = all.into_iter().filter(|record| touches(operator, &record.client_name));
        Ok(mine.collect())
    }

    pub async fn client_config(
        &self,
        operator: &Operator,
        client: &str,
    ) -> Result<Shown, GatewayError> {
        let name = named(operator, client)?;
        let all = self.desk(operator)?.store.client_configs().await.map_err(OperateError::from)?;
        let record = all.into_iter().find(|record| record.client_name == name.as_str());
        let upstream = self.registry().get(&name).ok();
        let effective = upstream.map(|upstream| self.document(&upstream.info()));
        if record.is_none() && effective.is_none() {
            return Err(OperateError::NoConfig { client: name.to_string() }.into());
        }
        Ok(Shown { client_name: name.to_string(), record, effective })
    }

    /// Put a document in; it applies here at once, and everywhere within a moment.
    pub async fn put_client_config(
        &self,
        operator: &Operator,
        client: &str,
        config: &Value,
        metadata: &Value,
    ) -> Result<ConfigRecord, GatewayError> {
        let desk = self.desk(operator)?;
        let name = named(operator, client)?;
        Overrides::parse(config)?;
        check_size("config", config)?;
        check_metadata(metadata)?;
        if !self.registry().knows(&name) {
            return Err(GatewayError::unknown(name.as_str()));
        }
        let before = self.config_before(desk, &name).await?;
        let put = desk.store.put_client_config(name.as_str(), config, metadata).await;
        let record = put.map_err(OperateError::from)?;
        let mut deed = Deed::done("client_config.put", name.as_str()).to(record.config.clone());
        deed.before = before;
        desk.audit.tell(operator.actor(), &deed).await;
        self.reload_overrides().await.map_err(OperateError::from)?;
        Ok(record)
    }

    pub async fn delete_client_config(
        &self,
        operator: &Operator,
        client: &str,
    ) -> Result<ConfigRecord, GatewayError> {
        let desk = self.desk(operator)?;
        let name = named(operator, client)?;
        let gone = desk.store.delete_client_config(name.as_str()).await;
        let Some(record) = gone.map_err(OperateError::from)? else {
            return Err(OperateError::NoConfig { client: name.to_string() }.into());
        };
        let deed = Deed::done("client_config.deleted", name.as_str()).from(record.config.clone());
        desk.audit.tell(operator.actor(), &deed).await;
        self.reload_overrides().await.map_err(OperateError::from)?;
        Ok(record)
    }

    /// Write each client's present way of working down as its document, where it has none.
    pub async fn seed_client_configs(
        &self,
        operator: &Operator,
        overwrite: bool,
    ) -> Result<Seeded, GatewayError> {
        let desk = self.desk(operator)?;
        let metadata = json!({ "seeded_from": "config.yaml" });
        let mut seeded = Seeded::default();
        for upstream in self.registry().upstreams() {
            let name = upstream.name();
            if !operator.may_touch(name) {
                continue;
            }
            let document = self.document(upstream.own_info());
            let (store, client) = (&desk.store, name.as_str());
            let put = if overwrite {
                store.put_client_config(client, &document, &metadata).await.map(Some)
            } else {
                store.seed_client_config(client, &document, &metadata).await
            };
            match put {
                Ok(Some(_record)) => {
                    let deed = Deed::done("client_config.seeded", client).to(document);
                    desk.audit.tell(operator.actor(), &deed).await;
                    seeded.clients.push(client.to_owned());
                }
                Ok(None) => seeded.skipped.push(client.to_owned()),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, client, "not seeded");
                    seeded.failed.push(client.to_owned());
                }
            }
        }
        self.reload_overrides().await.map_err(OperateError::from)?;
        Ok(seeded)
    }

    async fn config_before(
        &self,
        desk: &Desk,
        name: &ClientName,
    ) -> Result<Option<Value>, GatewayError> {
        let all = desk.store.client_configs().await.map_err(OperateError::from)?;
        let found = all.into_iter().find(|record| record.client_name == name.as_str());
        Ok(found.map(|record| record.config))
    }

    /// What would be said in a document to make a client work as this one does.
    fn document(&self, info: &ClientInfo) -> Value {
        let (own, tuning) = (self.settings(), &info.tuning);
        let statement = info.statement_timeout.unwrap_or(own.statement_timeout);
        let backoff = tuning.first_backoff.unwrap_or(own.resilience.first_backoff);
        let mut document = json!({
            "timeouts": { "statement_ms": millis(statement) },
            "retries": {
                "read_max": tuning.read_retries.unwrap_or(own.resilience.read_retries),
                "initial_backoff_ms": millis(backoff),
            },
            "limits": {
                "max_rows": tuning.max_rows.unwrap_or(own.limits.max_rows),
                "max_stream_rows": tuning.max_stream_rows.unwrap_or(own.max_stream_rows),
            },
            "cache": { "enabled": tuning.keeps_answers.unwrap_or(true) },
            "rest": { "postgrest_mode": info.rest.options.postgrest_mode },
            "flags": {
                "force_camel_case_to_snake_case": info.snake_case.unwrap_or(own.parse.snake_case),
                "response_case": word(info.response_case.unwrap_or(own.parse.response_case)),
                "auto_cast_uuid_filter_values_to_text":
                    tuning.uuid_as_text.unwrap_or(own.parse.uuid_as_text),
                "read_only": tuning.read_only,
            },
        });
        if let Some(deadline) = tuning.deadline {
            document["timeouts"]["resilience_secs"] = deadline.as_secs().max(1).into();
        }
        if let Some(ttl) = tuning.answers_ttl {
            document["cache"]["ttl_secs"] = ttl.as_secs().max(1).into();
        }
        document
    }
}

fn word(case: ResponseCase) -> &'static str {
    match case {
        ResponseCase::AsIs => "as_is",
        ResponseCase::Snake => "snake",
        ResponseCase::Camel => "camel",
    }
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The client by its name, if this operator administers it.
pub(super) fn named(operator: &Operator, client: &str) -> Result<ClientName, GatewayError> {
    let name = ClientName::parse(client).map_err(|_no_name| GatewayError::unknown(client))?;
    if name.as_str() == super::statistics::RESERVED {
        return Err(OperateError::Reserved { name: name.to_string() }.into());
    }
    if !operator.may_touch(&name) {
        return Err(PermitError::ClientMismatch.into());
    }
    Ok(name)
}

fn touches(operator: &Operator, client: &str) -> bool {
    ClientName::parse(client).is_ok_and(|name| operator.may_touch(&name))
}

fn check_size(field: &'static str, value: &Value) -> Result<(), OperateError> {
    if value.to_string().len() > LONGEST {
        return Err(OperateError::invalid(field, format!("at most {LONGEST} bytes long")));
    }
    Ok(())
}

/// Anything may stand in it that PostgreSQL can keep.
pub(super) fn check_metadata(metadata: &Value) -> Result<(), GatewayError> {
    if !metadata.is_object() {
        return Err(OperateError::invalid("metadata", "an object").into());
    }
    if metadata.to_string().contains("\\u0000") {
        return Err(OperateError::invalid("metadata", "free of NUL characters").into());
    }
    Ok(check_size("metadata", metadata)?)
}

/// For whoever puts a document together without putting it in.
pub fn check(document: &Value) -> Result<(), TuningError> {
    Overrides::parse(document).map(|_understood| ())
}
