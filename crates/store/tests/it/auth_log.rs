use crate::migrated;
use api_types::ClientName;
use sqlx::Row;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::{AuthFilter, AuthLog, AuthRow, LogSettings, Retention, Store};

fn row(request: &str, reason: &'static str) -> AuthRow {
    AuthRow {
        request_id: Arc::from(request),
        public_id: Some(Arc::from("0123456789abcdef")),
        client: Some(ClientName::parse("shop").unwrap()),
        method: "POST".into(),
        path: "/gateway/fetch".into(),
        presented_digest: None,
        required: vec!["invoices.read".into()],
        granted: vec![Arc::from("gateway.read")],
        authenticated: true,
        authorized: reason == "api_key_authenticated",
        enforced: true,
        reason: reason.into(),
        remote_addr: Some([192, 0, 2, 7].into()),
        user_agent: Some("a program".into()),
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800),
    }
}

async fn listed(store: &Store, filter: AuthFilter) -> Vec<String> {
    let filter = AuthFilter { limit: 100, ..filter };
    store.list_auth(&filter).await.unwrap().into_iter().map(|row| row.request_id).collect()
}

#[tokio::test]
async fn a_use_of_a_key_is_written_down_as_it_was() {
    let (_database, store) = migrated().await;
    let log = AuthLog::start(store.clone(), LogSettings::default());
    log.record(row("a", "api_key_authenticated"));
    log.close().await;
    let kept = store.list_auth(&AuthFilter { limit: 10, ..AuthFilter::default() }).await.unwrap();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((kept.request_id.as_str(), kept.path.as_str()), ("a", "/gateway/fetch"));
    assert_eq!(kept.time, "2000-01-01T00:00:00.000000Z");
    assert_eq!(
        (kept.required_rights.as_str(), kept.granted_rights.as_str()),
        (r#"["invoices.read"]"#, r#"["gateway.read"]"#)
    );
    assert_eq!(
        (kept.remote_addr.as_deref(), kept.user_agent.as_deref()),
        (Some("192.0.2.7"), Some("a program"))
    );
    assert!(kept.authenticated && kept.authorized && kept.enforced);
    assert_eq!(log.dropped(), 0);
}

#[tokio::test]
async fn one_request_id_twice_is_two_rows_and_each_filter_narrows() {
    let (_database, store) = migrated().await;
    let log = AuthLog::start(store.clone(), LogSettings::default());
    for (request, reason) in
        [("a", "api_key_authenticated"), ("a", "expired_api_key"), ("b", "missing_api_key")]
    {
        log.record(row(request, reason));
    }
    log.record(AuthRow {
        client: ClientName::parse("books").ok(),
        public_id: None,
        ..row("c", "unknown_api_key")
    });
    log.close().await;
    let any = AuthFilter::default;
    assert_eq!(listed(&store, any()).await, ["c", "b", "a", "a"]);
    assert_eq!(listed(&store, AuthFilter { request_id: Some("a".into()), ..any() }).await.len(), 2);
    assert_eq!(listed(&store, AuthFilter { client: Some("BOOKS".into()), ..any() }).await, ["c"]);
    assert_eq!(listed(&store, AuthFilter { authorized: Some(true), ..any() }).await, ["a"]);
    assert_eq!(
        listed(&store, AuthFilter { reason: Some("missing_api_key".into()), ..any() }).await,
        ["b"]
    );
    assert_eq!(
        listed(&store, AuthFilter { public_id: Some("0123456789abcdef".into()), ..any() })
            .await
            .len(),
        3
    );
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_801);
    assert!(listed(&store, AuthFilter { since: Some(later), ..any() }).await.is_empty());
    assert_eq!(listed(&store, AuthFilter { until: Some(later), ..any() }).await.len(), 4);
    let page = AuthFilter { limit: 2, offset: 1, ..any() };
    let page = store.list_auth(&page).await.unwrap();
    assert_eq!(page.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
}

#[tokio::test]
async fn a_full_queue_of_uses_drops_and_counts_and_old_ones_are_forgotten() {
    let (database, store) = migrated().await;
    let settings =
        LogSettings { queue: 2, every: Duration::from_secs(60), ..LogSettings::default() };
    let log = AuthLog::start(store.clone(), settings);
    for _ in 0..50 {
        log.record(row("a", "api_key_authenticated"));
    }
    log.close().await;
    let kept: i64 = sqlx::query("select count(*) from api_key_auth_log")
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap()
        .get(0);
    assert!(log.dropped() > 0);
    assert_eq!(u64::try_from(kept).unwrap() + log.dropped(), 50);
    let century = Duration::from_secs(100 * 365 * 86_400);
    let long = Retention { authentication: century, ..Retention::default() };
    assert_eq!(store.forget(&long).await.unwrap(), 0);
    assert_eq!(store.forget(&Retention::default()).await.unwrap(), kept.unsigned_abs());
}
