//! What the limiter promises, for any order of requests.

mod whole;

use admission::{Asker, Bucket, Limiter, Quotas, Rate, Scope, Seat, Verdict};
use proptest::prelude::*;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

const SECOND: u64 = 1_000_000_000;

fn quotas(global: u64, client: u64, identity: u64) -> Quotas {
    Quotas { window: Duration::from_secs(1), global, client, identity }
}

fn asker<'a>(identity: &'a str, client: &'a str) -> Asker<'a> {
    Asker { identity, client: Seat::Known(client) }
}

fn is_admitted(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Admitted(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_span_of_time_lets_in_more_than_its_budget(
        limit in 1_u64..50,
        window_ms in 1_u64..5_000,
        pauses in prop::collection::vec(0_u64..200_000_000, 1..300),
    ) {
        let rate = Rate::new(limit, Duration::from_millis(window_ms)).unwrap();
        let bucket = Bucket::default();
        let mut now = 1;
        let mut admitted = Vec::new();
        for pause in pauses {
            now += pause;
            if bucket.take(rate, now).is_ok() {
                admitted.push(now);
            }
        }
        for (first, begin) in admitted.iter().enumerate() {
            for (more, end) in admitted[first..].iter().enumerate() {
                let budget = limit + (end - begin) / rate.interval();
                let count = more as u64 + 1;
                prop_assert!(count <= budget, "{count} in {} ns", end - begin);
            }
        }
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in(
        limit in 1_u64..100,
        asked in 1_usize..300,
        pause in 0_u64..10_000_000,
    ) {
        let limiter = Limiter::default();
        let quotas = quotas(limit, limit, limit);
        let me = asker("me", "shop");
        let mut now = 1;
        for _ in 0..asked {
            now += pause;
            if let Verdict::Refused { wait, .. } = limiter.take_at(&quotas, &me, now) {
                let nearly = now + u64::try_from(wait.as_nanos()).unwrap() - 1;
                prop_assert!(!is_admitted(limiter.take_at(&quotas, &me, nearly)), "too early");
                now = nearly + 1;
                prop_assert!(is_admitted(limiter.take_at(&quotas, &me, now)), "late enough");
            }
        }
    }

    #[test]
    fn nobody_starves_because_another_asks_too_much(
        noise in 1_usize..50,
        rounds in 1_usize..100,
    ) {
        let limiter = Limiter::default();
        let quotas = quotas(100, 0, 10);
        for round in 0..rounds as u64 {
            let now = 1 + round * SECOND / 10;
            for _ in 0..noise {
                limiter.take_at(&quotas, &asker("loud", "shop"), now);
            }
            // As often as is allowed, and never refused.
            prop_assert!(is_admitted(limiter.take_at(&quotas, &asker("quiet", "shop"), now)));
        }
    }
}

#[test]
fn a_refused_request_takes_nothing_from_any_bucket() {
    let limiter = Limiter::default();
    let narrow = quotas(1, 100, 100);
    assert!(is_admitted(limiter.take_at(&narrow, &asker("a", "shop"), 1)));
    for _ in 0..500 {
        let Verdict::Refused { scope, limit, .. } =
            limiter.take_at(&narrow, &asker("b", "shop"), 1)
        else {
            panic!("the whole is full");
        };
        assert_eq!((scope, limit), (Scope::Global, 1));
    }
    // What was refused above is still there for the same asker.
    let wide = quotas(0, 100, 100);
    let admitted = (0..200).filter(|_| is_admitted(limiter.take_at(&wide, &asker("b", "shop"), 1)));
    assert_eq!(admitted.count(), 99, "one of a's went through the client's bucket");
}

#[test]
fn every_client_and_every_asker_has_a_bucket_and_unknown_clients_share_one() {
    let limiter = Limiter::default();
    let quotas = quotas(0, 2, 0);
    let admitted = |client| {
        let ask = |_: &u32| {
            let asker = Asker { identity: "me", client };
            is_admitted(limiter.take_at(&quotas, &asker, 1))
        };
        (0..5).filter(ask).count()
    };
    assert_eq!(admitted(Seat::Known("shop")), 2);
    assert_eq!(admitted(Seat::Known("crm")), 2);
    assert_eq!(admitted(Seat::Unknown), 2);
    assert_eq!(admitted(Seat::Unknown), 0);
}

#[test]
fn what_is_left_is_told_of_the_tightest_bucket() {
    let limiter = Limiter::default();
    let quotas = quotas(10, 4, 6);
    let Verdict::Admitted(Some((scope, taken))) = limiter.take_at(&quotas, &asker("me", "shop"), 1)
    else {
        panic!("it is limited");
    };
    assert_eq!((scope, taken.limit, taken.remaining), (Scope::Client, 4, 3));
    assert_eq!(taken.full_after, Duration::from_millis(250));
    assert_eq!(
        limiter.take_at(&self::quotas(0, 0, 0), &asker("me", "shop"), 1),
        Verdict::Admitted(None)
    );
}

#[test]
fn many_threads_together_get_no_more_than_one_alone_would() {
    let limiter = Arc::new(Limiter::default());
    let admitted = Arc::new(AtomicU64::new(0));
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let (limiter, admitted) = (Arc::clone(&limiter), Arc::clone(&admitted));
            thread::spawn(move || {
                let identity = number.to_string();
                for _ in 0..2_000 {
                    let asker = asker(&identity, "shop");
                    if is_admitted(limiter.take_at(&quotas(1_000, 0, 500), &asker, 1)) {
                        admitted.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(admitted.load(Ordering::Relaxed), 1_000);
}
