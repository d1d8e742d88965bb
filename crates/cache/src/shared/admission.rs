//! The buckets of admission in Redis, shared by all nodes: one script, one round trip.

use super::{SharedLevel, Told};
use admission::{Asker, Quotas, Rate, Scope, Verdict};
use std::time::Duration;
use tokio::time::timeout;

const SCRIPT: &str = include_str!("admission.lua");

impl SharedLevel {
    /// Take one request from every bucket. `None` when Redis is away, or too slow.
    pub(crate) async fn admit(&self, quotas: &Quotas, asker: &Asker<'_>) -> Option<Verdict> {
        let rates: Vec<(Scope, Rate)> = quotas.rates().collect();
        if rates.is_empty() {
            return Some(Verdict::Admitted(None));
        }
        let mut connection = self.parts.link.connection()?;
        let mut command = redis::cmd("EVAL");
        command.arg(SCRIPT).arg(rates.len());
        for (scope, _) in &rates {
            command.arg(self.parts.names.bucket(scope.word(), asker.bucket(*scope)));
        }
        for (_, rate) in &rates {
            command.arg(interval(*rate)).arg(rate.limit());
        }
        let asked = command.query_async::<Vec<u64>>(&mut connection);
        let asked = timeout(self.parts.budget, asked).await;
        match self.parts.told(asked, Vec::new()) {
            Told::Answered(answer) => verdict(&rates, &answer),
            Told::Failed | Told::TooSlow => None,
        }
    }
}

/// Microseconds for one request, rounded up: never more than the limit.
fn interval(rate: Rate) -> u64 {
    rate.interval().div_ceil(1_000)
}

fn verdict(rates: &[(Scope, Rate)], answer: &[u64]) -> Option<Verdict> {
    let (refused, rest) = answer.split_first()?;
    let (over, filling) = rest.split_first()?;
    if let Some(at) = usize::try_from(*refused).ok()?.checked_sub(1) {
        let (scope, rate) = *rates.get(at)?;
        return Some(Verdict::Refused {
            scope,
            limit: rate.limit(),
            wait: Duration::from_micros(*over),
        });
    }
    let taken = rates.iter().zip(filling).map(|((scope, rate), filling)| {
        // Told by our own measure, which has finer units.
        (*scope, rate.taken(Duration::from_micros(*filling)))
    });
    Some(taken.fold(Verdict::Admitted(None), |verdict, (scope, taken)| verdict.with(scope, taken)))
}
