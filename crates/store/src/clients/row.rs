//! A row of `athena_clients`, and the record it stands for.

use api_types::ClientName;
use datasources::{ClientRecord, CredentialsRef, Driver, External, Origin, SchemaMode, Ssl};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sqlx::FromRow;

pub(super) const ONE: &str = concat!(
    include_str!("select.sql"),
    " where lower(c.client_name) = lower($1) and c.origin = $2"
);

#[derive(FromRow)]
pub(super) struct ClientRow {
    id: String,
    name: String,
    label: Option<String>,
    driver: String,
    schema_mode: String,
    config: String,
    pool: Option<String>,
    ssl: Option<String>,
    external: Option<String>,
    credentials_ref: Option<String>,
    pg_uri: Option<String>,
    uri_variable: Option<String>,
    active: bool,
    frozen: bool,
    deleted: bool,
    origin: String,
    defined_in: Option<String>,
    version: i32,
    created_at: String,
    updated_at: String,
    created_by: Option<String>,
    updated_by: Option<String>,
}

impl ClientRow {
    /// A name that cannot be addressed belongs to nobody here.
    pub(super) fn record(self) -> Option<ClientRecord> {
        let name = ClientName::parse(&self.name).ok()?;
        let driver = Driver::parse(&self.driver);
        let mut config: Map<String, Value> = read(&self.config).unwrap_or_default();
        // Rows of old have their address in a column of its own.
        if let Some(uri) = self.pg_uri.filter(|_| config.is_empty()) {
            config.insert("url".to_owned(), uri.into());
        }
        Some(ClientRecord {
            id: Some(self.id),
            name,
            label: self.label,
            driver,
            schema_mode: SchemaMode::parse(&self.schema_mode).unwrap_or(SchemaMode::External),
            config,
            pool: self.pool.as_deref().and_then(read),
            // What cannot be read is read as the strictest.
            ssl: self.ssl.as_deref().map(|text| read(text).unwrap_or_else(strict_ssl)),
            external: self
                .external
                .as_deref()
                .map(|text| read(text).unwrap_or_else(External::default)),
            credentials_ref: self.credentials_ref.as_deref().and_then(CredentialsRef::parse),
            uri_variable: self.uri_variable,
            active: self.active,
            frozen: self.frozen,
            deleted: self.deleted,
            origin: if self.origin == "config" { Origin::Config } else { Origin::Runtime },
            defined_in: self.defined_in,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by,
            updated_by: self.updated_by,
        })
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn strict_ssl() -> Ssl {
    Ssl { enabled: true, reject_unauthorized: true, ca: None }
}
