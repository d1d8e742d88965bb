//! One change from the wish to the answer: permitted, written down, made, and known everywhere.

use super::{ManagementError, ManagementSettings, Manager, Wish, ensure_managed};
use crate::{Gateway, admin::audit::Deed, error::GatewayError, resilience::Attempts};
use auth::Permit;
use backend::{BackendError, Defined, Definition};
use cache::Scope;
use ddl::{Change, Framing, Kind};
use query::Access;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use store::{ManagementEnd, ManagementRow, ManagementStart, ManagementStatus};

/// What came of a wish.
#[derive(Debug, Clone)]
pub struct Changed {
    change: Change,
    defined: Option<Defined>,
    audit_id: Option<String>,
}

impl Gateway {
    /// Change a client's structure, or tell how it would be done.
    pub async fn change_structure(
        &self,
        manager: &Manager,
        wish: Wish,
    ) -> Result<Changed, GatewayError> {
        let mut permit = self.demand(manager, wish.rights()).await?;
        let settings = &self.settings().management;
        let request = wish.read(&settings.policy).map_err(ManagementError::from)?;
        for any_of in &request.change.rights {
            permit = self.demand(manager, any_of).await?;
        }
        ensure_managed(&manager.upstream)?;
        if request.dry_run {
            return Ok(Changed { change: request.change, defined: None, audit_id: None });
        }
        self.refuse_own_store(&manager.upstream).await?;
        self.make(manager.clone(), permit, request.change).await
    }

    /// Goes on to its end when the caller leaves: else nobody would write down how it ended.
    pub(super) async fn make(
        &self,
        manager: Manager,
        permit: Permit,
        change: Change,
    ) -> Result<Changed, GatewayError> {
        let frame = Frame { gateway: self.clone(), manager, change };
        let made = tokio::spawn(async move { frame.run(permit).await });
        made.await.map_err(|_panicked| GatewayError::Abandoned)?
    }
}

struct Frame {
    gateway: Gateway,
    manager: Manager,
    change: Change,
}

impl Frame {
    async fn run(self, permit: Permit) -> Result<Changed, GatewayError> {
        let upstream = &self.manager.upstream;
        let settings = &self.gateway.settings().management;
        let definition = definition(&self.change, settings);
        let time = definition.lock_timeout + definition.statement_timeout;
        let mut attempts = Attempts::begin(upstream, Access::ReadWrite, time)
            .map_err(|refused| GatewayError::turned_away(upstream.name(), refused))?;
        let row = self.begin().await?;
        let writing = self.gateway.answers().will_write(|| vec![Scope::client(upstream.name())]);
        let began = Instant::now();
        let made = loop {
            let made = upstream.backend().define(&permit, definition).await;
            // A change is never made twice, so this goes round once.
            if let Some(made) = attempts.settle(made).await {
                break made;
            }
        };
        match &made {
            Ok(Defined::NothingToDo) => writing.unchanged(),
            Ok(Defined::Changed) => {
                writing.written().await;
                self.gateway.structure_is_new(upstream).await;
            }
            // Whether it was made is not known: what was kept is doubted.
            Err(error) => {
                if !matches!(error, BackendError::Database(_)) {
                    upstream.reread().await;
                }
                drop(writing);
            }
        }
        let kind = self.change.kind;
        let made = made.map_err(|source| ManagementError::Refused { kind, source });
        self.finish(&row, &made, began.elapsed()).await;
        let defined = made?;
        Ok(Changed { change: self.change, defined: Some(defined), audit_id: Some(row.id) })
    }

    async fn begin(&self) -> Result<ManagementRow, GatewayError> {
        let (change, desk) = (&self.change, self.gateway.management_desk()?);
        let text = |ident: &Option<catalog::Ident>| ident.as_ref().map(ToString::to_string);
        let (schema, table) = (text(&change.schema), text(&change.table));
        let object = change.column.as_ref().unwrap_or(&change.name);
        let start = ManagementStart {
            request_id: self.manager.trace.request_id.as_str(),
            actor: &self.manager.actor.to_string(),
            client: self.manager.client().as_str(),
            schema: schema.as_deref(),
            table: table.as_deref(),
            object: change.signature.as_deref().unwrap_or(object.as_str()),
            object_type: change.kind.object_type(),
            operation: change.kind.as_str(),
            executed_sql: &json!(change.sql()),
            claimed: &Value::Object(self.manager.claimed.clone()),
        };
        let begun = desk.store.begin_management(start).await;
        Ok(begun.map_err(ManagementError::AuditUnavailable)?)
    }

    async fn finish(
        &self,
        row: &ManagementRow,
        made: &Result<Defined, ManagementError>,
        took: Duration,
    ) {
        let word = match made {
            Ok(Defined::Changed) => "success",
            Ok(Defined::NothingToDo) => "unchanged",
            Err(_) => "failed",
        };
        self.gateway.measured().events.changed(self.change.kind.as_str(), word, took);
        let Ok(desk) = self.gateway.management_desk() else { return };
        let problem = made.as_ref().err().map(ManagementError::problem);
        let status = match made {
            Ok(Defined::Changed) => ManagementStatus::Success,
            Ok(Defined::NothingToDo) => ManagementStatus::Unchanged,
            Err(_) => ManagementStatus::Failed,
        };
        let end = ManagementEnd {
            status,
            error_code: problem.as_ref().map(|problem| problem.code.as_str()),
            error_message: problem.as_ref().map(|problem| problem.message.as_str()),
            took,
        };
        if let Err(error) = desk.store.finish_management(row, end).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(
                error,
                id = row.id,
                "how a change of structure ended was not written down"
            );
        }
        let subject = format!("{}/{}", self.manager.client(), self.change.name);
        let after =
            json!({ "audit_id": row.id, "status": status.word(), "statements": self.change.sql() });
        let deed = Deed::done(action(self.change.kind), subject).to(after);
        let deed = if status == ManagementStatus::Failed { deed.failed() } else { deed };
        desk.audit.tell(&self.manager.actor, &deed).await;
    }
}

fn definition<'a>(change: &'a Change, settings: &ManagementSettings) -> Definition<'a> {
    let statement_timeout = match change.framing {
        Framing::Together => settings.statement_timeout,
        Framing::Alone { .. } => settings.concurrent_timeout,
    };
    Definition { change, lock_timeout: settings.lock_timeout, statement_timeout }
}

fn action(kind: Kind) -> &'static str {
    match kind {
        Kind::CreateTable => "management.create_table",
        Kind::EditTable => "management.edit_table",
        Kind::DropTable => "management.drop_table",
        Kind::DropColumn => "management.drop_column",
        Kind::CreateIndex => "management.create_index",
        Kind::DropIndex => "management.drop_index",
        Kind::InstallExtension => "management.install_extension",
        Kind::UpsertFunction => "management.upsert_function",
        Kind::DropFunction => "management.drop_function",
        Kind::CreateDatabase => "management.create_database",
        Kind::CreateRole => "management.create_role",
        Kind::DropRole => "management.drop_role",
    }
}

impl Changed {
    /// Something is there now that was not there before.
    pub fn created(&self) -> bool {
        let creates = matches!(
            self.change.kind,
            Kind::CreateTable | Kind::CreateIndex | Kind::CreateDatabase | Kind::CreateRole
        );
        creates && self.defined == Some(Defined::Changed)
    }

    pub fn message(&self) -> &'static str {
        match (self.defined, self.change.kind) {
            (None, _) => "Nothing was done: these are the statements",
            (Some(Defined::NothingToDo), _) => "There was nothing to do",
            (_, Kind::CreateTable) => "Created table",
            (_, Kind::EditTable) => "Changed table",
            (_, Kind::DropTable) => "Dropped table",
            (_, Kind::DropColumn) => "Dropped column",
            (_, Kind::CreateIndex) => "Created index",
            (_, Kind::DropIndex) => "Dropped index",
            (_, Kind::InstallExtension) => "Installed extension",
            (_, Kind::UpsertFunction) => "Saved function",
            (_, Kind::DropFunction) => "Dropped function",
            (_, Kind::CreateDatabase) => "Created database",
            (_, Kind::CreateRole) => "Created role",
            (_, Kind::DropRole) => "Dropped role",
        }
    }

    /// The answer's `data`.
    pub fn data(&self) -> Map<String, Value> {
        let change = &self.change;
        let mut data = Map::new();
        let mut put = |name: &str, value: Value| {
            data.insert(name.to_owned(), value);
        };
        if let Some(schema) = &change.schema {
            put("schema_name", schema.as_str().into());
        }
        let name: Value = change.name.as_str().into();
        match change.kind {
            Kind::CreateTable | Kind::EditTable | Kind::DropTable => put("table_name", name),
            Kind::DropColumn => {
                put("table_name", name);
                put("column_name", json!(change.column));
            }
            Kind::CreateIndex => {
                put("table_name", json!(change.table));
                put("index_name", name);
            }
            Kind::DropIndex => put("index_name", name),
            Kind::InstallExtension => put("extension_name", name),
            Kind::UpsertFunction | Kind::DropFunction => {
                put("function_name", name);
                put("function_signature", json!(change.signature));
            }
            Kind::CreateDatabase => put("database_name", name),
            Kind::CreateRole | Kind::DropRole => put("role_name", name),
        }
        put("statements", json!(change.sql()));
        let is_changed = self.defined == Some(Defined::Changed);
        match change.kind {
            Kind::CreateTable | Kind::CreateIndex | Kind::CreateDatabase | Kind::CreateRole => {
                put("created", is_changed.into())
            }
            Kind::DropTable
            | Kind::DropColumn
            | Kind::DropIndex
            | Kind::DropFunction
            | Kind::DropRole => {
                put("dropped", is_changed.into());
            }
            Kind::InstallExtension => put("installed", is_changed.into()),
            Kind::EditTable | Kind::UpsertFunction => put("changed", is_changed.into()),
        }
        match &self.audit_id {
            Some(id) => put("audit_id", id.as_str().into()),
            None => put("dry_run", true.into()),
        }
        data
    }
}
