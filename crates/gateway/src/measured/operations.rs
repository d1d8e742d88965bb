//! Operations of one client: how each ended, how long it took, and what became of the cache.

use super::{All, of};
use crate::{
    Gateway,
    observe::{Act, RequestSeen},
};
use cache::Outcome;
use metrics::{Distribution, FAMILIES, Histogram, Labels, Page, family_place};
use query::Operation;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Of looking for a kept answer, as the cache has them.
const OUTCOMES: [Outcome; 6] = [
    Outcome::Bypassed,
    Outcome::HitLocal,
    Outcome::HitRedis,
    Outcome::Miss,
    Outcome::MissAfterRedisError,
    Outcome::MissAfterRedisTimeout,
];

/// There is room for an act when it first happens: most clients know few.
#[derive(Debug, Default)]
pub(super) struct Operations {
    acts: [OnceLock<Box<Counts>>; Act::ALL.len()],
}

#[derive(Debug, Default)]
struct Counts {
    families: [Family; FAMILIES.len()],
    rows: AtomicU64,
}

#[derive(Debug, Default)]
struct Family {
    took: Histogram,
    /// The last is for those that looked for nothing.
    outcomes: [AtomicU64; OUTCOMES.len() + 1],
}

impl Operations {
    pub(super) fn count(&self, seen: &RequestSeen<'_>) {
        let Some(place) = Act::ALL.into_iter().position(|act| act == seen.act) else { return };
        let counts = self.acts[place].get_or_init(Box::default);
        counts.rows.fetch_add(seen.rows, Relaxed);
        let family = &counts.families[family_place(seen.status)];
        family.took.observe(seen.timings.total());
        let outcome = seen.cache.and_then(|cache| {
            OUTCOMES.into_iter().position(|outcome| outcome.label() == cache.outcome)
        });
        family.outcomes[outcome.unwrap_or(OUTCOMES.len())].fetch_add(1, Relaxed);
    }

    fn acts(&self) -> impl Iterator<Item = (Act, &Counts)> {
        let acts = self.acts.iter().zip(Act::ALL);
        acts.filter_map(|(counts, act)| Some((act, &**counts.get()?)))
    }

    /// All its operations together.
    fn took(&self) -> Distribution {
        let families = self.acts().flat_map(|(_, counts)| &counts.families);
        families.fold(Distribution::default(), |all, family| all.plus(&family.took.read()))
    }
}

impl Counts {
    fn families(&self) -> impl Iterator<Item = (&'static str, &Family)> {
        FAMILIES.into_iter().zip(&self.families)
    }
}

fn labelled<'a>(client: &'a str, act: Act) -> Labels<'a> {
    let mut labels = of(client);
    labels.push(("operation", act.word().into()));
    labels
}

pub(super) fn write(gateway: &Gateway, all: &All<Operations>, page: &mut Page<'_>) -> fmt::Result {
    let acts = || {
        all.iter().flat_map(|(client, operations)| {
            operations.acts().map(move |(act, counts)| (&**client, act, counts))
        })
    };
    let samples = acts().flat_map(|(client, act, counts)| {
        counts.families().flat_map(move |(word, family)| {
            ended(family).map(move |(outcome, source, count)| {
                let mut labels = labelled(client, act);
                labels.extend([
                    ("status_family", word.into()),
                    ("cache_outcome", outcome.into()),
                    ("cache_source", source.into()),
                ]);
                (labels, count)
            })
        })
    });
    page.counters("gateway_operation", "Operations by client.", samples)?;
    let samples = acts().flat_map(|(client, act, counts)| {
        counts.families().filter_map(move |(word, family)| {
            let took = family.took.read();
            let mut labels = labelled(client, act);
            labels.push(("status_family", word.into()));
            (took.count() > 0).then_some((labels, took))
        })
    });
    page.histograms("gateway_operation_duration_seconds", "How long they took.", samples)?;
    let samples =
        acts().map(|(client, act, counts)| (labelled(client, act), counts.rows.load(Relaxed)));
    page.counters("gateway_operation_rows", "Rows they answered with.", samples)?;
    external(gateway, all, page)?;
    internal(gateway, all, page)
}

/// How often an operation ended so, with what became of looking for a kept answer.
fn ended(family: &Family) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
    family.outcomes.iter().enumerate().filter_map(|(place, count)| {
        let words = OUTCOMES.get(place).map_or(("", ""), |it| (it.label(), it.source().label()));
        let count = count.load(Relaxed);
        (count > 0).then_some((words.0, words.1, count))
    })
}

/// Databases that belong to others.
fn external(gateway: &Gateway, all: &All<Operations>, page: &mut Page<'_>) -> fmt::Result {
    let upstreams = gateway.registry().upstreams();
    let theirs = upstreams.iter().filter(|upstream| upstream.terms().is_some());
    let samples = theirs.filter_map(|upstream| {
        let name = upstream.name().as_str();
        let took = all.get(name)?.took();
        (took.count() > 0).then(|| (of(name), took))
    });
    let help = "How long operations on databases of others took.";
    page.histograms("external_query_seconds", help, samples)
}

/// What the gateway does inside, under the words that dashboards know.
fn internal(gateway: &Gateway, all: &All<Operations>, page: &mut Page<'_>) -> fmt::Result {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (act, of) in all.values().flat_map(|operations| operations.acts()) {
        let lookup = match act {
            Act::Data(Operation::Fetch) => "gateway_fetch_cache_lookup",
            Act::Count => "query_count_cache_lookup",
            _ => continue,
        };
        for (outcome, _, count) in of.families.iter().flat_map(ended) {
            if !outcome.is_empty() {
                *counts.entry((lookup, outcome)).or_default() += count;
            }
        }
    }
    if let Some(cache) = gateway.answers().cache() {
        let seen = cache.statistics();
        counts.insert(("gateway_fetch_cache_write", "redis_set_ok"), seen.redis_stored);
        counts.insert(("gateway_fetch_singleflight", "leader"), seen.misses);
        counts.insert(("gateway_fetch_singleflight", "follower_shared"), seen.joined);
    }
    gateway.measured().events.write(counts, page)
}
