//! Requests of each client, minute and bucket of duration, until they are handed to the store.

use super::RequestCount;
use crate::{Store, StoreError, moment, statistics};
use api_types::ClientName;
use std::collections::HashMap;

/// Sums that wait; more are lost, and counted as lost.
const ROOM: usize = 50_000;
const MINUTE: i64 = 60_000_000;

const ADD: &str = include_str!("add_counts.sql");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    client: ClientName,
    minute: i64,
    bucket: i16,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    requests: i64,
    successful: i64,
    failed: i64,
    cached: i64,
    micros: i64,
    last: i64,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: HashMap<Place, Sum>,
    lost: u64,
}

/// Sums on their way to the store.
pub(crate) struct Counts(HashMap<Place, Sum>);

impl Counts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Tally {
    pub(super) fn add(&mut self, seen: &RequestCount) {
        let Some(client) = &seen.client else { return };
        let at = moment::to_micros(seen.at);
        let micros = i64::try_from(seen.duration.as_micros()).unwrap_or(i64::MAX);
        let place = Place {
            client: client.clone(),
            minute: at - at.rem_euclid(MINUTE),
            bucket: statistics::bucket(seen.duration),
        };
        let is_good = (200..400).contains(&seen.status);
        let sum = Sum {
            requests: 1,
            successful: i64::from(is_good),
            failed: i64::from(seen.status >= 400),
            cached: i64::from(seen.is_cached),
            micros,
            last: at,
        };
        self.put(place, sum);
    }

    pub(super) fn take(&mut self) -> Counts {
        Counts(std::mem::take(&mut self.sums))
    }

    pub(super) fn give_back(&mut self, counts: Counts) {
        counts.0.into_iter().for_each(|(place, sum)| self.put(place, sum));
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    fn put(&mut self, place: Place, more: Sum) {
        if self.sums.len() >= ROOM && !self.sums.contains_key(&place) {
            self.lost += u64::try_from(more.requests).unwrap_or_default();
            return;
        }
        let sum = self.sums.entry(place).or_default();
        sum.requests += more.requests;
        sum.successful += more.successful;
        sum.failed += more.failed;
        sum.cached += more.cached;
        sum.micros = sum.micros.saturating_add(more.micros);
        sum.last = sum.last.max(more.last);
    }
}

impl Store {
    pub(crate) async fn add_request_counts(&self, counts: &Counts) -> Result<(), StoreError> {
        let mut all: Vec<(&Place, &Sum)> = counts.0.iter().collect();
        // Two nodes that lock the same rows lock them in the same order.
        all.sort_by(|(a, _), (b, _)| {
            (&a.client, a.minute, a.bucket).cmp(&(&b.client, b.minute, b.bucket))
        });
        let numbers = |of: fn(&Sum) -> i64| all.iter().map(|(_, sum)| of(sum)).collect::<Vec<_>>();
        sqlx::query(ADD)
            .bind(all.iter().map(|(place, _)| place.client.as_str()).collect::<Vec<_>>())
            .bind(all.iter().map(|(place, _)| place.minute).collect::<Vec<_>>())
            .bind(all.iter().map(|(place, _)| place.bucket).collect::<Vec<_>>())
            .bind(numbers(|sum| sum.requests))
            .bind(numbers(|sum| sum.successful))
            .bind(numbers(|sum| sum.failed))
            .bind(numbers(|sum| sum.cached))
            .bind(numbers(|sum| sum.micros))
            .bind(numbers(|sum| sum.last))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn seen(seconds: u64, status: u16) -> RequestCount {
        RequestCount {
            client: Some("shop".parse().unwrap()),
            status,
            is_cached: false,
            duration: Duration::from_millis(3),
            at: UNIX_EPOCH + Duration::from_secs(seconds),
        }
    }

    #[test]
    fn requests_of_one_minute_and_about_one_duration_are_one_sum() {
        let mut tally = Tally::default();
        for (second, status) in [(60, 200), (61, 304), (119, 500), (120, 200)] {
            tally.add(&seen(second, status));
        }
        tally.add(&RequestCount { client: None, ..seen(60, 400) });
        let counts = tally.take();
        let of = |minute: i64| counts.0.iter().find(|(place, _)| place.minute == minute).unwrap().1;
        let first = of(60_000_000);
        assert_eq!((first.requests, first.successful, first.failed), (3, 2, 1));
        assert_eq!((counts.0.len(), of(120_000_000).requests), (2, 1));
        tally.give_back(counts);
        tally.add(&seen(62, 200));
        assert_eq!(tally.take().0.values().map(|sum| sum.requests).sum::<i64>(), 5);
    }
}
