//! What happens seldom: changes of structure, and public routes that are looked up.

use metrics::{Distribution, Histogram, Labels, Page};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

type Words = (&'static str, &'static str);

/// By operation and how it ended. Both are words of ours, so there are few.
#[derive(Debug, Default)]
pub(crate) struct Events {
    changes: Mutex<BTreeMap<Words, Arc<Histogram>>>,
    lookups: Lookups,
}

const LOOKUPS: [&str; 6] = [
    "hit",
    "invalid_route_key",
    "route_not_found",
    "route_inactive",
    "op_not_allowed",
    "catalog_unavailable",
];

#[derive(Debug, Default)]
struct Lookups([std::sync::atomic::AtomicU64; LOOKUPS.len()]);

impl Events {
    /// A change of structure ended.
    pub(crate) fn changed(&self, operation: &'static str, status: &'static str, took: Duration) {
        let histogram = Arc::clone(self.changes().entry((operation, status)).or_default());
        histogram.observe(took);
    }

    /// A public route was looked for; the word is one of the list.
    pub(crate) fn looked_up(&self, outcome: &'static str) {
        if let Some(place) = LOOKUPS.iter().position(|known| *known == outcome) {
            self.lookups.0[place].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    fn changes(&self) -> MutexGuard<'_, BTreeMap<Words, Arc<Histogram>>> {
        // Nothing under this lock can panic halfway through a change.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Together with what was counted elsewhere.
    pub(super) fn write(
        &self,
        mut counts: BTreeMap<(&str, &str), u64>,
        page: &mut Page<'_>,
    ) -> fmt::Result {
        let changes: Vec<(Words, Distribution)> =
            self.changes().iter().map(|(words, took)| (*words, took.read())).collect();
        for (words, took) in &changes {
            counts.insert(*words, took.count());
        }
        for (word, count) in LOOKUPS.iter().zip(&self.lookups.0) {
            let count = count.load(std::sync::atomic::Ordering::Relaxed);
            counts.insert(("public_route_lookup", word), count);
        }
        let mut statuses: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, status), count) in &counts {
            *statuses.entry(status).or_default() += count;
        }
        let help = "What was done inside, and how it ended.";
        page.counters(
            "management_mutations",
            help,
            counts.iter().map(|(words, count)| (labels(words), *count)),
        )?;
        let samples =
            statuses.iter().map(|(status, count)| (vec![("status", (*status).into())], *count));
        page.counters("management_mutations_by_status", "The same by how it ended.", samples)?;
        let help = "How long changes of structure took.";
        let samples = changes.iter().map(|(words, took)| (labels(words), took.clone()));
        page.histograms("management_mutation_duration_seconds", help, samples)?;
        let operations = changes.iter().map(|((operation, _), _)| operation);
        let operations = operations.collect::<std::collections::BTreeSet<_>>().len();
        page.gauge(
            "management_operations_tracked",
            "Kinds of changes there were.",
            operations as f64,
        )
    }
}

fn labels<'a>((operation, status): &(&'a str, &'a str)) -> Labels<'a> {
    vec![("operation", (*operation).into()), ("status", (*status).into())]
}
