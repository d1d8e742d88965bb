//! A database of its own for each test.

use crate::server::Server;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

/// A fresh database. Methods panic with a sentence: a test that cannot have it has failed.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    uri: String,
}

impl TestDatabase {
    /// An empty database.
    pub async fn create() -> Self {
        Self::clone_of("template0").await
    }

    /// A copy of another database that nobody is connected to; quicker than running its SQL again.
    pub async fn clone_of(template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        // Starting PostgreSQL takes a second once; another thread keeps this one's runtime free.
        let server = tokio::task::spawn_blocking(Server::shared).await;
        let server = server.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let sql = format!("create database \"{name}\" template \"{template}\"");
        if let Err(error) = run(&server.uri("postgres"), sql).await {
            panic!("the test database {name} could not be made: {error}");
        }
        let uri = server.uri(&name);
        Self { name, uri }
    }

    /// A database with these SQL files run in it, in order.
    pub async fn with_files(files: &[&Path]) -> Self {
        let database = Self::create().await;
        for file in files {
            let sql = std::fs::read_to_string(file)
                .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()));
            database.run(&sql).await;
        }
        database
    }

    /// Where it is reached. There is no password in it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Run statements, several at once if need be.
    pub async fn run(&self, sql: &str) {
        if let Err(error) = run(&self.uri, sql.to_owned()).await {
            panic!("the SQL for {} failed: {error}", self.name);
        }
    }

    /// One connection.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.uri)
            .await
            .unwrap_or_else(|error| panic!("{} cannot be reached: {error}", self.name))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        Server::shared().drop_database(std::mem::take(&mut self.name));
    }
}

pub(crate) async fn run(uri: &str, sql: String) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(uri).await?;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    connection.close().await
}
