//! Redis that is slow, dead or not there yet.

use crate::support::{Cache, Database, body, builder, notes, read, table, until};
use cache::{CacheSettings, Outcome, RedisState};
use std::time::{Duration, Instant};
use test_support::TestRedis;

const BUDGET: Duration = Duration::from_millis(100);

fn node(redis: &TestRedis) -> Cache {
    let settings = CacheSettings {
        redis_url: Some(redis.url()),
        redis_budget: BUDGET,
        redis_cooldown: Duration::from_millis(50),
        ..CacheSettings::default()
    };
    Cache::new(&settings).expect("the settings are good")
}

async fn reaches(cache: &Cache) {
    until("Redis is reached", || cache.statistics().redis == RedisState::Up).await;
}

/// Read on this node and wait until Redis has it.
async fn store(cache: &Cache, database: &Database) {
    let stored = cache.statistics().redis_stored;
    read(cache, &notes(), database).await;
    until("the value is stored", || cache.statistics().redis_stored == stored + 1).await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_costs_nothing_and_is_found_when_it_comes() {
    let mut redis = TestRedis::absent();
    let (cache, database) = (node(&redis), Database::default());
    let start = Instant::now();
    for number in 0..20 {
        read(&cache, &builder(&number.to_string()).finish(), &database).await;
        cache.invalidate(vec![table("notes")]).await;
    }
    assert!(start.elapsed() < 5 * BUDGET, "{:?}", start.elapsed());
    assert_eq!(cache.statistics().redis, RedisState::Away);
    redis.start_again();
    reaches(&cache).await;
    store(&cache, &database).await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_waited_for_once_and_within_the_budget() {
    let redis = TestRedis::start();
    let (cache, database) = (node(&redis), Database::default());
    reaches(&cache).await;
    store(&cache, &database).await;
    redis.pause();
    let start = Instant::now();
    let miss = builder("another").finish();
    let found = read(&cache, &miss, &database).await;
    let first = start.elapsed();
    assert_eq!(found.outcome, Outcome::MissAfterRedisTimeout);
    assert!(first >= BUDGET && first < 5 * BUDGET, "{first:?}");
    let start = Instant::now();
    for number in 0..20 {
        read(&cache, &builder(&number.to_string()).finish(), &database).await;
        cache.invalidate(vec![table("users")]).await;
    }
    assert!(start.elapsed() < 5 * BUDGET, "{:?}", start.elapsed());
    assert_eq!(read(&cache, &notes(), &database).await.outcome, Outcome::HitLocal);
    redis.resume();
    reaches(&cache).await;
}

#[tokio::test]
async fn a_write_while_redis_hangs_takes_effect_here_at_once_and_in_redis_afterwards() {
    let redis = TestRedis::start();
    let (one, database) = (node(&redis), Database::default());
    reaches(&one).await;
    store(&one, &database).await;
    redis.pause();
    database.write(1);
    let start = Instant::now();
    one.invalidate(vec![table("notes")]).await;
    assert!(start.elapsed() < 5 * BUDGET, "{:?}", start.elapsed());
    // Redis still has the old value, and this node must not fetch it, now or later.
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    redis.resume();
    reaches(&one).await;
    let two = node(&redis);
    reaches(&two).await;
    assert_eq!(body(&read(&two, &notes(), &database).await), "1");
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    assert_eq!(one.statistics().hits_redis, 0);
}

#[tokio::test]
async fn a_write_nobody_told_redis_of_is_made_good_before_redis_is_read_again() {
    let redis = TestRedis::start();
    let (one, two) = (node(&redis), node(&redis));
    let database = Database::default();
    reaches(&one).await;
    reaches(&two).await;
    store(&one, &database).await;
    read(&two, &notes(), &database).await;
    redis.pause();
    // Two dead exchanges, so that the write finds Redis given up and only notes what it owes.
    read(&one, &builder("another").finish(), &database).await;
    database.write(1);
    drop(one.will_write(vec![table("notes")]));
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    redis.resume();
    reaches(&one).await;
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    let mut seen = String::new();
    for _ in 0..1000 {
        seen = body(&read(&two, &notes(), &database).await).to_owned();
        if seen == "1" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(seen, "1", "the other node was never told");
}

#[tokio::test]
async fn a_redis_that_dies_leaves_the_first_level_and_comes_back_empty() {
    let mut redis = TestRedis::start();
    let (one, two) = (node(&redis), node(&redis));
    let database = Database::default();
    reaches(&one).await;
    reaches(&two).await;
    store(&one, &database).await;
    read(&two, &notes(), &database).await;
    redis.kill();
    until("the loss is noticed", || {
        [&one, &two].iter().all(|node| node.statistics().redis == RedisState::Away)
    })
    .await;
    assert_eq!(read(&two, &notes(), &database).await.outcome, Outcome::HitLocal);
    database.write(1);
    one.invalidate(vec![table("notes")]).await;
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    // Nobody is left to say what was not heard.
    drop(one);
    redis.start_again();
    reaches(&two).await;
    assert_eq!(body(&read(&two, &notes(), &database).await), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_read_of_this_node_goes_back_behind_its_own_write_while_redis_comes_and_goes() {
    let redis = TestRedis::start();
    let (cache, database) = (node(&redis), Database::default());
    reaches(&cache).await;
    let mut hits = 0;
    for value in 1..=300 {
        match value % 60 {
            20 => redis.pause(),
            30 => redis.resume(),
            _ => {}
        }
        database.write(value);
        cache.invalidate(vec![table("notes")]).await;
        for _ in 0..3 {
            let found = read(&cache, &notes(), &database).await;
            assert_eq!(body(&found), value.to_string());
            hits += u64::from(found.outcome == Outcome::HitLocal);
        }
    }
    redis.resume();
    assert!(hits > 100, "only {hits} hits, so little was shown");
}
