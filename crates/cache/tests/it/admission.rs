//! Requests counted in Redis.

use admission::{Asker, Quotas, Scope, Seat, Verdict};
use cache::{CacheSettings, RedisState, ResponseCache};
use std::time::{Duration, Instant};
use test_support::TestRedis;

async fn node(redis: &TestRedis) -> ResponseCache<std::io::Error> {
    let settings = CacheSettings {
        redis_url: Some(redis.url()),
        redis_budget: Duration::from_millis(500),
        ..CacheSettings::default()
    };
    let node = ResponseCache::new(&settings).expect("the address is one");
    let began = Instant::now();
    while node.statistics().redis != RedisState::Up {
        assert!(began.elapsed() < Duration::from_secs(20), "Redis is not reached");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    node
}

#[tokio::test]
async fn nodes_share_their_buckets_in_redis_and_a_refusal_takes_nothing() {
    let mut redis = TestRedis::start();
    let (one, two) = (node(&redis).await, node(&redis).await);
    let quotas = Quotas { window: Duration::from_secs(60), global: 0, client: 4, identity: 10 };
    let asker = Asker { identity: "key:a", client: Seat::Known("shop") };
    for left in [3, 2] {
        let Some(Verdict::Admitted(Some((scope, taken)))) = one.admit(&quotas, &asker).await else {
            panic!("there is room");
        };
        assert_eq!((scope, taken.remaining), (Scope::Client, left));
    }
    for _ in 0..2 {
        assert!(matches!(two.admit(&quotas, &asker).await, Some(Verdict::Admitted(_))));
    }
    for node in [&one, &two, &one] {
        let Some(Verdict::Refused { scope, limit, wait }) = node.admit(&quotas, &asker).await
        else {
            panic!("four were let in already");
        };
        assert_eq!((scope, limit), (Scope::Client, 4));
        assert!(wait <= Duration::from_secs(15) && wait > Duration::from_secs(10), "{wait:?}");
    }
    // What was refused above took nothing of the asker's own.
    let elsewhere = Asker { identity: "key:a", client: Seat::Known("crm") };
    let Some(Verdict::Admitted(Some((_, taken)))) =
        one.admit(&Quotas { client: 0, ..quotas }, &elsewhere).await
    else {
        panic!("there is room");
    };
    assert_eq!(taken.remaining, 5);
    redis.kill();
    assert_eq!(one.admit(&quotas, &asker).await, None, "somebody else has to count");
}
