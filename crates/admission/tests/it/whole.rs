//! The limiter as a whole: every bucket keeps to its budget, and nobody is starved by others.

use admission::{Asker, Limiter, Quotas, Rate, Scope, Seat, Verdict};
use proptest::prelude::*;
use std::{collections::HashMap, time::Duration};

const SECOND: u64 = 1_000_000_000;

/// Who asks whom after which pause.
#[derive(Debug, Clone)]
struct Step {
    identity: usize,
    client: Option<usize>,
    pause: u64,
}

const IDENTITIES: [&str; 4] = ["ann", "bob", "cid", "dan"];
const CLIENTS: [&str; 3] = ["shop", "crm", "till"];

impl Step {
    fn asker(&self) -> Asker<'static> {
        let client = self.client.map_or(Seat::Unknown, |number| Seat::Known(CLIENTS[number]));
        Asker { identity: IDENTITIES[self.identity], client }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![3 => Just(0_u64), 3 => 0..SECOND / 50, 1 => 0..SECOND * 2];
    let client = prop::option::of(0..CLIENTS.len());
    let step = (0..IDENTITIES.len(), client, pause);
    let step = step.prop_map(|(identity, client, pause)| Step { identity, client, pause });
    prop::collection::vec(step, 1..250)
}

fn limit_of(quotas: &Quotas, scope: Scope) -> u64 {
    match scope {
        Scope::Global => quotas.global,
        Scope::Client => quotas.client,
        Scope::Identity => quotas.identity,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bucket_is_ever_above_its_budget_in_any_span_of_time(
        (global, client, identity) in (0_u64..30, 0_u64..20, 0_u64..10),
        window_ms in 1_u64..3_000,
        steps in steps(),
    ) {
        let quotas = Quotas { window: Duration::from_millis(window_ms), global, client, identity };
        let limiter = Limiter::default();
        let mut now = 1;
        let mut admitted: HashMap<(&str, String), (Scope, Vec<u64>)> = HashMap::new();
        for step in &steps {
            now += step.pause;
            let asker = step.asker();
            if let Verdict::Admitted(_) = limiter.take_at(&quotas, &asker, now) {
                for scope in [Scope::Global, Scope::Client, Scope::Identity] {
                    let name = (scope.word(), asker.bucket(scope).to_owned());
                    admitted.entry(name).or_insert((scope, Vec::new())).1.push(now);
                }
            }
        }
        for (name, (scope, times)) in admitted {
            let limit = limit_of(&quotas, scope);
            let Some(rate) = Rate::new(limit, quotas.window) else { continue };
            for (first, begin) in times.iter().enumerate() {
                for (more, end) in times[first..].iter().enumerate() {
                    let budget = limit + (end - begin) / rate.interval();
                    let count = more as u64 + 1;
                    prop_assert!(count <= budget, "{name:?}: {count} in {} ns", end - begin);
                }
            }
        }
    }

    #[test]
    fn who_keeps_within_their_own_budget_is_never_refused_where_the_whole_has_room_for_all(
        own in prop::sample::select(vec![1_u64, 2, 4, 5, 8, 10, 20]),
        noise in prop::collection::vec((1..IDENTITIES.len(), 0..SECOND / 20), 1..400),
        lateness in prop::collection::vec(0..SECOND / 10, 1..50),
    ) {
        let all = own * IDENTITIES.len() as u64;
        let quotas =
            Quotas { window: Duration::from_secs(1), global: all, client: all, identity: own };
        let limiter = Limiter::default();
        let asker = |identity| Asker { identity, client: Seat::Known("shop") };
        let (mut now, mut noise) = (1, noise.into_iter().cycle());
        for late in lateness {
            // Until the quiet one may ask again, everybody else asks as often as they like.
            let next = now + SECOND / own + late;
            for (loud, pause) in noise.by_ref().take(200) {
                now += pause;
                if now >= next {
                    break;
                }
                limiter.take_at(&quotas, &asker(IDENTITIES[loud]), now);
            }
            now = next;
            let verdict = limiter.take_at(&quotas, &asker("ann"), now);
            prop_assert!(matches!(verdict, Verdict::Admitted(_)), "{verdict:?}");
        }
    }
}
