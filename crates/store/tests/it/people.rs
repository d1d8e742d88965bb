use crate::migrated;
use serde_json::json;
use std::time::{Duration, SystemTime};
use store::{NewSession, Store, StoreError};

async fn admin(store: &Store) -> String {
    store.upsert_admin(" Ada@Example.com", Some("Ada"), None).await.unwrap().id
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

fn ago(seconds: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(seconds)
}

async fn open_session(store: &Store, user_id: &str, token_hash: &str, expires_at: SystemTime) {
    let session = NewSession { user_id, token_hash, expires_at, remote_addr: Some("127.0.0.1") };
    store.create_session(&session).await.unwrap();
}

#[tokio::test]
async fn an_administrator_is_made_once_and_keeps_what_is_not_given() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    store.upsert_admin("ada@example.com", None, Some("hash")).await.unwrap();
    store.upsert_admin("ada@example.com", None, None).await.unwrap();
    let found = store.user_by_email("ADA@example.com ").await.unwrap().unwrap();
    assert_eq!((found.id, found.email.as_str()), (id, "ada@example.com"));
    assert_eq!(found.display_name.as_deref(), Some("Ada"));
    assert_eq!(found.password_hash.as_deref(), Some("hash"));
    assert_eq!(store.users(10).await.unwrap().len(), 1);
    assert!(store.user_by_email("nobody@example.com").await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_holds_until_it_is_revoked_or_over() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    open_session(&store, &id, "one", in_an_hour()).await;
    open_session(&store, &id, "over", ago(1)).await;
    let found = store.find_session("one").await.unwrap().unwrap();
    assert_eq!((found.user_id.as_str(), found.email.as_str()), (id.as_str(), "ada@example.com"));
    assert!(found.expires_at() > SystemTime::now());
    assert_eq!(store.find_session("over").await.unwrap(), None);
    assert_eq!(store.find_session("never").await.unwrap(), None);
    assert!(store.revoke_session("one").await.unwrap());
    assert!(!store.revoke_session("one").await.unwrap());
    assert_eq!(store.find_session("one").await.unwrap(), None);
}

#[tokio::test]
async fn whoever_may_not_sign_in_any_more_has_no_session() {
    let (database, store) = migrated().await;
    let id = admin(&store).await;
    open_session(&store, &id, "one", in_an_hour()).await;
    database.run("update console_users set is_active = false").await;
    assert_eq!(store.find_session("one").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    open_session(&store, &id, "one", in_an_hour()).await;
    assert!(store.set_password(&id, "new hash").await.unwrap());
    assert_eq!(store.find_session("one").await.unwrap(), None);
}

#[tokio::test]
async fn sessions_long_over_are_forgotten() {
    let (database, store) = migrated().await;
    let id = admin(&store).await;
    open_session(&store, &id, "old", ago(8 * 24 * 3600)).await;
    open_session(&store, &id, "new", in_an_hour()).await;
    let mut connection = database.connect().await;
    let left: Vec<String> = sqlx::query_scalar("select token_hash from console_sessions")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, ["new"]);
}

#[tokio::test]
async fn a_link_is_spent_once_however_many_come_at_once() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    store.create_link(&id, "link", in_an_hour()).await.unwrap();
    let tries = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.redeem_link("link").await.unwrap() })
    });
    let mut let_in = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        let_in.extend(attempt.await.unwrap());
    }
    assert_eq!(let_in, [id]);
}

#[tokio::test]
async fn a_link_that_is_over_opens_nothing() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    store.create_link(&id, "link", ago(1)).await.unwrap();
    assert_eq!(store.redeem_link("link").await.unwrap(), None);
    assert_eq!(store.redeem_link("no such link").await.unwrap(), None);
}

#[tokio::test]
async fn a_preference_is_kept_replaced_and_has_an_end() {
    let (_database, store) = migrated().await;
    let id = admin(&store).await;
    assert_eq!(store.preference(&id, "columns").await.unwrap(), None);
    for value in [json!(["a", "b"]), json!({"hidden": []})] {
        store.put_preference(&id, "columns", &value).await.unwrap();
        assert_eq!(store.preference(&id, "columns").await.unwrap(), Some(value));
    }
    let endless = json!("x".repeat(100_000));
    let refused = store.put_preference(&id, "columns", &endless).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
}
