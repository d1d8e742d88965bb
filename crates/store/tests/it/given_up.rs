//! Work nobody waits for any more.

use crate::{
    migrated,
    operations::{count, row},
};
use futures_util::poll;
use sqlx::PgConnection;
use std::{
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use store::{LogSettings, OperationLog, Store};

const OPEN: &str = "select count(*) from pg_stat_activity where datname = current_database()
    and application_name = 'athena store' and state like 'idle in transaction%'";

/// What is given up is taken back by a task of its own, and may still be under way at first.
async fn all_are_closed(connection: &mut PgConnection) -> bool {
    tokio::time::sleep(Duration::from_millis(2)).await;
    for _ in 0..100 {
        let open: i64 = sqlx::query_scalar(OPEN).fetch_one(&mut *connection).await.unwrap();
        if open == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn whoever_stops_waiting_at_any_moment_leaves_no_session_in_a_transaction() {
    let (database, store) = migrated().await;
    let mut connection = database.connect().await;
    store.create_right("the.first", None).await.unwrap();
    let (mut made, mut micros) = (0, 0);
    // Later and later, until it is done before anybody gives up.
    while made < 10 {
        let name = format!("right.of.{micros}");
        made += u32::from(is_made_within(Duration::from_micros(micros), &store, &name).await);
        assert!(all_are_closed(&mut connection).await, "given up after {micros} µs");
        micros += 10 + micros / 20;
    }
}

async fn is_made_within(time: Duration, store: &Store, name: &str) -> bool {
    let made = within(time, store.create_right(name, None)).await;
    made.is_some_and(|made| made.unwrap().is_some())
}

/// What came of the work by then. Timers are too coarse for this.
async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let began = Instant::now();
    loop {
        if let Poll::Ready(done) = poll!(work.as_mut()) {
            return Some(done);
        }
        if began.elapsed() >= time {
            return None;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn rows_of_a_log_are_written_though_whoever_wanted_to_read_them_goes_away() {
    let (database, store) = migrated().await;
    // Only those who ask have them written.
    let settings = LogSettings { every: Duration::from_secs(600), ..LogSettings::default() };
    let log = OperationLog::start(store, settings);
    let (mut written, mut rows) = (0, 0);
    while written < 10 {
        log.record(row("one"));
        written += u32::from(within(Duration::from_micros(rows * 20), log.flush()).await.is_some());
        rows += 1;
    }
    log.close().await;
    assert_eq!((count(&database).await, log.dropped()), (rows as i64, 0));
}
