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
async fn pages_and_conditions_named_by_columns_are_planned_once_and_each_is_its_own() {
    let by_offset = |page: i64| format!(r#""limit":20,"offset":{}"#, (page - 1) * 20);
    let by_number = |page: i64| format!(r#""current_page":{page},"page_size":20"#);
    for window in [&by_offset as &dyn Fn(i64) -> String, &by_number] {
        let gateway = TestGateway::open();
        let mut planned = Vec::new();
        for page in [2, 3, 4, 1, 1_000] {
            gateway.rows("[]", 0);
            let window = window(page);
            let body = format!(
                r#"{{"table_name":"invoices","where":{{"id":{{"gt":{page}}}}},"sort_by":{{"id":"desc"}},{window}}}"#
            );
            let reply = gateway.post(FETCH, &body).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            planned.push(reply.header("server-timing").unwrap().contains("plan;"));
            let statement = gateway.backend.seen().pop().unwrap();
            let mut params = vec![Param::Int8(page)];
            if page > 1 {
                params.push(Param::Int8((page - 1) * 20));
            }
            assert_eq!(statement.params(), params, "{}", statement.text());
            assert_eq!(statement.text().contains("OFFSET"), page > 1);
        }
        // The first page is another statement.
        assert_eq!(planned, [true, true, false, true, false], "{}", window(2));
    }
}

#[tokio::test]
async fn writes_that_differ_in_their_values_are_planned_once_and_each_writes_its_own() {
    let row = |id: i64, paid_at: &str| {
        format!(
            r#"{{"table_name":"invoices","insert_body":{{"id":{id},"paid_at":"{paid_at}","amount":{id}.25}}}}"#
        )
    };
    let set = |id: i64, paid_at: &str| {
        let condition = format!(r#"{{"operator":"eq","column":"id","value":{id}}}"#);
        format!(
            r#"{{"table_name":"invoices","set":{{"paid_at":"{paid_at}","amount":{id}.25}},"conditions":[{condition}]}}"#
        )
    };
    for (path, of) in
        [("/gateway/insert", &row as &dyn Fn(i64, &str) -> String), ("/gateway/update", &set)]
    {
        let gateway = TestGateway::open();
        let mut planned = Vec::new();
        for id in 1..=4_i64 {
            gateway.rows(&format!(r#"[{{"id":{id}}}]"#), 1);
            let reply = gateway.post(path, &of(id, &format!("2024-05-0{id}"))).await;
            assert!(reply.body["data"].to_string().contains(&format!(r#""id":{id}"#)), "{reply:?}");
            planned.push(reply.header("server-timing").unwrap().contains("plan;"));
        }
        assert_eq!(planned, [true, true, false, false], "{path}");
        for (id, statement) in (1..).zip(gateway.backend.seen()) {
            let params = statement.params();
            let own = [
                Param::Int8(id),
                Param::Text(format!("2024-05-0{id}")),
                Param::Text(format!("{id}.25")),
            ];
            assert!(own.iter().all(|value| params.contains(value)), "{params:?}");
            assert_eq!(params.len(), 3);
        }
        let refused = gateway.post(path, &of(5, "x").replace("5.25", "\"x\"")).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert_eq!(gateway.backend.seen().len(), 4);
    }
}

#[tokio::test]
async fn a_learnt_read_by_a_key_can_be_run_with_others_like_it() {
    let gateway = TestGateway::open();
    let of_amount = of("1").replace(r#""id""#, r#""amount""#);
    for body in [of("1"), of("2"), of("3"), of_amount.clone(), of_amount.clone(), of_amount] {
        gateway.rows("[]", 0);
        assert_eq!(gateway.post(FETCH, &body).await.status, 200);
    }
    let seen = gateway.backend.seen();
    let texts: Vec<Option<&str>> =
        seen.iter().map(|read| read.gathered().map(|text| &**text)).collect();
    let gathered = texts[2].unwrap();
    assert!(gathered.contains("unnest($1::int8[]) WITH ORDINALITY"), "{gathered}");
    let others = texts.iter().enumerate().filter(|(at, _)| *at != 2);
    assert!(others.into_iter().all(|(_, text)| text.is_none()), "{texts:?}");
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
