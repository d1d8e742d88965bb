//! What is kept of databases that belong to others.

use crate::migrated;
use serde_json::json;
use store::{ChangeFeed, DriftPage, NewResource, Topic};
use uuid::Uuid;

const ALL: DriftPage = DriftPage { only_open: false, limit: 50, offset: 0 };
const OPEN: DriftPage = DriftPage { only_open: true, ..ALL };

#[tokio::test]
async fn a_resource_keeps_its_name_and_others_hear_of_it() {
    let (_database, store) = migrated().await;
    let feed = ChangeFeed::start(store.clone());
    let mut heard = feed.watch(Topic::Federation);
    heard.wait_for(|count| *count > 0).await.unwrap();
    let before = *heard.borrow_and_update();
    let definition = json!({"name": "people"});
    let new = NewResource {
        client: "crm",
        name: "people",
        remote: ("hr", "t_people"),
        definition: &definition,
        actor: "admin",
    };
    assert!(store.add_resource(new).await.unwrap());
    heard.wait_for(|count| *count > before).await.unwrap();
    let other = json!({"name": "other"});
    assert!(!store.add_resource(NewResource { definition: &other, ..new }).await.unwrap());
    let rows = store.resources().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].definition.0, definition);
    assert!(store.replace_resource(NewResource { definition: &other, ..new }).await.unwrap());
    assert_eq!(store.resources().await.unwrap()[0].definition.0, other);
    assert!(store.remove_resource("crm", "people").await.unwrap());
    assert!(!store.remove_resource("crm", "people").await.unwrap());
}

#[tokio::test]
async fn the_newest_catalog_is_the_current_one_and_older_ones_stay_for_a_while() {
    let (_database, store) = migrated().await;
    assert_eq!(store.catalog("crm", None).await.unwrap(), None);
    let mut ids = Vec::new();
    for number in 0..25 {
        let snapshot = json!({"number": number});
        ids.push(store.put_catalog("crm", "crm_catalog", &snapshot).await.unwrap());
    }
    store.put_catalog("other", "other_catalog", &json!({})).await.unwrap();
    let newest = store.catalog("crm", None).await.unwrap().unwrap();
    assert_eq!((&newest.id, &newest.snapshot.0), (&ids[24], &json!({"number": 24})));
    let by_id = |id: &String| Uuid::parse_str(id).unwrap();
    let older = store.catalog("crm", Some(by_id(&ids[5]))).await.unwrap().unwrap();
    assert_eq!(older.snapshot.0, json!({"number": 5}));
    assert_eq!(store.catalog("crm", Some(by_id(&ids[4]))).await.unwrap(), None);
    assert_eq!(store.catalog("other", Some(by_id(&ids[5]))).await.unwrap(), None);
}

#[tokio::test]
async fn the_same_differences_are_one_event_until_they_are_gone() {
    let (_database, store) = migrated().await;
    let diffs = json!([{"kind": "missing_column"}]);
    assert!(store.see_drift("crm", "people", "a", &diffs).await.unwrap());
    assert!(!store.see_drift("crm", "people", "a", &diffs).await.unwrap());
    assert!(store.see_drift("crm", "people", "b", &diffs).await.unwrap());
    let rows = store.drift("crm", ALL).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.fingerprint.as_str(), row.seen_count)).collect();
    assert_eq!(told, [("b", 1), ("a", 2)]);
    let resolved = store.resolve_drift("crm", "people", Some("b")).await.unwrap();
    assert_eq!(resolved.len(), 1);
    assert_eq!((resolved[0].fingerprint.as_str(), resolved[0].resolved_at.is_some()), ("a", true));
    assert_eq!(store.resolve_drift("crm", "people", Some("b")).await.unwrap(), []);
    assert_eq!(store.drift("crm", OPEN).await.unwrap().len(), 1);
    // Once gone, the same differences are a new event.
    assert!(store.see_drift("crm", "people", "a", &diffs).await.unwrap());
}

#[tokio::test]
async fn whoever_acknowledges_first_stays_and_only_their_own_clients_events_are_found() {
    let (_database, store) = migrated().await;
    store.see_drift("crm", "people", "a", &json!([])).await.unwrap();
    let row = store.drift("crm", OPEN).await.unwrap().remove(0);
    let id = Uuid::parse_str(&row.id).unwrap();
    assert_eq!(store.acknowledge_drift("other", id, "eve").await.unwrap(), None);
    let first = store.acknowledge_drift("crm", id, "ann").await.unwrap().unwrap();
    let second = store.acknowledge_drift("crm", id, "bob").await.unwrap().unwrap();
    assert_eq!(first.acknowledged_by.as_deref(), Some("ann"));
    assert_eq!(second, first);
    assert_eq!(store.open_drift("crm").await.unwrap(), 0);
    assert_eq!(store.drift("crm", OPEN).await.unwrap(), []);
    assert_eq!(store.drift("crm", ALL).await.unwrap(), [second]);
}
