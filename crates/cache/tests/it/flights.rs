//! One execution for many callers, whoever of them goes away.

use crate::support::{
    Cache, Database, Failed, PATIENCE, answer, body, cache, notes, read, try_read, until,
};
use cache::{Directive, Outcome, ReadError};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

/// Work that waits to be let through.
#[derive(Clone)]
struct Gate {
    open: Arc<Semaphore>,
    begun: Arc<AtomicU64>,
    dropped: Arc<AtomicBool>,
}

impl Gate {
    fn shut() -> Self {
        Self { open: Arc::new(Semaphore::new(0)), begun: Arc::default(), dropped: Arc::default() }
    }

    async fn pass(self, result: Result<&'static str, Failed>) -> Result<cache::Answer, Failed> {
        struct OnDrop(Arc<AtomicBool>);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.store(true, SeqCst);
            }
        }
        let _dropped = OnDrop(self.dropped.clone());
        self.begun.fetch_add(1, SeqCst);
        self.open.acquire().await.expect("the gate stays").forget();
        result.map(answer)
    }
}

async fn read_through(
    cache: Cache,
    gate: Gate,
    result: Result<&'static str, Failed>,
) -> Result<cache::Found, ReadError<Failed>> {
    cache.read(&notes(), Directive::Use, PATIENCE, || gate.pass(result)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stampede_of_a_hundred_is_one_execution() {
    for _ in 0..50 {
        let (cache, database) = (cache(), Database::default());
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            let (cache, database) = (cache.clone(), database.clone());
            callers.spawn(async move { read(&cache, &notes(), &database).await.entry });
        }
        let entries = callers.join_all().await;
        assert_eq!(database.reads(), 1);
        assert_eq!(entries.len(), 100);
        assert!(entries.iter().all(|entry| entry.body() == entries[0].body()));
    }
}

#[tokio::test]
async fn a_leader_that_goes_away_leaves_its_work_to_those_who_wait() {
    let (cache, gate) = (cache(), Gate::shut());
    let leader = tokio::spawn(read_through(cache.clone(), gate.clone(), Ok("1")));
    until("the work begins", || gate.begun.load(SeqCst) == 1).await;
    let follower = tokio::spawn(read_through(cache.clone(), gate.clone(), Ok("2")));
    until("the follower joins", || cache.statistics().joined == 1).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    gate.open.add_permits(1);
    let found = follower.await.unwrap().unwrap();
    assert_eq!((body(&found), gate.begun.load(SeqCst)), ("1", 1));
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_ended() {
    let (cache, gate) = (cache(), Gate::shut());
    let leader = tokio::spawn(read_through(cache.clone(), gate.clone(), Ok("1")));
    until("the work begins", || gate.begun.load(SeqCst) == 1).await;
    leader.abort();
    until("the work is dropped", || gate.dropped.load(SeqCst)).await;
    // The key is free again.
    assert_eq!(body(&read(&cache, &notes(), &Database::default()).await), "0");
}

#[tokio::test]
async fn an_error_goes_to_all_who_wait_and_is_not_kept() {
    let (cache, gate) = (cache(), Gate::shut());
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        callers.spawn(read_through(cache.clone(), gate.clone(), Err(Failed)));
    }
    until("all have joined", || cache.statistics().joined == 9).await;
    gate.open.add_permits(1);
    for result in callers.join_all().await {
        assert!(matches!(result, Err(ReadError::Failed(error)) if *error == Failed));
    }
    assert_eq!(gate.begun.load(SeqCst), 1);
    let found = read(&cache, &notes(), &Database::default()).await;
    assert_eq!(found.outcome, Outcome::Miss);
}

#[tokio::test]
async fn a_follower_has_a_deadline_of_its_own() {
    let (cache, gate) = (cache(), Gate::shut());
    let leader = tokio::spawn(read_through(cache.clone(), gate.clone(), Ok("1")));
    until("the work begins", || gate.begun.load(SeqCst) == 1).await;
    let short = Duration::from_millis(20);
    let follower = cache.read(&notes(), Directive::Use, short, || async { Err(Failed) }).await;
    assert!(matches!(follower, Err(ReadError::TooSlow)));
    gate.open.add_permits(1);
    assert_eq!(body(&leader.await.unwrap().unwrap()), "1");
}

#[tokio::test]
async fn work_that_panics_is_told_to_all_and_frees_the_key() {
    let cache = cache();
    let broken = || async { panic!("on purpose") };
    let result = cache.read(&notes(), Directive::Use, PATIENCE, broken).await;
    assert!(matches!(result, Err(ReadError::Abandoned)));
    assert_eq!(body(&read(&cache, &notes(), &Database::default()).await), "0");
}

#[tokio::test]
async fn who_comes_after_a_write_does_not_join_a_flight_from_before_it() {
    let (cache, gate, database) = (cache(), Gate::shut(), Database::default());
    let before = tokio::spawn(read_through(cache.clone(), gate.clone(), Ok("old")));
    until("the work begins", || gate.begun.load(SeqCst) == 1).await;
    database.write(7);
    cache.invalidate(vec![crate::support::table("notes")]).await;
    let after = timeout(PATIENCE, try_read(&cache, &notes(), &database)).await.unwrap().unwrap();
    assert_eq!(body(&after), "7");
    gate.open.add_permits(1);
    assert_eq!(body(&before.await.unwrap().unwrap()), "old");
    // The old answer came last, and is not what is kept.
    assert_eq!(body(&read(&cache, &notes(), &database).await), "7");
    assert_eq!(database.reads(), 1);
}
