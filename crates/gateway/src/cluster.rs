//! How far away each client's database is: all are asked at once, at most every few seconds.

use crate::{Gateway, access::Administrator, registry::Upstream};
use api_types::ClientName;
use serde::Serialize;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex, Semaphore},
    task::JoinSet,
    time::timeout,
};

/// Anybody may ask, so the databases are not asked each time.
const FRESH: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 16;

/// One look at every client that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    members: Arc<[Member]>,
    checked: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: ClientName,
    latency: Option<Duration>,
}

/// A client as it is shown. Its name is for administrators only.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientName>,
    pub status: &'static str,
    pub latency_ms: Option<f64>,
}

/// The last look, kept so that a crowd of askers is one question.
#[derive(Debug, Default)]
pub(crate) struct ClusterWatch {
    last: Mutex<Option<Cluster>>,
}

impl Cluster {
    pub fn age(&self) -> Duration {
        self.checked.elapsed()
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn up(&self) -> usize {
        self.members.iter().filter(|member| member.latency.is_some()).count()
    }

    /// Each member; with its name for somebody who may know it.
    pub fn members(&self, proof: Option<&Administrator>) -> Vec<MemberReport> {
        let shown = |member: &Member| MemberReport {
            client: proof.map(|_| member.name.clone()),
            status: if member.latency.is_some() { "up" } else { "down" },
            latency_ms: member.latency.map(|took| (took.as_secs_f64() * 1e6).round() / 1e3),
        };
        self.members.iter().map(shown).collect()
    }
}

/// Each client, whether it answered, and how long that took.
pub(crate) type Seen = (ClientName, Option<Duration>);

impl ClusterWatch {
    /// What was seen last, and whether it is time to look again. Asks nobody and waits for nobody.
    pub(crate) fn last(&self) -> (Vec<Seen>, bool) {
        let Ok(last) = self.last.try_lock() else { return (Vec::new(), false) };
        let members = last.iter().flat_map(|cluster| cluster.members.iter());
        let seen = members.map(|member| (member.name.clone(), member.latency)).collect();
        (seen, last.as_ref().is_none_or(|cluster| cluster.age() >= FRESH))
    }
}

impl Gateway {
    pub async fn cluster(&self) -> Cluster {
        let mut last = self.cluster_watch().last.lock().await;
        if let Some(cluster) = last.as_ref().filter(|cluster| cluster.age() < FRESH) {
            return cluster.clone();
        }
        let cluster = look(self.registry().upstreams()).await;
        *last = Some(cluster.clone());
        cluster
    }
}

async fn look(upstreams: Vec<Arc<Upstream>>) -> Cluster {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut asked = JoinSet::new();
    for upstream in upstreams {
        let turns = Arc::clone(&turns);
        asked.spawn(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire_owned().await;
            let began = Instant::now();
            let answer = timeout(PATIENCE, upstream.backend().ping()).await;
            let latency = matches!(answer, Ok(Ok(()))).then(|| began.elapsed());
            Member { name: upstream.name().clone(), latency }
        });
    }
    let mut members = asked.join_all().await;
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Cluster { members: members.into(), checked: Instant::now() }
}
