//! While keys cannot be looked up, and reading is to go on.

use crate::{
    later::{Later, quick},
    support::TestGateway,
};
use api::ApiSettings;
use gateway::{Access, Deferred, Gateway, GatewaySettings, Keyring};
use http::Method;
use serde_json::json;
use store::{ChangeFeed, Store};

const FETCH: &str = r#"{"table_name":"invoices"}"#;
const INSERT: &str = r#"{"table_name":"invoices","insert_body":{"id":7}}"#;
const NOBODY_CHECKED: &str = "ath_0123456789abcdef.secret";

/// Keys are where nobody answers; the queue is where it can be written to.
async fn house(later: &Later) -> TestGateway {
    let keys = Store::open("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
    let store = Store::open(later.database.uri()).unwrap();
    let deferred = Deferred::new(store.clone(), ChangeFeed::start(store), quick());
    let access =
        Access::with_keyring(&Keyring::start(keys).await).failing_open(true).deferring(deferred);
    TestGateway::around(Gateway::new(GatewaySettings::default(), access), ApiSettings::default())
}

#[tokio::test]
async fn what_nobody_checked_reads_and_neither_writes_nor_leaves_a_write_for_later() {
    let later = Later::open(quick()).await;
    let house = house(&later).await;
    for (extra, key) in [(&[][..], None), (&[("x-athena-defer", "true")][..], Some(NOBODY_CHECKED))]
    {
        let mut headers = vec![("x-athena-client", "shop")];
        headers.extend_from_slice(extra);
        headers.extend(key.map(|key| ("apikey", key)));
        let read = house.call(Method::POST, "/gateway/fetch", &headers, FETCH).await;
        assert!([200, 202].contains(&read.status), "{read:?}");
        for (method, path, body) in [
            (Method::PUT, "/gateway/insert", INSERT),
            (Method::POST, "/gateway/query", r#"{"query":"delete from invoices"}"#),
        ] {
            let refused = house.call(method, path, &headers, body).await;
            assert_eq!(
                (refused.status, &refused.body["code"]),
                (403, &json!("missing_right")),
                "{refused:?}"
            );
        }
    }
    let mut connection = later.database.connect().await;
    let filed: i64 = sqlx::query_scalar(
        "select count(*) from gateway_deferred_request_queue where route <> '/gateway/fetch'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(filed, 0);
}
