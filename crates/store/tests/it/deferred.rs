//! The queue of requests that are done later.

use crate::migrated;
use serde_json::json;
use std::time::Duration;
use store::{
    Claim, DeferredEnd, DeferredFilter, DeferredStatus, Filing, KeptAnswer, NewDeferred, Store,
    WriteKey,
};
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

fn job(id: &str, client: &str) -> NewDeferred {
    NewDeferred {
        request_id: id.to_owned(),
        method: "PUT".to_owned(),
        route: "/gateway/insert".to_owned(),
        client: client.to_owned(),
        bytes: 10,
        payload: r#"{"b":1.50,"a":"\u0000","b":2}"#.to_owned(),
        reason: "x_athena_defer_header",
        caller: "anonymous".to_owned(),
    }
}

async fn file(store: &Store, id: &str, client: &str) {
    assert_eq!(store.file_deferred(&job(id, client), None).await.unwrap(), Filing::Filed);
}

fn completed() -> DeferredEnd {
    DeferredEnd::Completed {
        summary: json!({ "row_count": 1 }),
        status: 200,
        result: Some(b"{}".to_vec()),
    }
}

#[tokio::test]
async fn a_request_is_claimed_once_by_one_of_many_and_comes_back_to_the_letter() {
    let (_database, store) = migrated().await;
    for number in 0..50 {
        file(&store, &format!("d-{number:02}"), "shop").await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let store = store.clone();
        tasks.spawn(
            async move { store.claim_deferred(Uuid::new_v4(), 20, &[], LEASE).await.unwrap() },
        );
    }
    let claimed: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let ids: std::collections::HashSet<_> =
        claimed.iter().map(|job| job.request_id.as_str()).collect();
    assert_eq!((claimed.len(), ids.len()), (50, 50));
    assert!(claimed.iter().all(|one| one.payload == job("", "").payload && one.attempts == 1));
    store.close().await;
}

#[tokio::test]
async fn clients_that_have_enough_are_passed_over_and_the_oldest_comes_first() {
    let (_database, store) = migrated().await;
    for (id, client) in [("d-1", "shop"), ("d-2", "shop"), ("d-3", "crm")] {
        file(&store, id, client).await;
    }
    let owner = Uuid::new_v4();
    let first = store.claim_deferred(owner, 1, &[], LEASE).await.unwrap();
    assert_eq!(first[0].request_id, "d-1");
    let other = store.claim_deferred(owner, 10, &["shop".to_owned()], LEASE).await.unwrap();
    assert_eq!(other.iter().map(|job| job.request_id.as_str()).collect::<Vec<_>>(), ["d-3"]);
    assert_eq!(store.deferred_depth("shop").await.unwrap(), 2);
    store.close().await;
}

#[tokio::test]
async fn who_lost_the_lease_can_neither_note_nor_end_anything() {
    let (database, store) = migrated().await;
    file(&store, "d-1", "shop").await;
    let (gone, next) = (Uuid::new_v4(), Uuid::new_v4());
    store.claim_deferred(gone, 1, &[], LEASE).await.unwrap();
    assert!(store.mark_deferred(gone, "d-1", Some("txn:7")).await.unwrap());
    assert_eq!(store.reclaim_deferred().await.unwrap(), 0, "it is held");
    database
        .run("update gateway_deferred_request_queue set lease_until = now() - interval '1 s'")
        .await;
    assert_eq!(store.reclaim_deferred().await.unwrap(), 1);
    assert!(!store.mark_deferred(gone, "d-1", None).await.unwrap());
    let again = store.claim_deferred(next, 1, &[], LEASE).await.unwrap();
    assert_eq!((again[0].attempts, again[0].mark.as_deref()), (2, Some("txn:7")));
    assert!(!store.end_deferred(gone, "d-1", &completed()).await.unwrap());
    assert!(store.renew_deferred(gone, &["d-1".to_owned()], LEASE).await.unwrap().is_empty());
    assert_eq!(store.renew_deferred(next, &["d-1".to_owned()], LEASE).await.unwrap(), ["d-1"]);
    assert!(store.end_deferred(next, "d-1", &completed()).await.unwrap());
    let row = store.deferred("d-1").await.unwrap().unwrap();
    assert_eq!((row.status, row.has_result), (DeferredStatus::Completed, true));
    store.close().await;
}

#[tokio::test]
async fn a_keyed_request_is_filed_with_the_memory_of_its_key_or_not_at_all() {
    let (_database, store) = migrated().await;
    let write =
        WriteKey { client: "shop".to_owned(), caller: "anonymous".to_owned(), key: "k".to_owned() };
    let answer = KeptAnswer { status: 202, content_type: None, body: Some(b"first".to_vec()) };
    let filed = store.file_deferred(&job("d-1", "shop"), Some((&write, b"h", &answer))).await;
    assert_eq!(filed.unwrap(), Filing::Filed);
    let again = store.file_deferred(&job("d-2", "shop"), Some((&write, b"h", &answer))).await;
    assert_eq!(again.unwrap(), Filing::Known(Claim::Done(answer.clone())));
    let other = store.file_deferred(&job("d-3", "shop"), Some((&write, b"x", &answer))).await;
    assert_eq!(other.unwrap(), Filing::Known(Claim::OtherRequest));
    // The direct way knows it, too.
    assert_eq!(store.claim(&write, b"h").await.unwrap(), Claim::Done(answer.clone()));
    // What cannot be filed leaves no key behind.
    let fresh = WriteKey { key: "k2".to_owned(), ..write };
    let twice = store.file_deferred(&job("d-1", "shop"), Some((&fresh, b"h", &answer))).await;
    assert!(twice.is_err(), "the id is taken");
    assert!(matches!(store.claim(&fresh, b"h").await.unwrap(), Claim::Ours(_)));
    let all = DeferredFilter { limit: 10, ..DeferredFilter::default() };
    assert_eq!(store.list_deferred(&all).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn what_is_over_is_forgotten_when_its_time_has_come() {
    let (database, store) = migrated().await;
    for (id, status, days) in [
        ("new", "completed", 6),
        ("old", "completed", 8),
        ("cancelled", "cancelled", 8),
        ("dead", "dead_letter", 29),
        ("long dead", "dead_letter", 31),
    ] {
        file(&store, id, "shop").await;
        database
            .run(&format!(
                "update gateway_deferred_request_queue set status = '{status}', completed_at = now() - interval '{days} days'
                 where request_id = '{id}'"
            ))
            .await;
    }
    file(&store, "waiting", "shop").await;
    let day = Duration::from_secs(24 * 60 * 60);
    assert_eq!(store.forget_deferred(7 * day, 30 * day).await.unwrap(), 3);
    let all = DeferredFilter { limit: 10, ..DeferredFilter::default() };
    let mut left: Vec<_> =
        store.list_deferred(&all).await.unwrap().into_iter().map(|row| row.request_id).collect();
    left.sort();
    assert_eq!(left, ["dead", "new", "waiting"]);
    let counts = store.count_deferred().await.unwrap();
    assert!(counts.by_status.contains(&(DeferredStatus::Queued, 1)), "{counts:?}");
    store.close().await;
}
