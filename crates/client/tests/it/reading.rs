//! Reads: what is sent for them, whole.

use crate::support::{Gateway, KEY};
use athena_client::{Error, Is, Select, all, any, column, not};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize)]
struct Invoice {
    invoice_id: i64,
    status: String,
}

#[tokio::test]
async fn a_read_is_sent_as_the_gateway_wants_it_and_its_rows_are_typed() {
    let gateway = Gateway::start().await;
    gateway.reply(
        200,
        json!({
            "data": [{ "invoice_id": 7, "status": "paid", "more": [1] }],
            "status": "success", "message": "Fetched 1 rows", "cache_key": "k", "odd": {},
        }),
    );
    let rows = gateway
        .athena()
        .from("invoices")
        .select(["invoice_id", "status"])
        .eq("status", "paid")
        .order_by("amount")
        .descending()
        .limit(3)
        .rows::<Invoice>()
        .await
        .unwrap();
    assert_eq!(rows, [Invoice { invoice_id: 7, status: "paid".to_owned() }]);
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/fetch"));
    assert_eq!(
        seen.body,
        json!({
            "table_name": "invoices",
            "columns": ["invoice_id", "status"],
            "conditions": [{ "column": "status", "operator": "eq", "value": "paid" }],
            "sort_by": { "field": "amount", "direction": "descending" },
            "limit": 3,
        })
    );
    assert_eq!(seen.header("x-athena-key"), Some(KEY));
    assert_eq!(seen.header("x-athena-client"), Some("shop"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("x-request-id").map(str::len), Some(32));
    for absent in ["authorization", "apikey", "x-api-key", "idempotency-key", "x-athena-defer"] {
        assert_eq!(seen.header(absent), None, "{absent}");
    }
}

async fn conditions(build: impl FnOnce(Select) -> Select) -> Value {
    let gateway = Gateway::start().await;
    gateway.reply(200, "[]");
    let select = build(gateway.athena().from("t").all());
    assert_eq!(select.rows::<Value>().await.unwrap(), Vec::<Value>::new());
    gateway.only().body["conditions"].clone()
}

#[tokio::test]
async fn every_operator_has_its_word() {
    let sent = conditions(|select| {
        select
            .eq("a", 1)
            .neq("a", None::<i32>)
            .gt("a", 1.5)
            .gte("a", "x")
            .lt("a", true)
            .lte("a", 2)
            .like("a", "x%")
            .ilike("a", "%x")
            .in_("a", [1, 2])
            .not_in("a", Vec::<i32>::new())
            .is("a", Is::True)
            .is("a", Is::Unknown)
            .is_null("a")
            .not_null("a")
            .contains("a", ["x"])
            .contained("a", json!({ "k": 1 }))
    })
    .await;
    let wanted = [
        ("eq", json!(1)),
        ("neq", Value::Null),
        ("gt", json!(1.5)),
        ("gte", json!("x")),
        ("lt", json!(true)),
        ("lte", json!(2)),
        ("like", json!("x%")),
        ("ilike", json!("%x")),
        ("in", json!([1, 2])),
        ("not_in", json!([])),
        ("is", json!(true)),
        ("is", json!("unknown")),
        ("is", Value::Null),
        ("not_null", Value::Null),
        ("contains", json!(["x"])),
        ("contained", json!({ "k": 1 })),
    ];
    let wanted = wanted
        .map(|(operator, value)| json!({ "column": "a", "operator": operator, "value": value }));
    assert_eq!(sent, json!(wanted));
}

#[tokio::test]
async fn groups_nest() {
    let sent = conditions(|select| {
        let late = all([column("paid_at").is_null(), column("due").lt("2026-01-01")]);
        select.filter(any([column("status").eq("void"), not(late)])).eq("id", 7)
    })
    .await;
    assert_eq!(
        sent,
        json!([
            { "or": [
                { "column": "status", "operator": "eq", "value": "void" },
                { "not": { "and": [
                    { "column": "paid_at", "operator": "is", "value": null },
                    { "column": "due", "operator": "lt", "value": "2026-01-01" },
                ] } },
            ] },
            { "column": "id", "operator": "eq", "value": 7 },
        ])
    );
}

#[tokio::test]
async fn the_rest_of_a_read_is_sent_too() {
    let gateway = Gateway::start().await;
    let body = json!({ "data": [], "count": 41, "meta": { "backend": "postgres" } });
    gateway.reply_with(200, &[("x-athena-cached", "true"), ("x-request-id", "theirs")], body);
    let page = gateway
        .athena()
        .for_client("other")
        .unwrap()
        .from("t")
        .schema("billing")
        .all()
        .order_by("a")
        .nulls_last()
        .order_by("b")
        .descending()
        .nulls_first()
        .offset(20)
        .strip_nulls()
        .with_count()
        .no_cache()
        .request_id("mine")
        .page::<Value>()
        .await
        .unwrap();
    assert_eq!((page.count, page.is_cached), (Some(41), Some(true)));
    assert_eq!(
        (page.request_id.as_str(), &page.meta),
        ("theirs", &json!({ "backend": "postgres" }))
    );
    let seen = gateway.only();
    assert_eq!(
        seen.body,
        json!({
            "table_name": "t", "schema": "billing", "offset": 20, "strip_nulls": true,
            "count": "exact",
            "sort_by": [
                { "field": "a", "direction": "ascending", "nulls": "last" },
                { "field": "b", "direction": "descending", "nulls": "first" },
            ],
        })
    );
    assert_eq!(seen.header("x-request-id"), Some("mine"));
    assert_eq!(seen.header("x-athena-client"), Some("other"));
    assert_eq!(seen.header("cache-control"), Some("no-cache"));
}

#[tokio::test]
async fn a_count_asks_for_no_rows() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "status": "success", "data": [], "count": 20_000 }));
    assert_eq!(gateway.athena().from("t").all().gt("a", 1).count().await.unwrap(), 20_000);
    assert_eq!(
        gateway.only().body,
        json!({
            "table_name": "t", "count": "exact", "limit": 0,
            "conditions": [{ "column": "a", "operator": "gt", "value": 1 }],
        })
    );
    gateway.reply(200, json!({ "status": "success", "data": [] }));
    let missing = gateway.athena().from("t").all().count().await.unwrap_err();
    assert!(matches!(missing, Error::Unreadable { status: 200, .. }), "{missing:?}");
}

#[tokio::test]
async fn one_is_exactly_one_and_first_is_at_most_one() {
    let gateway = Gateway::start().await;
    let read = || gateway.athena().from("t").all();
    for (rows, found) in [(json!([]), 0), (json!([1, 2]), 2)] {
        gateway.reply(200, &rows);
        let refused = read().one::<i32>().await.unwrap_err();
        assert!(matches!(refused, Error::NotOneRow { found: n } if n == found), "{refused:?}");
    }
    gateway.reply(200, "[5]");
    assert_eq!(read().one::<i32>().await.unwrap(), 5);
    gateway.reply(200, "[]");
    assert_eq!(read().first::<i32>().await.unwrap(), None);
    let limits: Vec<_> = gateway.seen().iter().map(|seen| seen.body["limit"].clone()).collect();
    assert_eq!(limits, [2, 2, 2, 1]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_sent() {
    let gateway = Gateway::start().await;
    let athena = gateway.athena();
    let all = || athena.from("t").all();
    let unwritable = std::collections::HashMap::from([(vec![1], 1)]);
    let refused = [
        athena.from(" ").all().rows::<Value>().await,
        athena.from("t").select(Vec::<String>::new()).rows().await,
        all().descending().rows().await,
        all().nulls_first().rows().await,
        all().filter(any([])).rows().await,
        athena.sql(" ").rows().await,
        athena.rpc("").rows().await,
        athena.rpc("f").descending().rows().await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{refused:?}");
    }
    let refused = all().eq("column", unwritable).rows::<Value>().await.unwrap_err();
    assert!(matches!(&refused, Error::NotJson { what, .. } if what == "column"), "{refused:?}");
    let refused = all().request_id("a\nb").rows::<Value>().await.unwrap_err();
    assert!(matches!(refused, Error::Setting { setting: "request_id", .. }), "{refused:?}");
    assert!(gateway.seen().is_empty());
}
