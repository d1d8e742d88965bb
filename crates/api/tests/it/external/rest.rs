//! The PostgREST surface of a database that belongs to somebody else.

use super::{Abroad, customers, only, sales, writing};
use crate::support::Reply;
use datasources::External;
use http::Method;
use serde_json::{Value, json};

impl Abroad {
    async fn rest(&self, method: Method, path: &str, prefer: &str, body: Value) -> Reply {
        let path = format!("/rest/v1/{path}");
        let mut headers = vec![("x-athena-client", "crm")];
        if !prefer.is_empty() {
            headers.push(("prefer", prefer));
        }
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.gateway.call(method, &path, &headers, &body).await
    }

    async fn read(&self, path: &str) -> Value {
        let reply = self.rest(Method::GET, path, "", Value::Null).await;
        assert_eq!(reply.status, 200, "{path} {reply:?}");
        reply.body
    }
}

const WHOLE: &str = "return=representation";

#[tokio::test]
async fn check_42_rest_writes_need_the_clients_word_and_the_resources() {
    for (terms, writable, is_allowed) in
        [(External::default(), true, false), (writing(), false, false), (writing(), true, true)]
    {
        let abroad = Abroad::with(terms).await;
        let mut wish = customers();
        wish["writable"] = writable.into();
        abroad.import("crm.t_cust", wish).await;
        let row = json!({"id": 7, "name": "Gus", "level": 7});
        let doors = [
            (Method::POST, "customers", row.clone()),
            (Method::PUT, "customers?id=eq.8", json!({"id": 8, "name": "Hal", "level": 8})),
            (Method::PATCH, "customers?id=eq.1", json!({"level": 9})),
            (Method::DELETE, "customers?id=eq.2", Value::Null),
        ];
        for (method, path, body) in doors {
            let reply = abroad.rest(method.clone(), path, "", body).await;
            if is_allowed {
                assert!((200..300).contains(&reply.status), "{method} {path} {reply:?}");
            } else {
                assert_eq!(reply.status, 403, "{method} {path} {reply:?}");
                assert_eq!(reply.body["code"], "EXTERNAL_WRITE_FORBIDDEN");
            }
        }
        let changed = "select count(*) from crm.t_cust where (cust_id, nm, lvl) in
            ((7, 'Gus', 7), (8, 'Hal', 8), (1, 'Ada', 9))";
        assert_eq!(abroad.count(changed).await, if is_allowed { 3 } else { 0 });
        let left = abroad.count("select count(*) from crm.t_cust").await;
        assert_eq!(left, if is_allowed { 4 } else { 3 });
    }
}

#[tokio::test]
async fn check_42_rest_neither_calls_what_writes_nor_writes_to_tables() {
    let abroad = Abroad::with(External::default()).await;
    let reply = abroad.rest(Method::POST, "rpc/sneak", "", json!({})).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("EXTERNAL_WRITE_FORBIDDEN")));
    // In a transaction that only reads, the database refuses it.
    let reply = abroad.rest(Method::GET, "rpc/sneak", "", Value::Null).await;
    assert_eq!(reply.body["code"], "EXTERNAL_WRITE_FORBIDDEN", "{reply:?}");
    let row = json!({"tenant": 2, "no": 2});
    let reply = abroad.rest(Method::POST, "orders", "", row).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("EXTERNAL_WRITE_FORBIDDEN")));
    assert_eq!(abroad.count("select count(*) from public.orders").await, 1);
}

#[tokio::test]
async fn check_53_rest_translates_select_filter_sort_count_and_write() {
    let abroad = Abroad::with(writing()).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    assert_eq!(
        abroad.read("customers?select=name,rank:level&level=gt.1&order=level.desc").await,
        json!([{"name": "Ada", "rank": 3}, {"name": "Cleo", "rank": 2}])
    );
    assert_eq!(
        abroad.read("customers?id=eq.2").await,
        json!([{"id": 2, "name": "Bob", "level": 1}])
    );
    let counted =
        abroad.rest(Method::GET, "customers?level=lt.3&limit=1", "count=exact", Value::Null).await;
    assert_eq!(counted.header("content-range"), Some("0-0/2"), "{counted:?}");
    let both = json!([
        {"id": 1, "name": "Ada L.", "level": 4}, {"id": 9, "name": "Ida", "level": 1},
    ]);
    let merge = "resolution=merge-duplicates,return=representation";
    let reply = abroad.rest(Method::POST, "customers", merge, both.clone()).await;
    assert_eq!(reply.body, both, "{reply:?}");
    let path = "customers?name=eq.Ida&select=id,level";
    let reply = abroad.rest(Method::PATCH, path, WHOLE, json!({"level": 5})).await;
    assert_eq!(reply.body, json!([{"id": 9, "level": 5}]), "{reply:?}");
    let reply = abroad.rest(Method::DELETE, "customers?level=eq.5", WHOLE, Value::Null).await;
    assert_eq!(reply.body, json!([{"id": 9, "name": "Ida", "level": 5}]), "{reply:?}");
    let row = json!({"id": 11, "name": "Kim"});
    let reply = abroad.rest(Method::POST, "customers", "return=headers-only", row).await;
    assert_eq!(reply.header("location"), Some("/customers?id=eq.11"), "{reply:?}");
    // What was left out is no column here, whatever the table has.
    for path in ["customers?select=secret", "customers?secret=eq.s1", "customers?select=nm"] {
        let reply = abroad.rest(Method::GET, path, "", Value::Null).await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("42703")), "{path}");
    }
}

#[tokio::test]
async fn check_53_rest_joins_resources_by_the_columns_of_their_tables() {
    let abroad = Abroad::with(writing()).await;
    let (mut some, mut more) = (customers(), sales());
    some["writable"] = true.into();
    more["writable"] = true.into();
    abroad.import("crm.t_cust", some).await;
    abroad.import("crm.t_ord", more).await;
    assert_eq!(
        abroad.read("sales?select=id,customers(name)&order=id.desc&limit=2").await,
        json!([{"id": 12, "customers": {"name": "Cleo"}}, {"id": 11, "customers": {"name": "Ada"}}])
    );
    assert_eq!(
        abroad.read("customers?select=name,sales!inner(what)&sales.what=eq.oil").await,
        json!([{"name": "Cleo", "sales": [{"what": "oil"}]}])
    );
    let row = json!({"id": 13, "customer": 2, "what": "rye"});
    let path = "sales?select=what,customers(name)";
    let reply = abroad.rest(Method::POST, path, WHOLE, row).await;
    assert_eq!(reply.body, json!([{"what": "rye", "customers": {"name": "Bob"}}]), "{reply:?}");
}

#[tokio::test]
async fn check_48_rest_shows_allowed_schemas_only() {
    let abroad = Abroad::with(only(&["hr"])).await;
    abroad.import("hr.pay", json!({"name": "wages"})).await;
    let of = async |schema: &str, path: &str| {
        let headers = [("x-athena-client", "crm"), ("accept-profile", schema)];
        abroad.gateway.call(Method::GET, &format!("/rest/v1/{path}"), &headers, "").await
    };
    for (schema, path) in [("crm", "t_cust"), ("crm", "items"), ("public", "orders")] {
        let reply = of(schema, path).await;
        assert!(matches!(reply.status, 404 | 406), "{schema}.{path} {reply:?}");
    }
    assert_eq!(of("hr", "items").await.body, json!([{"y": "from hr"}]));
    assert_eq!(of("public", "wages").await.body, json!([{"id": 1, "amount": 100}]));
}

#[tokio::test]
async fn checks_46_and_47_rest_reads_are_bounded_in_time_and_rows() {
    let abroad = Abroad::with(External { query_timeout_ms: 400, ..External::default() }).await;
    let reply = abroad.rest(Method::GET, "slow", "", Value::Null).await;
    assert_eq!((reply.status, &reply.body["code"]), (504, &json!("QUERY_TIMEOUT")), "{reply:?}");
    assert!(reply.text.contains("400 ms"), "{reply:?}");
    let reply = abroad.rest(Method::GET, "many", "", Value::Null).await;
    assert_eq!(reply.body.as_array().unwrap().len(), 1000);
    assert_eq!(reply.header("x-athena-limit-clamped"), Some("1000"));
    let reply = abroad.rest(Method::GET, "many?limit=1200", "", Value::Null).await;
    assert_eq!(reply.body.as_array().unwrap().len(), 1200);
    assert_eq!(reply.header("x-athena-limit-clamped"), None);
}
