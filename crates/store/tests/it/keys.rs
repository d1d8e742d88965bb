use crate::migrated;
use std::time::{Duration, SystemTime};
use store::{AdminKeyDigest, KeyChange, KeyHash, KeyPage, NewKey, Policy, Store};

const ALL: KeyPage = KeyPage { limit: 100, offset: 0, archived: false };
const WITH_ARCHIVED: KeyPage = KeyPage { archived: true, ..ALL };

fn key(public_id: &str, rights: &[&str]) -> NewKey {
    NewKey {
        public_id: public_id.to_owned(),
        name: format!("key {public_id}"),
        description: None,
        client_name: Some("shop".to_owned()),
        hash: hash("first"),
        expires_at: None,
        rights: rights.iter().map(|right| (*right).to_owned()).collect(),
    }
}

fn hash(digest: &str) -> KeyHash {
    let pepper_id = Some("01234567".to_owned());
    KeyHash { version: 1, pepper_id, salt: String::new(), digest: digest.to_owned() }
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
    assert_eq!(ids(&store, KeyPage { limit: 1, offset: 1, ..ALL }).await, ["b"]);
}

#[tokio::test]
async fn an_archived_key_is_kept_out_of_sight_and_opens_nothing() {
    let (_database, store) = migrated().await;
    let made = store.create_key(&key("a", &["gateway.read"])).await.unwrap();
    let id = made.id.parse().unwrap();
    let archived = store.archive_key(id).await.unwrap().unwrap();
    assert!(!archived.is_active && archived.archived_at.is_some());
    assert_eq!(store.archive_key(id).await.unwrap(), None, "once is enough");
    assert_eq!(store.archive_key(uuid::Uuid::nil()).await.unwrap(), None);
    assert!(store.load_keys().await.unwrap().is_empty());
    assert!(store.list_keys(ALL).await.unwrap().is_empty());
    assert_eq!(store.list_keys(WITH_ARCHIVED).await.unwrap(), [archived]);
    assert_eq!(
        (store.count_keys(false).await.unwrap(), store.count_keys(true).await.unwrap()),
        (0, 1)
    );
    assert_eq!(store.change_key(id, &KeyChange::default()).await.unwrap(), None);
    assert!(store.purge_key(id).await.unwrap().is_some());
    assert!(store.list_keys(WITH_ARCHIVED).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_null_empties() {
    let (_database, store) = migrated().await;
    let end = SystemTime::now() + Duration::from_secs(1000);
    let wanted =
        NewKey { expires_at: Some(end), description: Some("x".into()), ..key("a", &["a.read"]) };
    let id = store.create_key(&wanted).await.unwrap().id.parse().unwrap();
    let same = store.change_key(id, &KeyChange::default()).await.unwrap().unwrap();
    assert_eq!(same.before.rights, same.after.rights);
    assert_eq!(
        (same.after.description.as_deref(), same.after.client_name.as_deref()),
        (Some("x"), Some("shop"))
    );
    let emptied = KeyChange {
        description: Some(None),
        client_name: Some(None),
        expires_at: Some(None),
        is_active: Some(false),
        rights: Some(vec!["b.read".to_owned()]),
        ..KeyChange::default()
    };
    let after = store.change_key(id, &emptied).await.unwrap().unwrap().after;
    assert_eq!((after.description, after.client_name, after.expires_at), (None, None, None));
    assert_eq!((after.is_active, after.rights), (false, vec!["b.read".to_owned()]));
}

#[tokio::test]
async fn a_rotated_key_keeps_its_old_hash_for_the_overlap_only() {
    let (_database, store) = migrated().await;
    let id = store.create_key(&key("a", &[])).await.unwrap().id.parse().unwrap();
    let overlap = Duration::from_secs(60);
    let record = store.rotate_key(id, &hash("second"), overlap).await.unwrap().unwrap();
    assert!(record.previous_until.is_some() && record.rotated_at.is_some());
    let loaded = store.load_keys().await.unwrap().remove(0);
    let previous = loaded.previous.unwrap();
    assert_eq!((loaded.hash, previous.hash), (hash("second"), hash("first")));
    assert!(previous.until > SystemTime::now());
    store.rotate_key(id, &hash("third"), Duration::ZERO).await.unwrap().unwrap();
    let loaded = store.load_keys().await.unwrap().remove(0);
    assert!(loaded.previous.is_none() && loaded.hash == hash("third"));
}

#[tokio::test]
async fn a_better_hash_never_replaces_another_secret() {
    let (_database, store) = migrated().await;
    let id = store.create_key(&key("a", &[])).await.unwrap().id.parse().unwrap();
    assert!(store.upgrade_hash("a", &hash("first"), &hash("better")).await.unwrap());
    store.rotate_key(id, &hash("second"), Duration::ZERO).await.unwrap();
    assert!(!store.upgrade_hash("a", &hash("better"), &hash("best")).await.unwrap());
    assert_eq!(store.load_keys().await.unwrap()[0].hash, hash("second"));
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
    let id = made.id.parse().unwrap();
    store.rotate_key(id, &hash("second"), Duration::from_secs(9)).await.unwrap();
    assert!(heard().await, "a key was rotated");
    store.archive_key(id).await.unwrap();
    assert!(heard().await, "a key was archived");
    database.run("delete from api_key_right_grants").await;
    assert!(heard().await, "a right was taken by hand");
    database.run("update api_key_config set enforce_api_keys = false").await;
    assert!(heard().await, "keys are no longer demanded");
    let new = AdminKeyDigest { pepper_id: "01234567".to_owned(), digest: "new".to_owned() };
    store.rotate_admin_key(&new, None, Duration::ZERO).await.unwrap();
    assert!(heard().await, "there is another admin key");
}
