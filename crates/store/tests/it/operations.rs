use crate::migrated;
use sqlx::Row;
use std::time::{Duration, Instant, SystemTime};
use store::{
    LogSettings, OnBehalf, OperationDetails, OperationLog, OperationRow, Retention, Store,
};
use test_support::TestDatabase;

pub fn row(request_id: &str) -> OperationRow {
    OperationRow {
        request_id: request_id.into(),
        operation: "fetch",
        table_name: Some("invoices".into()),
        client: Some("shop".parse().unwrap()),
        method: Some("POST"),
        path: Some("/gateway/fetch".into()),
        status_code: 200,
        duration: Duration::from_millis(12),
        message: None,
        cache: None,
        details: OperationDetails {
            trace_id: "0123456789abcdef".into(),
            caller: "key",
            api_key_public_id: None,
            on_behalf: None,
            row_count: 3,
            bytes: 120,
        },
        at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_924_992_000_500),
    }
}

pub async fn count(database: &TestDatabase) -> i64 {
    let mut connection = database.connect().await;
    sqlx::query_scalar("select count(*) from gateway_operation_log")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_operation_is_written_down_as_it_was() {
    let (database, store) = migrated().await;
    let log = OperationLog::start(store, LogSettings::default());
    log.record(row("one"));
    let refused = OperationRow {
        status_code: 404,
        table_name: None,
        message: Some("unknown_table".into()),
        details: OperationDetails {
            on_behalf: Some(OnBehalf {
                user_id: "anna".into(),
                organization_id: None,
                company_id: None,
            }),
            ..row("two").details
        },
        ..row("two")
    };
    log.record(refused);
    log.close().await;
    let mut connection = database.connect().await;
    let rows = sqlx::query(
        "select request_id, table_name, status_code, duration_ms, error, message, time::text,
                row_count::text, details -> 'on_behalf' ->> 'user_id', trace_id, caller
                from gateway_operation_log order by id",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get::<Option<&str>, _>(1), Some("invoices"));
    assert_eq!((rows[0].get::<i32, _>(2), rows[0].get::<i64, _>(3)), (200, 12));
    assert!(!rows[0].get::<bool, _>(4));
    assert!(rows[0].get::<&str, _>(6).starts_with("1924992000.5"));
    assert_eq!(rows[0].get::<&str, _>(7), "3");
    assert_eq!(
        (rows[0].get::<&str, _>(9), rows[0].get::<&str, _>(10)),
        ("0123456789abcdef", "key")
    );
    let people = [0, 1].map(|at| rows[at].get::<Option<&str>, _>(8));
    assert_eq!(people, [None, Some("anna")]);
    assert_eq!(rows[1].get::<Option<&str>, _>(1), None);
    assert!(rows[1].get::<bool, _>(4));
    assert_eq!(rows[1].get::<Option<&str>, _>(5), Some("unknown_table"));
    assert_eq!(log.dropped(), 0);
}

#[tokio::test]
async fn a_burst_is_written_whole_when_the_queue_holds_it() {
    let (database, store) = migrated().await;
    let log = OperationLog::start(store, LogSettings::default());
    for index in 0..2_345 {
        log.record(row(&index.to_string()));
    }
    log.close().await;
    assert_eq!(count(&database).await, 2_345);
}

#[tokio::test]
async fn rows_are_written_without_waiting_for_the_end() {
    let (database, store) = migrated().await;
    let settings = LogSettings { every: Duration::from_millis(20), ..LogSettings::default() };
    let log = OperationLog::start(store, settings);
    log.record(row("one"));
    let started = Instant::now();
    while count(&database).await == 0 {
        assert!(started.elapsed() < Duration::from_secs(5), "the row was never written");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_full_queue_drops_and_counts_and_nobody_waits() {
    let store = Store::open("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
    let settings = LogSettings { queue: 10, batch: 5, ..LogSettings::default() };
    let log = OperationLog::start(store, settings);
    let started = Instant::now();
    for index in 0..1_000 {
        log.record(row(&index.to_string()));
    }
    assert!(started.elapsed() < Duration::from_millis(500));
    assert!(log.dropped() >= 985, "{}", log.dropped());
}

#[tokio::test]
async fn old_operations_are_removed_once_they_are_counted_and_new_ones_stay() {
    let (database, store) = migrated().await;
    let log = OperationLog::start(store.clone(), LogSettings::default());
    log.record(OperationRow { at: SystemTime::UNIX_EPOCH, ..row("old") });
    log.record(OperationRow { at: SystemTime::now(), ..row("new") });
    log.close().await;
    assert_eq!(store.forget(&Retention::default()).await.unwrap(), 0, "nobody counted them yet");
    assert_eq!(store.refresh_statistics(true).await.unwrap(), 2);
    // The old one, and the statistics of its minute; its part of the sum stays.
    assert_eq!(store.forget(&Retention::default()).await.unwrap(), 2);
    assert_eq!(count(&database).await, 1);
    let uses = store.table_uses("shop", None).await.unwrap();
    assert_eq!(uses[0].total_operations, 2);
}
