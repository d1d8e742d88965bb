//! Making, changing, freezing and removing clients. Each is one transaction, and then every node follows.

use super::{Book, ClientDetail, Clients, ClientsError, Effective, SecretInput};
use crate::{
    Operator,
    admin::audit::{Actor, Deed},
    registry::State,
};
use api_types::ClientName;
use datasources::{
    Address, ClientRecord, CredentialsRef, Invalid, Origin, Patch, Shown, Touched, check_name,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::{AuditEntry, ClientChange, Kept, SealedRow, ShiftedSecret};

/// How long an answer waits to say whether the connection works.
const VERDICT: Duration = Duration::from_secs(5);

/// How often a change is tried on a record that keeps changing.
const TRIES: usize = 3;

/// What a change was asked to do, besides the change itself.
#[derive(Default)]
pub struct Asked {
    /// Only if the client still is at this version.
    pub version: Option<i32>,
    /// Kept in place of the secret of before; that stays when this is absent.
    pub secret: Option<SecretInput>,
}

/// What became of a credential of old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Migrated {
    pub moved: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

pub(super) fn may_touch(operator: &Operator, name: &ClientName) -> Result<(), ClientsError> {
    match operator.bound_to() {
        Some(bound) if bound != name => Err(ClientsError::OtherClient { bound: bound.to_string() }),
        _ => Ok(()),
    }
}

impl Clients {
    /// A new client from a body that has had its secret taken out.
    pub async fn create(
        &self,
        operator: &Operator,
        body: &Map<String, Value>,
        secret: Option<SecretInput>,
    ) -> Result<ClientDetail, ClientsError> {
        let record = ClientRecord::create(body, &self.book.reserved)?;
        self.create_record(operator, record, secret).await
    }

    /// A name that a new client may have.
    pub fn new_name(&self, text: &str) -> Result<ClientName, ClientsError> {
        Ok(check_name(text, &self.book.reserved)?)
    }

    pub async fn create_record(
        &self,
        operator: &Operator,
        mut record: ClientRecord,
        secret: Option<SecretInput>,
    ) -> Result<ClientDetail, ClientsError> {
        let book = self.book();
        may_touch(operator, &record.name)?;
        if book.configured.contains_key(&record.name) {
            return Err(ClientsError::Exists { name: record.name.to_string() });
        }
        let sealed = book.seal_new(&mut record, secret.as_ref()).await?;
        record.updated_by = Some(operator.actor().to_string());
        let deed = Deed::done("client.created", record.name.as_str()).to(told(&record));
        let shift = ShiftedSecret { new: sealed.as_ref(), old: None };
        let kept = book.keep(Write::Create, operator.actor(), &record, shift, &deed).await?;
        let name = record.name.clone();
        let record = done(&name, kept)?;
        if sealed.is_some() {
            book.events.tell("secret.bound", &name, Value::Null);
        }
        book.follow_up(&name).await;
        Ok(book.detail(&Effective { record, conflicts: false }))
    }

    /// Change a client of the run time, member by member.
    pub async fn update(
        &self,
        operator: &Operator,
        name: &ClientName,
        patch: &Patch,
        asked: Asked,
    ) -> Result<ClientDetail, ClientsError> {
        self.change(operator, name, asked, |record, shown| record.patched(patch, shown)).await
    }

    /// Change a client of the run time.
    pub async fn change(
        &self,
        operator: &Operator,
        name: &ClientName,
        asked: Asked,
        change: impl Fn(&ClientRecord, &Value) -> Result<(ClientRecord, Touched), Invalid>,
    ) -> Result<ClientDetail, ClientsError> {
        let book = self.book();
        may_touch(operator, name)?;
        for _ in 0..TRIES {
            let before = book.writable(name).await?;
            if asked.version.is_some_and(|version| version != before.version) {
                break;
            }
            let shown = serde_json::to_value(
                book.detail(&Effective { record: before.clone(), conflicts: false }),
            )
            .unwrap_or_default();
            let (mut after, _touched) = change(&before, &shown)?;
            if after == before && asked.secret.is_none() {
                return Ok(book.seen(&Effective { record: before, conflicts: false }).await);
            }
            let sealed = book.seal_new(&mut after, asked.secret.as_ref()).await?;
            after.updated_by = Some(operator.actor().to_string());
            let old = before.credentials_ref.as_ref().map(CredentialsRef::secret_id);
            let shift = match &sealed {
                Some(new) => ShiftedSecret { new: Some(new), old },
                None => ShiftedSecret::default(),
            };
            let deed =
                Deed::done("client.updated", name.as_str()).from(told(&before)).to(told(&after));
            match book.keep(Write::Update, operator.actor(), &after, shift, &deed).await? {
                Kept::Stale => {}
                kept => {
                    let record = done(name, kept)?;
                    if sealed.is_some() {
                        let kind = if old.is_some() { "secret.rotated" } else { "secret.bound" };
                        book.events.tell(kind, name, Value::Null);
                    }
                    book.follow_up(name).await;
                    return Ok(book.seen(&Effective { record, conflicts: false }).await);
                }
            }
        }
        Err(ClientsError::Stale { name: name.to_string() })
    }

    /// Hold a client's traffic back, or let it through again, whoever defined it.
    pub async fn freeze(
        &self,
        operator: &Operator,
        name: &ClientName,
        frozen: bool,
    ) -> Result<ClientDetail, ClientsError> {
        let book = self.book();
        may_touch(operator, name)?;
        for _ in 0..TRIES {
            let Effective { record: before, conflicts } = book.record(name).await?;
            if before.frozen == frozen {
                return Ok(book.seen(&Effective { record: before, conflicts }).await);
            }
            let mut after = before.clone();
            after.frozen = frozen;
            after.updated_by = Some(operator.actor().to_string());
            let action = if frozen { "client.frozen" } else { "client.thawed" };
            let deed = Deed::done(action, name.as_str());
            let none = ShiftedSecret::default();
            match book.keep(Write::Update, operator.actor(), &after, none, &deed).await? {
                Kept::Stale => {}
                kept => {
                    let record = done(name, kept)?;
                    book.follow_up(name).await;
                    let shown = match book.configured.get(name) {
                        Some(client) => client.effective(Some(record), conflicts),
                        None => Effective { record, conflicts },
                    };
                    return Ok(book.seen(&shown).await);
                }
            }
        }
        Err(ClientsError::Stale { name: name.to_string() })
    }

    /// Remove a client of the run time that nothing holds on to. Its secret goes with it; its name
    /// stays known.
    pub async fn remove(
        &self,
        operator: &Operator,
        name: &ClientName,
    ) -> Result<ClientDetail, ClientsError> {
        let book = self.book();
        may_touch(operator, name)?;
        for _ in 0..TRIES {
            let mut record = book.writable(name).await?;
            record.updated_by = Some(operator.actor().to_string());
            let deed = Deed::done("client.removed", name.as_str()).from(told(&record));
            let old = record.credentials_ref.clone();
            let old = old.as_ref().map(CredentialsRef::secret_id);
            let shift = ShiftedSecret { new: None, old };
            match book.keep(Write::Remove, operator.actor(), &record, shift, &deed).await? {
                Kept::Stale => {}
                kept => {
                    let record = done(name, kept)?;
                    if old.is_some() {
                        book.events.tell("secret.unbound", name, Value::Null);
                    }
                    book.follow_up(name).await;
                    return Ok(book.detail(&Effective { record, conflicts: false }));
                }
            }
        }
        Err(ClientsError::Stale { name: name.to_string() })
    }

    /// Move a password that stands in a client's configuration to where secrets are kept. Done
    /// twice, it does nothing the second time.
    pub async fn migrate_credential(
        &self,
        operator: &Operator,
        name: &ClientName,
    ) -> Result<Migrated, ClientsError> {
        let book = self.book();
        may_touch(operator, name)?;
        let effective = book.record(name).await?;
        let record = effective.record;
        if record.origin == Origin::Config {
            let remedy = "Put an environment variable into the connection string there.";
            return Ok(refused("the client is defined in the configuration", remedy));
        }
        let mut after = record.clone();
        let password = match take_password(&mut after) {
            Ok(Some(password)) => password,
            Ok(None) => return Ok(refused("there is no password in its configuration", "")),
            Err(reason) => {
                let remedy =
                    "Send the client's configuration anew, without a password, and a secret.";
                return Ok(refused(&format!("its connection string {reason}"), remedy));
            }
        };
        if record.credentials_ref.is_some() {
            let remedy =
                "Take the password out of the configuration; the kept secret is the one in use.";
            return Ok(refused("a secret is kept for it already", remedy));
        }
        if book.vault.is_none() {
            return Ok(refused("there is nowhere to keep a secret", "Set ATHENA_SECRET_KEY."));
        }
        let secret = SecretInput::new(password);
        let sealed = book.seal_new(&mut after, Some(&secret)).await?;
        let Some(sealed) = sealed else { return Ok(refused("nothing was sealed", "")) };
        // What cannot be read back must not be the only copy.
        let back = book.open(&sealed).await?;
        if back.expose() != secret.value.expose() {
            return Ok(refused("the secret did not come back as it was", "Try again."));
        }
        after.updated_by = Some(operator.actor().to_string());
        let deed = Deed::done("client.credential_moved", name.as_str());
        let shift = ShiftedSecret { new: Some(&sealed), old: None };
        let kept = book.keep(Write::Update, operator.actor(), &after, shift, &deed).await?;
        if matches!(kept, Kept::Stale) {
            return Err(ClientsError::Stale { name: name.to_string() });
        }
        done(name, kept)?;
        book.events.tell("secret.bound", name, Value::Null);
        book.follow_up(name).await;
        Ok(Migrated { moved: true, reason: None, remedy: None })
    }
}

fn refused(reason: &str, remedy: &str) -> Migrated {
    let remedy = (!remedy.is_empty()).then(|| remedy.to_owned());
    Migrated { moved: false, reason: Some(reason.to_owned()), remedy }
}

/// Take the password out of a record's configuration.
fn take_password(record: &mut ClientRecord) -> Result<Option<secrets::Cleartext>, &'static str> {
    if let Some(Value::String(password)) = record.config.shift_remove("password") {
        return Ok(Some(secrets::Cleartext::new(password)));
    }
    let Some(Value::String(url)) = record.config.get("url") else { return Ok(None) };
    let (address, password) = Address::split(url)?;
    record.config.insert("url".to_owned(), address.url().into());
    Ok(password)
}

/// Which of the three writes.
#[derive(Clone, Copy)]
enum Write {
    Create,
    Update,
    Remove,
}

impl Book {
    /// A record that may be changed here.
    async fn writable(&self, name: &ClientName) -> Result<ClientRecord, ClientsError> {
        let Effective { record, .. } = self.record(name).await?;
        match record.origin {
            Origin::Runtime => Ok(record),
            Origin::Config => Err(ClientsError::ReadOnly { name: name.to_string() }),
        }
    }

    /// Seal a secret that was sent, and point the record at it.
    async fn seal_new(
        &self,
        record: &mut ClientRecord,
        secret: Option<&SecretInput>,
    ) -> Result<Option<SealedRow>, ClientsError> {
        let Some(secret) = secret else { return Ok(None) };
        let sealed = self.seal(record, secret).await?;
        record.credentials_ref = Some(CredentialsRef::of(&sealed.id));
        Ok(Some(sealed))
    }

    async fn keep(
        &self,
        write: Write,
        actor: &Actor,
        record: &ClientRecord,
        secret: ShiftedSecret<'_>,
        deed: &Deed,
    ) -> Result<Kept, ClientsError> {
        let actor = actor.to_string();
        let deed = AuditEntry {
            actor: &actor,
            action: deed.action,
            subject: &deed.subject,
            outcome: deed.outcome,
            request_id: None,
            before: deed.before.as_ref(),
            after: deed.after.as_ref(),
        };
        let change = ClientChange { record, secret, deed };
        let store = &self.desk.store;
        Ok(match write {
            Write::Create => store.create_client(change).await?,
            Write::Update => store.update_client(change).await?,
            Write::Remove => store.remove_client(change).await?,
        })
    }

    /// This node need not wait to hear of it; and whoever asked is told whether it connects.
    async fn follow_up(&self, name: &ClientName) {
        if let Err(error) = self.sync(Some(name)).await {
            tracing::warn!(client = %name, cause = crate::error::chain(&error), "client follows later");
        }
        if let Some(State::Open(upstream)) = self.registry.state(name) {
            let _in_time = tokio::time::timeout(VERDICT, upstream.settled()).await;
        }
    }
}

fn done(name: &ClientName, kept: Kept) -> Result<ClientRecord, ClientsError> {
    let name = name.to_string();
    match kept {
        Kept::Done(record) => Ok(*record),
        Kept::Exists => Err(ClientsError::Exists { name }),
        Kept::Stale => Err(ClientsError::Stale { name }),
        Kept::Bound(bound) => Err(ClientsError::Bound { name, bound }),
    }
}

/// A record for the audit trail: what may be shown of it.
fn told(record: &ClientRecord) -> Value {
    let Shown { config, .. } = Shown::of(record);
    json!({
        "label": record.label(),
        "driver": record.driver.id(),
        "schemaMode": record.schema_mode,
        "config": config,
        "pool": record.pool,
        "ssl": record.ssl,
        "external": record.external,
        "active": record.active,
        "uriVariable": record.uri_variable,
        "hasSecret": record.credentials_ref.is_some(),
    })
}
