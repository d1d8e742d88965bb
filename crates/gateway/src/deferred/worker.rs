//! Does what is due: claims it, keeps the claims while the work goes on, and gives them back at the end.

use super::Deferred;
use crate::Gateway;
use std::{collections::HashMap, time::Duration};
use store::{DeferredEnd, StoreError, Topic};
use tokio::{
    sync::{Mutex, watch},
    task::{AbortHandle, Id, JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

const CLEANING: Duration = Duration::from_secs(10 * 60);
/// As many as one removal takes away.
const CLEANED_AT_ONCE: u64 = 5_000;
/// Between attempts to write down how a request ended, while the store is away.
const SAY_AGAIN: Duration = Duration::from_millis(500);

/// The task that does deferred requests on this node.
pub struct DeferredWorker {
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl DeferredWorker {
    /// Begin; `None` when the gateway has no queue, or this node leaves the work to others.
    pub fn start(gateway: &Gateway) -> Option<Self> {
        let deferred = gateway.deferred().filter(|queue| queue.settings().workers > 0)?.clone();
        let (stop, stopped) = watch::channel(false);
        let rounds = Rounds::new(gateway.clone(), deferred);
        let task = Mutex::new(Some(tokio::spawn(rounds.run(stopped))));
        Some(Self { stop, task })
    }

    /// Begin nothing more, finish what is under way within bounds, and give the rest back.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().await.take();
        if let Some(task) = task {
            // A task that panicked holds nothing that its leases do not give back.
            drop(task.await);
        }
    }
}

/// A request under way.
struct Running {
    request_id: String,
    client: String,
    abort: AbortHandle,
}

struct Rounds {
    gateway: Gateway,
    deferred: Deferred,
    jobs: JoinSet<()>,
    running: HashMap<Id, Running>,
    next_cleaning: Instant,
}

impl Rounds {
    fn new(gateway: Gateway, deferred: Deferred) -> Self {
        let next_cleaning = Instant::now() + CLEANING;
        Self { gateway, deferred, jobs: JoinSet::new(), running: HashMap::new(), next_cleaning }
    }

    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let settings = self.deferred.settings().clone();
        let mut told = self.deferred.inner.feed.watch(Topic::Deferred);
        let mut poll = ticks(settings.poll);
        let mut renew = ticks(settings.lease / 3);
        loop {
            self.claim().await;
            tokio::select! {
                biased;
                () = told_to_stop(&mut stopped) => break,
                _ = renew.tick() => self.keep().await,
                Some(done) = self.jobs.join_next_with_id() => self.forget(done),
                Ok(()) = told.changed() => {}
                _ = poll.tick() => {}
            }
            self.reap();
        }
        self.drain(settings.drain, settings.lease / 3).await;
    }

    /// Fill the free places with what is due.
    async fn claim(&mut self) {
        loop {
            let (most, full) = self.room();
            if most == 0 {
                return;
            }
            let inner = &self.deferred.inner;
            let lease = inner.settings.lease;
            let claimed = match inner.store.claim_deferred(inner.owner, most, &full, lease).await {
                Ok(claimed) => claimed,
                Err(error) => return told(&error, "deferred requests cannot be claimed"),
            };
            let got = claimed.len();
            for job in claimed {
                let (request_id, client) = (job.request_id.clone(), job.client.clone());
                let work = one(self.gateway.clone(), self.deferred.clone(), job);
                let abort = self.jobs.spawn(work);
                self.running.insert(abort.id(), Running { request_id, client, abort });
            }
            if got < most {
                return;
            }
        }
    }

    /// How many may be begun, whatever client they are for, and the clients that have enough.
    fn room(&self) -> (usize, Vec<String>) {
        let settings = self.deferred.settings();
        let free = settings.workers.saturating_sub(self.running.len());
        let mut busy: HashMap<&str, usize> = HashMap::new();
        for running in self.running.values() {
            *busy.entry(&running.client).or_default() += 1;
        }
        let is_full = |count: usize| count >= settings.per_client;
        let full = busy.iter().filter(|(_, count)| is_full(**count));
        let full = full.map(|(client, _)| (*client).to_owned()).collect();
        let open = busy.values().filter(|count| !is_full(**count));
        // All of what is claimed may be for one client.
        let own =
            open.map(|count| settings.per_client - count).min().unwrap_or(settings.per_client);
        (free.min(own), full)
    }

    /// Renew the leases, stop what is no longer ours, and queue again what others left behind.
    async fn keep(&mut self) {
        let inner = &self.deferred.inner;
        let ids: Vec<String> = self.running.values().map(|one| one.request_id.clone()).collect();
        if !ids.is_empty() {
            match inner.store.renew_deferred(inner.owner, &ids, inner.settings.lease).await {
                Ok(held) => self.give_up_all_but(&held),
                Err(error) => told(&error, "leases of deferred requests cannot be renewed"),
            }
        }
        match self.deferred.inner.store.reclaim_deferred().await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "deferred requests that nobody held are queued again")
            }
            Err(error) => told(&error, "deferred requests cannot be reclaimed"),
        }
        self.clean().await;
    }

    fn give_up_all_but(&self, held: &[String]) {
        for running in self.running.values() {
            // One that has just ended is in neither list, and its task is over by itself.
            if !held.contains(&running.request_id) {
                running.abort.abort();
            }
        }
    }

    async fn clean(&mut self) {
        if Instant::now() < self.next_cleaning {
            return;
        }
        let inner = &self.deferred.inner;
        let (done, dead) = (inner.settings.keep_completed, inner.settings.keep_dead);
        match inner.store.forget_deferred(done, dead).await {
            // There is more; the next round goes on.
            Ok(CLEANED_AT_ONCE..) => {}
            Ok(_) => self.next_cleaning = Instant::now() + CLEANING,
            Err(error) => {
                self.next_cleaning = Instant::now() + CLEANING;
                told(&error, "old deferred requests cannot be removed");
            }
        }
    }

    fn reap(&mut self) {
        while let Some(done) = self.jobs.try_join_next_with_id() {
            self.forget(done);
        }
    }

    fn forget(&mut self, done: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match &done {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let running = self.running.remove(&id);
        if let (Err(error), Some(running)) = (done, running)
            && error.is_panic()
        {
            // Its lease runs out, and the attempt has counted.
            tracing::error!(request_id = running.request_id, "a deferred request panicked");
        }
    }

    async fn drain(mut self, patience: Duration, renew: Duration) {
        let end = Instant::now() + patience;
        let mut renew = ticks(renew);
        while !self.running.is_empty() {
            tokio::select! {
                () = sleep_until(end) => break,
                _ = renew.tick() => self.keep().await,
                Some(done) = self.jobs.join_next_with_id() => self.forget(done),
            }
        }
        self.jobs.shutdown().await;
        let inner = &self.deferred.inner;
        if let Err(error) = inner.store.release_deferred(inner.owner).await {
            told(&error, "deferred requests were not given back; their leases run out");
        }
    }
}

/// One request from its claim to its end.
async fn one(gateway: Gateway, deferred: Deferred, job: store::DeferredJob) {
    let id = job.request_id.clone();
    let end = Box::pin(deferred.attempt(&gateway, job)).await;
    if let DeferredEnd::Dead { code, .. } = &end {
        tracing::warn!(request_id = id, code, "a deferred request is given up");
    }
    // Until the lease is lost: somebody else will find out what became of it.
    let inner = &deferred.inner;
    let give_up = Instant::now() + inner.settings.lease;
    loop {
        match inner.store.end_deferred(inner.owner, &id, &end).await {
            Ok(_) => return,
            Err(error) if Instant::now() > give_up => {
                return told(&error, "the end of a deferred request was not written down");
            }
            Err(_) => tokio::time::sleep(SAY_AGAIN).await,
        }
    }
}

/// Told so, or nobody is left to tell.
async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn told(error: &StoreError, what: &str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{what}");
}
