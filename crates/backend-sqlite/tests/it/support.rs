//! A file of one's own, and short ways to ask it.

use auth::Permit;
use backend::{Backend, BackendError, ScriptRun};
use backend_sqlite::{Sqlite, SqliteSettings};
use bytes::BytesMut;
use query::{Access, Operation, sql::Script, statement::RowsWanted};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{path::PathBuf, sync::Arc, time::Duration};
use test_support::backend_contract::Subject;

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with a database in it; both go when this does.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a file that other programs made.
    pub async fn with(sql: &'static str) -> Self {
        let folder = Self::new();
        let mut connection = folder.open().await;
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        folder
    }

    pub fn file(&self) -> PathBuf {
        self.0.path().join("shop.db")
    }

    pub fn uri(&self, options: &str) -> String {
        format!("sqlite://{}{options}", self.file().display())
    }

    /// As another program has it.
    pub async fn open(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.file()).create_if_missing(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    pub fn backend(&self, options: &str) -> Sqlite {
        Sqlite::connect(&SqliteSettings::parse(&self.uri(options)).unwrap())
    }
}

/// A backend on a file with these tables.
pub async fn subject(sql: &'static str) -> Subject {
    let folder = Folder::with(sql).await;
    Subject { backend: Arc::new(folder.backend("")), keep: Box::new(folder) }
}

pub async fn refusal(subject: &Subject, operation: Operation, body: Value) -> BackendError {
    subject.run(operation, body).await.unwrap_err()
}

/// What a caller wrote, and its rows.
pub async fn script(
    backend: &dyn Backend,
    access: Access,
    text: &str,
    params: &[Value],
) -> Result<Value, BackendError> {
    let script = Script::parse(text)?;
    let rows = RowsWanted::Objects;
    let run = ScriptRun { script: &script, params, access, max_rows: 1_000, rows };
    let mut out = BytesMut::new();
    backend.run_script(&Permit::system(), run, PATIENCE, &mut out).await?;
    Ok(serde_json::from_slice(&out).unwrap())
}
