//! The control store on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin_keys;
mod audit;
mod auth_log;
mod deferred;
mod federation;
mod feed;
mod given_up;
mod keys;
mod migrations;
mod once;
mod operations;
mod people;
mod policies;
mod second_step;
mod statistics;
mod trail;

use store::Store;
use test_support::TestDatabase;

/// A store whose tables are there, and the database below it.
async fn migrated() -> (TestDatabase, Store) {
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    (database, store)
}
