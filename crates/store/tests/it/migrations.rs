use crate::migrated;
use sqlx::Row;
use std::time::{Duration, Instant};
use store::{Store, StoreError};
use test_support::TestDatabase;

async fn tables(database: &TestDatabase) -> Vec<String> {
    let mut connection = database.connect().await;
    let rows = sqlx::query(
        "select table_name::text from information_schema.tables where table_schema = 'public' order by 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn an_empty_database_gets_every_table() {
    let (database, _store) = migrated().await;
    let tables = tables(&database).await;
    for wanted in [
        "athena_clients",
        "api_keys",
        "api_key_rights",
        "api_key_right_grants",
        "api_key_config",
        "api_key_client_config",
        "api_key_auth_log",
        "gateway_request_log",
        "gateway_operation_log",
        "console_users",
        "console_sessions",
        "console_links",
        "console_preferences",
        "sys_secret",
    ] {
        assert!(tables.iter().any(|table| table == wanted), "{wanted} is not in {tables:?}");
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let (database, store) = migrated().await;
    let before = tables(&database).await;
    store.migrate().await.unwrap();
    assert_eq!(tables(&database).await, before);
}

#[tokio::test]
async fn two_programs_that_start_at_once_both_find_the_tables() {
    let database = TestDatabase::create().await;
    let one = Store::open(database.uri()).unwrap();
    let other = Store::open(database.uri()).unwrap();
    let (one, other) = tokio::join!(one.migrate(), other.migrate());
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let (database, store) = migrated().await;
    database
        .run(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'from the future', true, '\\x00', 0)",
        )
        .await;
    let refused = store.migrate().await.unwrap_err();
    assert!(matches!(refused, StoreError::Newer { version: 9999 }), "{refused:?}");
    assert!(refused.to_string().contains("newer Athena"));
}

#[tokio::test]
async fn opening_connects_to_nothing_and_asking_ends() {
    let store = Store::open("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
    let asked = Instant::now();
    let refused = store.load_keys().await;
    assert!(matches!(refused, Err(StoreError::Database(_))));
    assert!(asked.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_wrong_address_is_not_repeated() {
    let refused = Store::open("postgresql://me:hunter2@[bad/x").unwrap_err();
    assert!(!format!("{refused:?} {refused}").contains("hunter2"));
}
