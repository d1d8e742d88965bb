//! Requests as families of the page. What sums up several routes is added when it is asked for.

use super::{
    Family, Http, Slot,
    words::{FAMILIES, code_words},
};
use crate::{Distribution, Labels, Page};
use std::{collections::BTreeMap, fmt, sync::atomic::Ordering::Relaxed};

impl Http {
    pub fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        self.write_totals(page)?;
        self.write_routes(page)?;
        self.write_sizes(page)?;
        self.write_sums(page)?;
        self.write_in_flight(page)
    }

    /// Each route's families in which something happened.
    fn seen(&self) -> impl Iterator<Item = (&Slot, &'static str, &Family, Distribution)> {
        self.slots.iter().flat_map(|slot| {
            slot.families.iter().zip(FAMILIES).filter_map(move |(family, word)| {
                let took = family.took.read();
                (took.count() > 0).then_some((slot, word, family, took))
            })
        })
    }

    fn codes(&self) -> impl Iterator<Item = (&Slot, usize, u64)> {
        self.slots.iter().flat_map(|slot| {
            slot.codes.iter().enumerate().filter_map(move |(place, count)| {
                let count = count.load(Relaxed);
                (count > 0).then_some((slot, place, count))
            })
        })
    }

    fn write_totals(&self, page: &mut Page<'_>) -> fmt::Result {
        let all = self.seen().fold(Distribution::default(), |all, (.., took)| all.plus(&took));
        let of = |wanted: &[&str]| -> u64 {
            let seen = self.seen().filter(|(_, word, ..)| wanted.contains(word));
            seen.map(|(.., took)| took.count()).sum()
        };
        let panics = sum(&self.slots, |slot| slot.panics.load(Relaxed));
        let rate =
            |count: u64| if all.count() == 0 { 0.0 } else { count as f64 / all.count() as f64 };
        page.counter("http_requests_observed", "Requests that were answered.", all.count())?;
        let help = "How long they took until the answer began, in seconds.";
        page.histograms(
            "http_request_duration_observed_seconds",
            help,
            [(Labels::new(), all.as_sum())],
        )?;
        page.gauge(
            "http_error_rate",
            "The part answered with 4xx or 5xx since the start.",
            rate(of(&["4xx", "5xx"])),
        )?;
        page.gauge(
            "http_server_error_rate",
            "The part answered with 5xx since the start.",
            rate(of(&["5xx"])),
        )?;
        page.gauge(
            "http_handler_error_rate",
            "The part that ended in a bug of ours.",
            rate(panics),
        )?;
        let routes = self.slots.iter().filter(|slot| total(slot) > 0).count();
        page.gauge("http_routes_tracked", "Routes that were asked for.", routes as f64)?;
        let mut codes: Vec<usize> = self.codes().map(|(_, place, _)| place).collect();
        codes.sort_unstable();
        codes.dedup();
        page.gauge(
            "http_status_codes_tracked",
            "Statuses that were answered with.",
            codes.len() as f64,
        )
    }

    fn write_routes(&self, page: &mut Page<'_>) -> fmt::Result {
        let help = "Requests by route.";
        let samples =
            self.seen().map(|(slot, word, _, took)| (by_family(slot, word), took.count()));
        page.counters("http_requests", help, samples)?;
        let samples =
            self.seen().map(|(slot, word, _, took)| (by_family(slot, word), took.as_sum()));
        page.histograms("http_request_duration_seconds", "Their durations, summed up.", samples)?;
        let samples = self.seen().map(|(slot, word, _, took)| {
            let mut labels = of_route(slot);
            labels.push(("status_family", word.into()));
            (labels, took)
        });
        page.histograms("http_request_duration_seconds_histogram", "Their durations.", samples)?;
        let samples = self.codes().map(|(slot, place, count)| {
            let (code, word) = code_words(place);
            let mut labels = of_route(slot);
            labels.extend([("status_code", code.into()), ("status_family", word.into())]);
            (labels, count)
        });
        page.counters("http_requests_by_status_code", "Requests by route and status.", samples)
    }

    fn write_sizes(&self, page: &mut Page<'_>) -> fmt::Result {
        let samples = self
            .seen()
            .map(|(slot, word, family, _)| (by_family(slot, word), family.request_bytes.read()));
        page.histograms(
            "http_request_bytes",
            "Bodies that came, where their length was told.",
            samples,
        )?;
        let samples = self
            .seen()
            .map(|(slot, word, family, _)| (by_family(slot, word), family.response_bytes.read()));
        page.histograms(
            "http_response_bytes",
            "Bodies that went, where their length was known.",
            samples,
        )
    }

    fn write_sums(&self, page: &mut Page<'_>) -> fmt::Result {
        let mut families = BTreeMap::new();
        let mut groups = BTreeMap::new();
        let mut methods = BTreeMap::new();
        for (slot, word, _, took) in self.seen() {
            *families.entry(word).or_insert(0) += took.count();
            *groups.entry(slot.group.word()).or_insert(0) += took.count();
            *methods.entry(slot.route.method).or_insert(0) += took.count();
        }
        let one =
            |label| move |(word, count): (&'static str, u64)| (vec![(label, word.into())], count);
        page.counters(
            "http_requests_by_status_family",
            "Requests by status.",
            families.into_iter().map(one("status_family")),
        )?;
        page.counters(
            "http_requests_by_route_group",
            "Requests by what they are about.",
            groups.into_iter().map(one("route_group")),
        )?;
        page.counters(
            "http_requests_by_method",
            "Requests by method.",
            methods.into_iter().map(one("method")),
        )
    }

    fn write_in_flight(&self, page: &mut Page<'_>) -> fmt::Result {
        let number = |count: &std::sync::atomic::AtomicU64| count.load(Relaxed) as f64;
        page.gauge(
            "http_in_flight_requests_total",
            "Requests at this moment.",
            number(&self.in_flight.now),
        )?;
        page.gauge(
            "http_in_flight_requests_max_total",
            "The most there ever were.",
            number(&self.in_flight.most),
        )?;
        let used = || self.slots.iter().filter(|slot| slot.in_flight.most.load(Relaxed) > 0);
        let samples = used().map(|slot| (of_route(slot), number(&slot.in_flight.now)));
        page.gauges("http_in_flight_requests", "Requests at this moment by route.", samples)?;
        let samples = used().map(|slot| (of_route(slot), number(&slot.in_flight.most)));
        page.gauges("http_in_flight_requests_max", "The most there ever were by route.", samples)?;
        let some = |of: fn(&Slot) -> u64| {
            used().map(move |slot| (of_route(slot), of(slot))).filter(|(_, count)| *count > 0)
        };
        page.counters(
            "http_handler_errors",
            "Requests that ended in a bug of ours.",
            some(|slot| slot.panics.load(Relaxed)),
        )?;
        page.counters(
            "http_requests_abandoned",
            "Requests whose caller went away before the answer.",
            some(|slot| slot.abandoned.load(Relaxed)),
        )
    }
}

fn sum(slots: &[Slot], of: fn(&Slot) -> u64) -> u64 {
    slots.iter().map(of).sum()
}

fn total(slot: &Slot) -> u64 {
    slot.codes.iter().map(|count| count.load(Relaxed)).sum()
}

fn by_family(slot: &Slot, family: &'static str) -> Labels<'static> {
    let route = slot.route;
    vec![
        ("method", route.method.into()),
        ("route", route.path.into()),
        ("status_family", family.into()),
    ]
}

fn of_route(slot: &Slot) -> Labels<'static> {
    let (route, group) = (slot.route, slot.group.word());
    vec![
        ("method", route.method.into()),
        ("route", route.path.into()),
        ("route_group", group.into()),
    ]
}
