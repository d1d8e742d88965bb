//! Drafts, and what becomes of them.

use super::{Draft, DraftInput, External, ExternalError, Resource, now, remote};
use crate::{admin::audit::Deed, error::GatewayError, registry::Upstream};
use ::catalog::{QualifiedName, SchemaCache};
use federation::HOME;
use serde_json::{Value, json};
use std::sync::Arc;
use store::NewResource;

/// A resource that can be queried from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    pub resource: Resource,
    pub notes: Vec<federation::Note>,
    /// Whether a write would pass: the client's word counts as well as the resource's.
    pub may_be_written: bool,
}

impl Imported {
    pub fn shown(&self) -> Value {
        let mut shown = self.resource.shown();
        shown["notes"] = json!(self.notes);
        shown["effectiveWritable"] = self.may_be_written.into();
        if self.resource.writable && !self.may_be_written {
            shown["warning"] =
                "Writes stay refused until the client's external.allowWrites is on.".into();
        }
        shown
    }
}

impl External<'_> {
    /// What a table would be as a resource. Writes nothing.
    pub async fn draft(
        &self,
        client: &str,
        remote: &str,
        input: &DraftInput,
    ) -> Result<Draft, GatewayError> {
        let upstream = self.upstream(client).await?;
        Ok(self.drafted(&upstream, remote, input).await?.1)
    }

    /// Keep a table as a resource; callers can ask for it when this returns.
    pub async fn import(
        &self,
        client: &str,
        remote: &str,
        input: &DraftInput,
    ) -> Result<Imported, GatewayError> {
        let upstream = self.upstream(client).await?;
        let desk = self.desk()?;
        let (cache, Draft { resource, notes, .. }) = self.drafted(&upstream, remote, input).await?;
        not_a_table(&cache, &resource)?;
        let definition = serde_json::to_value(&resource).unwrap_or_default();
        let actor = self.operator.actor().to_string();
        let kept = desk.store.add_resource(kept(&resource, &definition, &actor)).await;
        if !kept.map_err(ExternalError::Store)? {
            let by = "another resource of this client".to_owned();
            return Err(ExternalError::NameTaken { name: resource.name.to_string(), by }.into());
        }
        self.heard(desk).await;
        let told = json!({ "resource": resource.name });
        self.gateway.tell("external.object.imported", upstream.name(), told);
        let deed = Deed::done("external.object.imported", subject(&resource)).to(definition);
        desk.audit.tell(self.operator.actor(), &deed).await;
        let may_be_written = resource.writable
            && upstream.terms().is_none_or(crate::federation::Terms::allows_writes);
        Ok(Imported { resource, notes, may_be_written })
    }

    async fn drafted(
        &self,
        upstream: &Upstream,
        remote: &str,
        input: &DraftInput,
    ) -> Result<(Arc<SchemaCache>, Draft), ExternalError> {
        let cache = self.look(upstream).await?;
        let table = remote::find(upstream, &cache, remote, input.remote_schema.as_deref())?;
        let draft = federation::draft(upstream.name(), table, input, now())?;
        Ok((cache, draft))
    }

    /// Our own memory need not wait for the word of the store.
    pub(super) async fn heard(&self, desk: &crate::Desk) {
        let registry = self.gateway.registry();
        if let Err(error) = registry.hall().load(&desk.store, registry).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the imported resources cannot be read");
        }
    }
}

/// A table of the database keeps its name, unless the resource is that table.
fn not_a_table(cache: &SchemaCache, resource: &Resource) -> Result<(), ExternalError> {
    match cache.table(Some(HOME), resource.name.as_str()) {
        Some(table) if table.name != resource.remote() => {
            let QualifiedName { schema, name } = &table.name;
            let by = format!("the table {schema}.{name}");
            Err(ExternalError::NameTaken { name: resource.name.to_string(), by })
        }
        _ => Ok(()),
    }
}

pub(super) fn kept<'a>(
    resource: &'a Resource,
    definition: &'a Value,
    actor: &'a str,
) -> NewResource<'a> {
    NewResource {
        client: resource.client.as_str(),
        name: resource.name.as_str(),
        remote: (resource.remote_schema.as_str(), resource.remote_name.as_str()),
        definition,
        actor,
    }
}

pub(super) fn subject(resource: &Resource) -> String {
    format!("{}/{}", resource.client, resource.name)
}
