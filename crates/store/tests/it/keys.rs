use crate::migrated;
use std::time::{Duration, SystemTime};
use store::{KeyPage, NewKey, Policy, Store};

const ALL: KeyPage = KeyPage { limit: 100, offset: 0 };

fn key(public_id: &str, rights: &[&str]) -> NewKey {
    NewKey {
        public_id: public_id.to_owned(),
        name: format!("key {public_id}"),
        description: None,
        client_name: Some("shop".to_owned()),
        salt: "salt".to_owned(),
        hash: "hash".to_owned(),
        expires_at: None,
        rights: rights.iter().map(|right| (*right).to_owned()).collect(),
    }
}

async fn ids(store: &Store, page: KeyPage) -> Vec<String> {
    store.list_keys(page).await.unwrap().into_iter().map(|key| key.public_id).collect()
}

#[tokio::test]
async fn a_key_is_kept_with_its_rights_and_without_a_secret() {
    let (_database, store) = migrated().await;
    let wanted = key("a", &["invoices.read", "gateway.write", "invoices.read"]);
    let made = store.create_key(&wanted).await.unwrap();
    assert_eq!(made.rights, ["gateway.write", "invoices.read"]);
    assert!(made.is_active && made.last_used_at.is_none());
    assert!(made.created_at.ends_with('Z') && made.created_at.contains('T'), "{}", made.created_at);
    assert_eq!(store.list_keys(ALL).await.unwrap(), [made]);
}

#[tokio::test]
async fn keys_are_listed_newest_first_and_in_pages() {
    let (_database, store) = migrated().await;
    for id in ["a", "b", "c"] {
        store.create_key(&key(id, &[])).await.unwrap();
    }
    assert_eq!(ids(&store, ALL).await, ["c", "b", "a"]);
    assert_eq!(ids(&store, KeyPage { limit: 1, offset: 1 }).await, ["b"]);
}

#[tokio::test]
async fn a_deactivated_key_stays_listed_and_loads_as_closed() {
    let (_database, store) = migrated().await;
    let made = store.create_key(&key("a", &["gateway.read"])).await.unwrap();
    let id = made.id.parse().unwrap();
    assert!(store.deactivate_key(id).await.unwrap());
    assert!(!store.deactivate_key(uuid::Uuid::nil()).await.unwrap());
    assert!(!store.list_keys(ALL).await.unwrap()[0].is_active);
    let loaded = store.load_keys().await.unwrap();
    assert!(!loaded[0].is_active);
    assert_eq!(loaded[0].rights, ["gateway.read"]);
}

#[tokio::test]
async fn an_expiry_comes_back_to_the_microsecond() {
    let (database, store) = migrated().await;
    let end = SystemTime::UNIX_EPOCH + Duration::from_micros(1_924_992_000_123_457);
    let wanted = NewKey { expires_at: Some(end), ..key("a", &[]) };
    let made = store.create_key(&wanted).await.unwrap();
    assert_eq!(made.expires_at.as_deref(), Some("2031-01-01T00:00:00.123457Z"));
    assert_eq!(store.load_keys().await.unwrap()[0].expires_at, Some(end));
    database.run("update api_keys set expires_at = 'infinity'").await;
    assert_eq!(store.load_keys().await.unwrap()[0].expires_at, None);
    database.run("update api_keys set expires_at = '-infinity'").await;
    let long_over = store.load_keys().await.unwrap()[0].expires_at;
    assert_eq!(long_over, Some(SystemTime::UNIX_EPOCH));
}

#[tokio::test]
async fn the_last_use_of_many_keys_is_written_at_once_and_never_goes_back() {
    let (_database, store) = migrated().await;
    for id in ["a", "b"] {
        store.create_key(&key(id, &[])).await.unwrap();
    }
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_924_992_000);
    let used = ["a", "b", "gone"].map(|id| (id.to_owned(), at));
    store.touch_keys(&used).await.unwrap();
    let earlier = [("a".to_owned(), at - Duration::from_secs(60))];
    store.touch_keys(&earlier).await.unwrap();
    for key in store.list_keys(ALL).await.unwrap() {
        assert_eq!(key.last_used_at.as_deref(), Some("2031-01-01T00:00:00.000000Z"));
    }
}

#[tokio::test]
async fn keys_are_demanded_unless_somebody_said_otherwise() {
    let (database, store) = migrated().await;
    let strict = Policy { enforced: true, clients: Vec::new() };
    assert_eq!(store.load_policy().await.unwrap(), strict);
    database
        .run(
            "update api_key_config set enforce_api_keys = false;
             insert into api_key_client_config (client_name, enforce_api_keys) values ('shop', true)",
        )
        .await;
    let open = Policy { enforced: false, clients: vec![("shop".to_owned(), true)] };
    assert_eq!(store.load_policy().await.unwrap(), open);
    database.run("delete from api_key_config").await;
    assert!(store.load_policy().await.unwrap().enforced);
}

#[tokio::test]
async fn every_change_of_a_key_is_heard_and_its_last_use_is_not() {
    let (database, store) = migrated().await;
    let mut changes = store.key_changes().await.unwrap();
    let mut heard =
        async || tokio::time::timeout(Duration::from_millis(700), changes.next()).await.is_ok();
    let made = store.create_key(&key("a", &["gateway.read"])).await.unwrap();
    assert!(heard().await, "a key was made");
    store.touch_keys(&[("a".to_owned(), SystemTime::now())]).await.unwrap();
    assert!(!heard().await, "the last use is no change");
    store.deactivate_key(made.id.parse().unwrap()).await.unwrap();
    assert!(heard().await, "a key was deactivated");
    database.run("delete from api_key_right_grants").await;
    assert!(heard().await, "a right was taken by hand");
    database.run("update api_key_config set enforce_api_keys = false").await;
    assert!(heard().await, "keys are no longer demanded");
}
