//! Keyed writes: one claim, one answer.

use crate::migrated;
use store::{Claim, KeptAnswer, WriteKey};

fn write(key: &str) -> WriteKey {
    WriteKey { client: "shop".to_owned(), caller: "key:abc".to_owned(), key: key.to_owned() }
}

fn answer() -> KeptAnswer {
    let content_type = Some("application/json".to_owned());
    KeptAnswer { status: 200, content_type, body: Some(b"{\"data\":1}".to_vec()) }
}

#[tokio::test]
async fn a_keyed_write_is_claimed_by_one_of_many_who_come_at_once() {
    let (_database, store) = migrated().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        tasks.spawn(async move { store.claim(&write("k"), b"hash").await.unwrap() });
    }
    let claims = tasks.join_all().await;
    let ours = claims.iter().filter(|claim| matches!(claim, Claim::Ours(_))).count();
    assert_eq!(ours, 1, "{claims:?}");
    assert!(claims.iter().all(|claim| matches!(claim, Claim::Ours(_) | Claim::Unfinished)));
}

#[tokio::test]
async fn a_finished_write_is_answered_alike_and_another_request_is_told_apart() {
    let (_database, store) = migrated().await;
    let Claim::Ours(id) = store.claim(&write("k"), b"hash").await.unwrap() else { panic!() };
    assert_eq!(store.claim(&write("k"), b"hash").await.unwrap(), Claim::Unfinished);
    assert!(store.finish_claim(&write("k"), id, &answer()).await.unwrap());
    assert_eq!(store.claim(&write("k"), b"hash").await.unwrap(), Claim::Done(answer()));
    assert_eq!(store.claim(&write("k"), b"other").await.unwrap(), Claim::OtherRequest);
    let other = WriteKey { caller: "key:def".to_owned(), ..write("k") };
    assert!(matches!(store.claim(&other, b"hash").await.unwrap(), Claim::Ours(_)));
}

#[tokio::test]
async fn a_claim_that_is_given_back_can_be_made_again_and_a_finished_one_cannot_be_given_back() {
    let (_database, store) = migrated().await;
    let Claim::Ours(first) = store.claim(&write("k"), b"hash").await.unwrap() else { panic!() };
    store.release_claim(&write("k"), first).await.unwrap();
    let Claim::Ours(second) = store.claim(&write("k"), b"hash").await.unwrap() else { panic!() };
    assert!(!store.finish_claim(&write("k"), first, &answer()).await.unwrap());
    assert!(store.finish_claim(&write("k"), second, &answer()).await.unwrap());
    store.release_claim(&write("k"), second).await.unwrap();
    assert_eq!(store.claim(&write("k"), b"hash").await.unwrap(), Claim::Done(answer()));
}
