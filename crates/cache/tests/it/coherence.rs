//! What was written is what is read, on one node.

use crate::support::{
    Database, Failed, PATIENCE, answer, body, builder, cache, client, notes, read, table, until,
};
use cache::{Directive, Outcome, Scope, Source};
use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinSet};

#[tokio::test]
async fn the_second_read_is_a_hit_of_the_same_bytes() {
    let (cache, database) = (cache(), Database::default());
    let fresh = read(&cache, &notes(), &database).await;
    database.write(1);
    let kept = read(&cache, &notes(), &database).await;
    assert_eq!((fresh.outcome, kept.outcome), (Outcome::Miss, Outcome::HitLocal));
    assert_eq!((fresh.outcome.source(), kept.outcome.source()), (Source::Database, Source::Local));
    assert_eq!(fresh.entry.answer(), kept.entry.answer());
    assert_eq!(fresh.entry.etag(), kept.entry.etag());
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn a_write_makes_what_read_its_table_stale_and_nothing_else() {
    let (cache, database) = (cache(), Database::default());
    let other = builder("select * from users").reads(table("users")).finish();
    read(&cache, &notes(), &database).await;
    read(&cache, &other, &database).await;
    database.write(1);
    cache.will_write(vec![table("notes")]).written().await;
    assert_eq!(body(&read(&cache, &notes(), &database).await), "1");
    assert_eq!(body(&read(&cache, &other, &database).await), "0");
    assert_eq!(cache.statistics().stale, 1);
}

#[tokio::test]
async fn forgetting_a_client_forgets_all_its_tables_and_no_other_client() {
    let (cache, database) = (cache(), Database::default());
    read(&cache, &notes(), &database).await;
    database.write(1);
    cache.invalidate(vec![Scope::client(&client("other"))]).await;
    assert_eq!(body(&read(&cache, &notes(), &database).await), "0");
    cache.invalidate(vec![Scope::client(&client("main"))]).await;
    assert_eq!(body(&read(&cache, &notes(), &database).await), "1");
}

#[tokio::test]
async fn a_write_that_changed_nothing_keeps_what_is_kept() {
    let (cache, database) = (cache(), Database::default());
    read(&cache, &notes(), &database).await;
    cache.will_write(vec![table("notes")]).unchanged();
    assert_eq!(read(&cache, &notes(), &database).await.outcome, Outcome::HitLocal);
}

#[tokio::test]
async fn a_write_whose_end_nobody_saw_counts_as_written() {
    let (cache, database) = (cache(), Database::default());
    read(&cache, &notes(), &database).await;
    let notice = cache.will_write(vec![table("notes")]);
    database.write(1);
    drop(notice);
    assert_eq!(body(&read(&cache, &notes(), &database).await), "1");
}

#[tokio::test]
async fn a_fill_that_raced_with_a_write_is_not_kept() {
    let (cache, database) = (cache(), Database::default());
    let (go, wait) = oneshot::channel();
    let slow = {
        let (cache, database) = (cache.clone(), database.clone());
        tokio::spawn(async move {
            let work = || async move {
                // It has read, but its answer is still on the way.
                let answer = database.read();
                wait.await.expect("the test lets it go");
                answer
            };
            cache.read(&notes(), Directive::Use, PATIENCE, work).await
        })
    };
    until("the statement ran", || database.reads() == 1).await;
    database.write(1);
    cache.invalidate(vec![table("notes")]).await;
    go.send(()).expect("the work waits");
    assert_eq!(body(&slow.await.unwrap().unwrap()), "0");
    assert_eq!(body(&read(&cache, &notes(), &database).await), "1");
    assert_eq!(cache.statistics().stale, 1);
}

#[tokio::test]
async fn no_cache_neither_reads_nor_writes() {
    let (cache, database) = (cache(), Database::default());
    let bypass = async |value| {
        let work = move || async move { Ok::<_, Failed>(answer(value)) };
        cache.read(&notes(), Directive::Bypass, PATIENCE, work).await.unwrap()
    };
    assert_eq!(bypass("a").await.outcome, Outcome::Bypassed);
    assert_eq!(cache.statistics().entries, 0);
    assert_eq!(body(&read(&cache, &notes(), &database).await), "0");
    assert_eq!(body(&bypass("b").await), "b");
    assert_eq!(body(&read(&cache, &notes(), &database).await), "0");
}

/// Writers and readers at once: a read never answers with less than what was acknowledged before
/// it began.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_read_goes_back_behind_an_acknowledged_write() {
    let (cache, database) = (cache(), Database::default());
    let (acknowledged, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (cache, database) = (cache.clone(), database.clone());
        let (acknowledged, over) = (acknowledged.clone(), over.clone());
        readers.spawn(async move {
            let mut hits = 0;
            while !over.load(SeqCst) {
                let least = acknowledged.load(SeqCst);
                let found = read(&cache, &notes(), &database).await;
                let seen: u64 = body(&found).parse().expect("a number");
                assert!(seen >= least, "{seen} was read after {least} was acknowledged");
                hits += u64::from(found.outcome == Outcome::HitLocal);
                tokio::task::yield_now().await;
            }
            hits
        });
    }
    for value in 1..=2000 {
        database.write(value);
        cache.invalidate(vec![table("notes")]).await;
        acknowledged.store(value, SeqCst);
        if value % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    over.store(true, SeqCst);
    let hits: u64 = readers.join_all().await.into_iter().sum();
    assert!(hits > 0, "no read was a hit, so nothing was shown");
}
