//! Transactions nobody waits for any more.

use crate::migrated;
use futures_util::poll;
use sqlx::PgConnection;
use std::{
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use store::Store;

const OPEN: &str = "select count(*) from pg_stat_activity where datname = current_database()
    and application_name = 'athena store' and state like 'idle in transaction%'";

/// What is given up is taken back by a task of its own.
async fn all_are_closed(connection: &mut PgConnection) -> bool {
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
        micros += 10;
    }
}

/// Timers are too coarse for this.
async fn is_made_within(time: Duration, store: &Store, name: &str) -> bool {
    let mut making = pin!(store.create_right(name, None));
    let began = Instant::now();
    loop {
        if let Poll::Ready(made) = poll!(making.as_mut()) {
            return made.unwrap().is_some();
        }
        if began.elapsed() >= time {
            return false;
        }
        tokio::task::yield_now().await;
    }
}
