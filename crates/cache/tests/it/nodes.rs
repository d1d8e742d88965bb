//! Two nodes and one Redis.

use crate::support::{Cache, Database, body, builder, client, notes, read, table, until};
use cache::{CacheError, CacheSettings, Outcome, RedisState, Scope};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use test_support::TestRedis;

/// A budget that a machine busy with other tests keeps; the outage tests measure with a short one.
fn settings(redis: &TestRedis) -> CacheSettings {
    CacheSettings {
        redis_url: Some(redis.url()),
        redis_budget: Duration::from_secs(2),
        redis_cooldown: Duration::from_millis(50),
        ..CacheSettings::default()
    }
}

async fn node(settings: &CacheSettings) -> Cache {
    let cache = Cache::new(settings).expect("the settings are good");
    until("Redis is reached", || cache.statistics().redis == RedisState::Up).await;
    cache
}

async fn two_nodes(redis: &TestRedis) -> (Cache, Cache) {
    (node(&settings(redis)).await, node(&settings(redis)).await)
}

/// Read on this node and wait until Redis has it.
async fn store(cache: &Cache, database: &Database) {
    let stored = cache.statistics().redis_stored;
    read(cache, &notes(), database).await;
    until("the value is stored", || cache.statistics().redis_stored == stored + 1).await;
}

async fn connection(redis: &TestRedis) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(redis.url()).expect("an address");
    client.get_multiplexed_async_connection().await.expect("Redis answers")
}

#[tokio::test]
async fn what_one_node_made_another_one_serves() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    store(&one, &database).await;
    let from_redis = read(&two, &notes(), &database).await;
    let local = read(&one, &notes(), &database).await;
    assert_eq!(from_redis.outcome, Outcome::HitRedis);
    assert_eq!(from_redis.entry.answer(), local.entry.answer());
    assert_eq!(from_redis.entry.etag(), local.entry.etag());
    assert_eq!(read(&two, &notes(), &database).await.outcome, Outcome::HitLocal);
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn a_write_on_one_node_is_heard_on_the_other() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    store(&one, &database).await;
    read(&two, &notes(), &database).await;
    database.write(1);
    one.invalidate(vec![table("notes")]).await;
    assert_eq!(body(&read(&one, &notes(), &database).await), "1");
    let mut seen = String::new();
    for _ in 0..500 {
        seen = body(&read(&two, &notes(), &database).await).to_owned();
        if seen == "1" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(seen, "1");
}

#[tokio::test]
async fn a_client_forgotten_on_one_node_is_not_found_in_redis_by_the_other() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    store(&one, &database).await;
    database.write(1);
    one.invalidate(vec![Scope::client(&client("main"))]).await;
    // The second node never had it, so it has nothing to hear: Redis alone must tell.
    assert_eq!(body(&read(&two, &notes(), &database).await), "1");
    assert_eq!(two.statistics().hits_redis, 0);
}

#[tokio::test]
async fn a_slow_fill_of_one_node_does_not_outlive_a_write_of_another() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let slow = {
        let (one, database) = (one.clone(), database.clone());
        tokio::spawn(async move {
            let work = || async move {
                let answer = database.read();
                wait.await.expect("the test lets it go");
                answer
            };
            let patience = crate::support::PATIENCE;
            one.read(&notes(), cache::Directive::Use, patience, work).await.expect("it reads");
        })
    };
    until("the statement ran", || database.reads() == 1).await;
    database.write(1);
    two.invalidate(vec![table("notes")]).await;
    go.send(()).expect("the work waits");
    slow.await.unwrap();
    let third = node(&settings(&redis)).await;
    assert_eq!(body(&read(&third, &notes(), &database).await), "1");
}

#[tokio::test]
async fn a_token_that_redis_lost_does_not_bring_old_values_back() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    store(&one, &database).await;
    let mut admin = connection(&redis).await;
    let tokens: Vec<String> =
        redis::cmd("KEYS").arg("athena:cache:v1:g:*").query_async(&mut admin).await.unwrap();
    assert_eq!(tokens.len(), 3, "for everything, the client and the table: {tokens:?}");
    let () = redis::cmd("DEL").arg(&tokens).query_async(&mut admin).await.unwrap();
    database.write(1);
    assert_eq!(body(&read(&two, &notes(), &database).await), "1");
}

#[tokio::test]
async fn a_corrupt_value_is_a_miss_and_is_replaced() {
    let redis = TestRedis::start();
    let (one, two) = two_nodes(&redis).await;
    let database = Database::default();
    store(&one, &database).await;
    let mut admin = connection(&redis).await;
    let name = format!("athena:cache:v1:a:{}", notes().key());
    let changed: i64 =
        redis::cmd("SETRANGE").arg(&name).arg(90).arg("xx").query_async(&mut admin).await.unwrap();
    assert!(changed > 92, "the value was not there: {changed}");
    assert_eq!(read(&two, &notes(), &database).await.outcome, Outcome::Miss);
    assert_eq!(two.statistics().redis_corrupt, 1);
    until("it is stored again", || two.statistics().redis_stored == 1).await;
    let third = node(&settings(&redis)).await;
    assert_eq!(read(&third, &notes(), &database).await.outcome, Outcome::HitRedis);
}

#[tokio::test]
async fn the_age_of_a_value_counts_from_where_it_was_made() {
    let redis = TestRedis::start();
    let settings = CacheSettings { ttl: Duration::from_secs(2), ..settings(&redis) };
    let (one, two) = (node(&settings).await, node(&settings).await);
    let database = Database::default();
    store(&one, &database).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let found = read(&two, &notes(), &database).await;
    assert_eq!(found.outcome, Outcome::HitRedis);
    assert!(found.entry.age() >= Duration::from_millis(1200), "{:?}", found.entry.age());
    tokio::time::sleep(Duration::from_millis(850)).await;
    assert_eq!(read(&two, &notes(), &database).await.outcome, Outcome::Miss);
}

#[tokio::test]
async fn what_is_too_big_to_keep_is_not_sent_to_redis() {
    let redis = TestRedis::start();
    let settings = CacheSettings { entry_max_bytes: 100, ..settings(&redis) };
    let (cache, database) = (node(&settings).await, Database::default());
    read(&cache, &builder("big").finish(), &database).await;
    let mut admin = connection(&redis).await;
    let values: Vec<String> =
        redis::cmd("KEYS").arg("athena:cache:v1:a:*").query_async(&mut admin).await.unwrap();
    assert_eq!(values, Vec::<String>::new());
    assert_eq!(cache.statistics().redis_stored, 0);
}

#[tokio::test]
async fn installations_with_two_prefixes_share_nothing() {
    let redis = TestRedis::start();
    let one = node(&settings(&redis)).await;
    let other = CacheSettings { redis_prefix: "other".to_owned(), ..settings(&redis) };
    let two = node(&other).await;
    let database = Database::default();
    store(&one, &database).await;
    assert_eq!(read(&two, &notes(), &database).await.outcome, Outcome::Miss);
}

#[tokio::test]
async fn an_address_we_cannot_use_is_refused_without_repeating_it() {
    for url in ["rediss://:secret@host", "http://:secret@host", "nonsense secret"] {
        let settings =
            CacheSettings { redis_url: Some(url.to_owned()), ..CacheSettings::default() };
        let Err(error) = Cache::new(&settings) else { panic!("{url} was taken") };
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(matches!(error, CacheError::RedisTls), url.starts_with("rediss"));
    }
}

/// A read may find the old value in Redis while a write is telling Redis to forget it. It must not
/// be what is kept here once the write is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_read_of_the_writing_node_goes_back_behind_its_write_with_redis_in_between() {
    let redis = TestRedis::start();
    let (cache, other) = two_nodes(&redis).await;
    let database = Database::default();
    let (acknowledged, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let reader = {
        let (cache, database) = (cache.clone(), database.clone());
        let (acknowledged, over) = (acknowledged.clone(), over.clone());
        tokio::spawn(async move {
            while !over.load(SeqCst) {
                let least = acknowledged.load(SeqCst);
                let found = read(&cache, &notes(), &database).await;
                let seen: u64 = body(&found).parse().expect("a number");
                assert!(seen >= least, "{seen} was read after {least} was acknowledged");
                tokio::task::yield_now().await;
            }
        })
    };
    // On a busy machine Redis is often too slow to be asked, so it goes on until it was in between.
    let enough = |value| value >= 200 && cache.statistics().hits_redis > 20;
    let mut value = 0;
    while !enough(value) && value < 10_000 {
        value += 1;
        read(&other, &notes(), &database).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        database.write(value);
        cache.invalidate(vec![table("notes")]).await;
        acknowledged.store(value, SeqCst);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    over.store(true, SeqCst);
    reader.await.expect("no read went back");
    assert!(cache.statistics().hits_redis > 20, "Redis was hardly in between");
}
