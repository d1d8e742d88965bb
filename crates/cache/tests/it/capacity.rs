//! Bytes and time have an end.

use crate::support::{Cache, Database, Failed, PATIENCE, answer, body, builder, notes, read};
use bytes::Bytes;
use cache::{Answer, CacheSettings, Directive, Outcome};
use std::time::Duration;

async fn fill(cache: &Cache, name: &str, bytes: usize) {
    let body = Bytes::from(vec![b'x'; bytes]);
    let lookup = builder(name).finish();
    let work = || async move { Ok::<_, Failed>(Answer { body, ..answer("") }) };
    cache.read(&lookup, Directive::Use, PATIENCE, work).await.expect("the fill succeeds");
}

#[tokio::test]
async fn the_capacity_in_bytes_holds() {
    let capacity = 1 << 20;
    let settings = CacheSettings { capacity_bytes: capacity, ..CacheSettings::default() };
    let cache = Cache::new(&settings).unwrap();
    for number in 0..2000 {
        fill(&cache, &number.to_string(), 1000 + number * 7 % 5000).await;
        let held = cache.statistics().bytes;
        assert!(held <= capacity, "{held} bytes are held after {number} fills");
    }
    let after = cache.statistics();
    assert!(after.bytes > capacity / 2, "only {} bytes are held", after.bytes);
    assert!(after.evictions > 1000, "only {} were pushed out", after.evictions);
    assert_eq!((after.fills, after.too_big), (2000, 0));
}

#[tokio::test]
async fn what_would_fill_an_eighth_of_the_capacity_is_answered_but_not_kept() {
    let settings = CacheSettings { capacity_bytes: 80 << 10, ..CacheSettings::default() };
    let cache = Cache::new(&settings).unwrap();
    fill(&cache, "small", 9 << 10).await;
    fill(&cache, "big", 10 << 10).await;
    let statistics = cache.statistics();
    assert_eq!((statistics.entries, statistics.too_big), (1, 1));
}

#[tokio::test]
async fn a_capacity_of_nothing_keeps_nothing() {
    let settings = CacheSettings { capacity_bytes: 0, ..CacheSettings::default() };
    let (cache, database) = (Cache::new(&settings).unwrap(), Database::default());
    read(&cache, &notes(), &database).await;
    assert_eq!(read(&cache, &notes(), &database).await.outcome, Outcome::Miss);
    assert_eq!(cache.statistics().bytes, 0);
}

#[tokio::test]
async fn an_entry_is_made_anew_after_its_time() {
    let settings = CacheSettings { ttl: Duration::from_millis(200), ..CacheSettings::default() };
    let (cache, database) = (Cache::new(&settings).unwrap(), Database::default());
    read(&cache, &notes(), &database).await;
    database.write(1);
    let kept = read(&cache, &notes(), &database).await;
    assert_eq!((kept.outcome, body(&kept)), (Outcome::HitLocal, "0"));
    tokio::time::sleep(Duration::from_millis(220)).await;
    assert_eq!(body(&read(&cache, &notes(), &database).await), "1");
}

#[tokio::test]
async fn an_entry_has_an_age() {
    let (cache, database) = (crate::support::cache(), Database::default());
    read(&cache, &notes(), &database).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    let age = read(&cache, &notes(), &database).await.entry.age();
    assert!(age >= Duration::from_millis(30) && age < PATIENCE, "{age:?}");
}
