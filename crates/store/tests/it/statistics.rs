//! Statistics follow the log: every row once, whoever counts and whenever.

use crate::migrated;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::{
    CacheSeen, LogSettings, OperationDetails, OperationLog, OperationRow, RequestCount, RequestLog,
    RequestRow, RequestSettings, Store,
};

fn row(
    operation: &'static str,
    millis: u64,
    status_code: u16,
    cached: Option<bool>,
) -> OperationRow {
    OperationRow {
        request_id: "r".into(),
        operation,
        table_name: Some("invoices".into()),
        client: Some("shop".parse().unwrap()),
        method: Some("POST"),
        path: Some("/gateway/fetch".into()),
        status_code,
        duration: Duration::from_millis(millis),
        message: None,
        cache: cached.map(|_| CacheSeen { outcome: "x", source: "y", cached }),
        details: OperationDetails {
            on_behalf: None,
            trace_id: "t".into(),
            caller: "key",
            api_key_public_id: None,
            row_count: 1,
            bytes: 2,
        },
        at: SystemTime::now(),
    }
}

async fn logged(store: &Store, rows: Vec<OperationRow>) {
    let log = OperationLog::start(store.clone(), LogSettings::default());
    rows.into_iter().for_each(|row| log.record(row));
    log.close().await;
}

#[tokio::test]
async fn operations_are_added_up_by_client_table_and_operation_with_percentiles() {
    let (_database, store) = migrated().await;
    let mut rows: Vec<_> = (1..=100).map(|millis| row("fetch", millis, 200, None)).collect();
    rows.push(row("fetch", 1, 200, Some(true)));
    rows.push(row("fetch", 1, 404, Some(false)));
    rows.push(row("insert", 7, 200, None));
    rows.push(OperationRow { client: None, ..row("fetch", 1, 403, None) });
    logged(&store, rows).await;
    assert_eq!(store.refresh_statistics(true).await.unwrap(), 103, "strangers are not counted");
    assert_eq!(store.refresh_statistics(true).await.unwrap(), 0);
    let uses = store.table_uses("shop", None).await.unwrap();
    let fetch = &uses[0];
    assert_eq!((fetch.operation.as_str(), fetch.total_operations), ("fetch", 102));
    assert_eq!(
        (fetch.error_operations, fetch.total_cache_hits, fetch.total_cache_misses),
        (1, 1, 1)
    );
    assert!((fetch.cache_hit_ratio - 0.5).abs() < 1e-9);
    // Buckets are a fifth wide, so a percentile is right within a tenth.
    for (found, right) in [
        (fetch.p50_duration_ms, 49.0),
        (fetch.p95_duration_ms, 95.0),
        (fetch.p99_duration_ms, 99.0),
    ] {
        assert!((found / right - 1.0).abs() < 0.12, "{found} is not {right}");
    }
    assert!((fetch.avg_duration_ms - 5052.0 / 102.0).abs() < 0.1, "{}", fetch.avg_duration_ms);
    assert_eq!((uses[1].operation.as_str(), uses[1].total_operations), ("insert", 1));
    assert!(store.table_uses("shop", Some("2000-01-01T00:00:00Z")).await.unwrap()[0] == *fetch);
    assert!(store.table_uses("shop", Some("2100-01-01T00:00:00Z")).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_who_count_at_once_while_others_write_count_each_row_once() {
    let (_database, store) = migrated().await;
    let write = |store: Store| async move {
        let settings = LogSettings { batch: 7, ..LogSettings::default() };
        let log = OperationLog::start(store, settings);
        for index in 0..500 {
            log.record(row("fetch", index % 9, 200, None));
            if index % 50 == 0 {
                log.flush().await;
            }
        }
        log.close().await;
    };
    let count = |store: Store| async move {
        for _ in 0..40 {
            store.refresh_statistics(true).await.unwrap();
        }
    };
    tokio::join!(
        write(store.clone()),
        count(store.clone()),
        write(store.clone()),
        count(store.clone()),
        write(store.clone())
    );
    store.refresh_statistics(true).await.unwrap();
    assert_eq!(store.table_uses("shop", None).await.unwrap()[0].total_operations, 1_500);
}

#[tokio::test]
async fn a_row_that_is_committed_after_a_later_one_is_counted_as_well() {
    let (database, store) = migrated().await;
    // Its id is given out before it sleeps.
    database
        .run(
            "create function slow() returns trigger language plpgsql as $$
             begin if new.operation = 'slow' then perform pg_sleep(1); end if; return new; end $$;
             create trigger slow before insert on gateway_operation_log
                 for each row execute function slow();",
        )
        .await;
    let slow = tokio::spawn({
        let store = store.clone();
        async move { logged(&store, vec![row("slow", 1, 200, None)]).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    logged(&store, vec![row("quick", 1, 200, None)]).await;
    assert!(!slow.is_finished());
    store.refresh_statistics(true).await.unwrap();
    slow.await.unwrap();
    store.refresh_statistics(true).await.unwrap();
    let uses = store.table_uses("shop", None).await.unwrap();
    assert_eq!(uses.iter().map(|one| one.total_operations).sum::<i64>(), 2, "{uses:?}");
}

#[tokio::test]
async fn requests_are_counted_although_only_some_are_written_down() {
    let (database, store) = migrated().await;
    let settings = RequestSettings { per_second: 3, ..RequestSettings::default() };
    let log = RequestLog::start(store.clone(), settings);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_924_992_000);
    for index in 0..20 {
        let status = if index % 10 == 0 { 500 } else { 200 };
        let client = Some("shop".parse().unwrap());
        let duration = Duration::from_millis(4);
        let count = RequestCount { client, status, is_cached: index % 2 == 1, duration, at };
        if log.count(&count) {
            let request_id = Arc::from(index.to_string());
            log.record(RequestRow { request_id, status_code: status, ..RequestRow::default() });
        }
    }
    log.close().await;
    assert_eq!((log.skipped(), log.dropped(), log.uncounted()), (15, 0, 0));
    let uses = store.client_uses(None).await.unwrap();
    let shop = &uses[0];
    assert_eq!((shop.total_requests, shop.successful_requests, shop.failed_requests), (20, 18, 2));
    assert_eq!((shop.total_cached_requests, shop.total_operations), (10, 0));
    assert!((shop.p50_request_duration_ms / 4.0 - 1.0).abs() < 0.12);
    assert_eq!(shop.last_request_at.as_deref(), Some("2031-01-01T00:00:00.000Z"));
    let mut connection = database.connect().await;
    let written: i64 = sqlx::query_scalar("select count(*) from gateway_request_log")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(written, 5, "three that succeeded, and every failure");
}

#[tokio::test]
async fn counts_that_could_not_be_handed_over_are_not_lost() {
    let (database, store) = migrated().await;
    database.run("alter table statistics_request_counts rename to away").await;
    let log = RequestLog::start(store.clone(), RequestSettings::default());
    let count = RequestCount {
        client: Some("shop".parse().unwrap()),
        status: 200,
        is_cached: false,
        duration: Duration::from_millis(4),
        at: SystemTime::now(),
    };
    log.count(&count);
    log.flush().await;
    database.run("alter table away rename to statistics_request_counts").await;
    log.count(&count);
    log.close().await;
    assert_eq!(store.client_uses(None).await.unwrap()[0].total_requests, 2);
}
