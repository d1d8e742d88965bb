use crate::migrated;
use std::time::{Duration, SystemTime};
use store::{AdminKeyDigest, AdminKeyRow, Store};

fn digest(digest: &str) -> AdminKeyDigest {
    AdminKeyDigest { pepper_id: "01234567".to_owned(), digest: digest.to_owned() }
}

async fn end_of(store: &Store, wanted: &str) -> Option<SystemTime> {
    let rows = store.load_admin_keys().await.unwrap();
    let row: AdminKeyRow = rows.into_iter().find(|row| row.digest == wanted).unwrap();
    row.expires_at
}

#[tokio::test]
async fn a_new_admin_key_retires_all_others_and_none_gets_more_time_than_it_had() {
    let (_database, store) = migrated().await;
    let (hour, minute) = (Duration::from_secs(3600), Duration::from_secs(60));
    store.rotate_admin_key(&digest("one"), Some(&digest("settings")), minute).await.unwrap();
    assert_eq!(end_of(&store, "one").await, None);
    let first_end = end_of(&store, "settings").await.unwrap();
    assert!(first_end <= SystemTime::now() + minute);
    store.rotate_admin_key(&digest("two"), Some(&digest("settings")), hour).await.unwrap();
    assert_eq!(end_of(&store, "settings").await, Some(first_end));
    assert!(end_of(&store, "one").await.is_some() && end_of(&store, "two").await.is_none());
    store.rotate_admin_key(&digest("three"), None, Duration::ZERO).await.unwrap();
    store.rotate_admin_key(&digest("four"), None, Duration::ZERO).await.unwrap();
    let left = store.load_admin_keys().await.unwrap();
    assert!(left.len() <= 3, "what is over and was made here is forgotten: {}", left.len());
    assert!(left.iter().any(|row| row.digest == "settings"), "what the settings name is not");
}
