use crate::migrated;
use std::time::Duration;
use store::{ChangeFeed, Topic};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_change_is_heard_by_those_who_watch_its_topic_only() {
    let (_database, store) = migrated().await;
    let feed = ChangeFeed::start(store.clone());
    let mut clients = feed.watch(Topic::Clients);
    let mut routes = feed.watch(Topic::PublicRoutes);
    // Listening begins with a word to everybody.
    timeout(PATIENCE, clients.changed()).await.unwrap().unwrap();
    timeout(PATIENCE, routes.changed()).await.unwrap().unwrap();
    store.announce(Topic::Clients).await.unwrap();
    timeout(PATIENCE, clients.changed()).await.unwrap().unwrap();
    assert!(!routes.has_changed().unwrap());
}
