//! Reads whose like was read before.

use crate::{
    access::{House, KEYS},
    support::TestGateway,
};
use http::Method;
use query::Param;
use serde_json::json;

const FETCH: &str = "/gateway/fetch";

fn of(value: &str) -> String {
    format!(
        r#"{{"table_name":"invoices","conditions":[{{"operator":"eq","column":"id","value":{value}}}],"limit":1}}"#
    )
}

#[tokio::test]
async fn reads_that_differ_in_their_values_are_planned_once_and_each_is_asked_with_its_own() {
    let gateway = TestGateway::open();
    let mut timings = Vec::new();
    for value in ["1", "2", "3", "-40"] {
        gateway.rows(&format!(r#"[{{"id":{value}}}]"#), 1);
        let reply = gateway.post(FETCH, &of(value)).await;
        assert_eq!(reply.body["data"].to_string(), format!(r#"[{{"id":{value}}}]"#));
        timings.push(reply.header("server-timing").unwrap().contains("plan;"));
    }
    assert_eq!(timings, [true, true, false, false]);
    let seen = gateway.backend.seen();
    let params: Vec<&Param> = seen.iter().map(|statement| &statement.params()[0]).collect();
    assert_eq!(params, [1, 2, 3, -40].map(Param::Int8).iter().collect::<Vec<_>>());
    assert!(seen.iter().all(|statement| statement.text() == seen[0].text()));
    // What does not fit is refused as if it were the first of its kind.
    for value in ["\"x\"", "1.5", "1 2", "99999999999999999999"] {
        let refused = gateway.post(FETCH, &of(value)).await;
        assert_eq!(refused.status, 400, "{value} {refused:?}");
    }
    assert_eq!(gateway.backend.seen().len(), 4);
}

#[tokio::test]
async fn what_was_learnt_with_one_key_opens_nothing_to_another_nor_to_itself_with_less_rights() {
    let house = House::build().await;
    let (key, id) = house.key(&["invoices.read"]).await;
    let (other, _) = house.key(&["secrets.read"]).await;
    for value in ["1", "2", "3"] {
        assert_eq!(house.fetch_with(&key, &of(value)).await.status, 200);
        assert_eq!(house.fetch_with(&other, &of(value)).await.status, 403);
    }
    let less = json!({ "rights": ["secrets.read"] });
    let changed = house.admin(Method::PATCH, &format!("{KEYS}/{id}"), &less).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(house.fetch_with(&key, &of("4")).await.status, 403);
}
