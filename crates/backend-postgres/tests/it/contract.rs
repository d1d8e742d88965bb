//! What any backend must do.

use crate::support::settings;
use backend_postgres::Postgres;
use std::sync::Arc;
use test_support::{
    TestDatabase,
    backend_contract::{Subject, TABLES},
};

async fn subject() -> Subject {
    let database = TestDatabase::create().await;
    database.run(TABLES).await;
    let backend = Arc::new(Postgres::connect(&settings(&database)));
    Subject { backend, keep: Box::new(database) }
}

test_support::backend_contract!(super::subject);
