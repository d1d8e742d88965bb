//! Writes: what is sent for them, whole, and what comes back.

use crate::support::Gateway;
use athena_client::Error;
use serde_json::{Value, json};

#[tokio::test]
async fn an_insert_sends_the_row_and_answers_the_new_one() {
    let gateway = Gateway::start().await;
    gateway.reply(
        200,
        json!({
            "data": { "id": 7, "status": "paid" }, "status": "success", "success": true,
            "message": "Data inserted successfully", "resource_id": "7", "table_name": "invoices",
        }),
    );
    let insert = gateway.athena().from("invoices").insert(json!({ "status": "paid" }));
    let written = insert.idempotency_key("k1").written::<Value>().await.unwrap();
    assert_eq!(written.rows, [json!({ "id": 7, "status": "paid" })]);
    assert_eq!((written.affected, written.resource_id.as_deref()), (Some(1), Some("7")));
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("PUT", "/gateway/insert"));
    let wanted = json!({ "table_name": "invoices", "insert_body": { "status": "paid" } });
    assert_eq!(seen.body, wanted);
    assert_eq!(seen.header("idempotency-key"), Some("k1"));
}

#[tokio::test]
async fn many_rows_go_in_one_request() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "status": "success", "data": [{ "id": 1 }, { "id": 2 }] }));
    let insert = gateway.athena().from("t").insert_many([json!({ "a": 1 }), json!({ "a": 2 })]);
    assert_eq!(insert.rows::<Value>().await.unwrap().len(), 2);
    let wanted = json!({ "table_name": "t", "insert_body": [{ "a": 1 }, { "a": 2 }] });
    assert_eq!(gateway.only().body, wanted);
}

#[tokio::test]
async fn an_upsert_changes_all_beside_the_key_or_what_is_said() {
    let gateway = Gateway::start().await;
    let row = json!({ "slug": "north", "name": "North", "hits": 1 });
    let reply = json!({ "status": "success", "data": { "slug": "north" } });
    gateway.reply(200, &reply);
    let table = || gateway.athena().from("t");
    table().upsert(&row).on_conflict(["slug"]).run().await.unwrap();
    gateway.reply(200, &reply);
    let upsert = table().upsert(&row).on_conflict(["slug"]).set("hits", 2);
    assert_eq!(upsert.row::<Value>().await.unwrap(), json!({ "slug": "north" }));
    let seen = gateway.seen();
    assert_eq!(seen[0].asked(), ("PUT", "/gateway/insert"));
    assert_eq!(
        seen[0].body,
        json!({
            "table_name": "t", "insert_body": row, "on_conflict": ["slug"],
            "update_body": { "name": "North", "hits": 1 },
        })
    );
    assert_eq!(seen[1].body["update_body"], json!({ "hits": 2 }));
}

#[tokio::test]
async fn an_update_sends_what_to_set_and_where() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [{ "id": 7 }, { "id": 8 }] }));
    let update = gateway.athena().from("t").update().set("a", 1).eq("id", 7);
    let update = update.set_all(json!({ "b": null })).not_null("c");
    assert_eq!(update.run().await.unwrap(), Some(2));
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/update"));
    assert_eq!(
        seen.body,
        json!({
            "table_name": "t", "set": { "a": 1, "b": null },
            "conditions": [
                { "column": "id", "operator": "eq", "value": 7 },
                { "column": "c", "operator": "not_null", "value": null },
            ],
        })
    );
}

#[tokio::test]
async fn a_delete_says_which_row_or_which_rows() {
    let gateway = Gateway::start().await;
    let table = || gateway.athena().from("t");
    gateway.reply(200, json!({ "status": "success", "message": "gone", "deleted_count": 1 }));
    assert_eq!(table().delete().id(7).run().await.unwrap(), Some(1));
    gateway.reply(200, json!({ "status": "success", "data": [{ "id": 8 }], "deleted_count": 1 }));
    let gone = table().delete().gt("id", 7).lt("id", 9).rows::<Value>().await.unwrap();
    assert_eq!(gone, [json!({ "id": 8 })]);
    gateway.reply(200, json!({ "status": "success", "message": "gone" }));
    assert_eq!(table().delete().eq("id", 7).run().await.unwrap(), None, "it was not said");
    let seen = gateway.seen();
    assert_eq!(seen[0].asked(), ("DELETE", "/gateway/delete"));
    assert_eq!(seen[0].body, json!({ "table_name": "t", "resource_id": 7 }));
    assert_eq!(
        seen[1].body,
        json!({
            "table_name": "t",
            "conditions": [
                { "column": "id", "operator": "gt", "value": 7 },
                { "column": "id", "operator": "lt", "value": 9 },
            ],
        })
    );
}

#[tokio::test]
async fn an_order_with_a_limit_or_a_page_says_which_of_the_matching_rows_are_meant() {
    let gateway = Gateway::start().await;
    let table = || gateway.athena().from("t");
    for _ in 0..3 {
        gateway.reply(200, json!({ "data": [] }));
    }
    let update = table().update().order_by("at").descending().order_by("id").limit(3).offset(1);
    update.set("a", 1).eq("b", 2).run().await.unwrap();
    let delete = table().delete().eq("b", 2).order_by("at").nulls_first().paged(2, 20);
    delete.run().await.unwrap();
    table().delete().eq("b", 2).limit(1).deferred().await.unwrap_err();
    let seen = gateway.seen();
    let conditions = json!([{ "column": "b", "operator": "eq", "value": 2 }]);
    assert_eq!(
        seen[0].body,
        json!({
            "table_name": "t", "set": { "a": 1 }, "limit": 3, "offset": 1, "conditions": conditions,
            "sort_by": [
                { "field": "at", "direction": "descending" },
                { "field": "id", "direction": "ascending" },
            ],
        })
    );
    assert_eq!(
        seen[1].body,
        json!({
            "table_name": "t", "current_page": 2, "page_size": 20, "conditions": conditions,
            "sort_by": { "field": "at", "direction": "ascending", "nulls": "first" },
        })
    );
    assert_eq!(seen[2].body, json!({ "table_name": "t", "limit": 1, "conditions": conditions }));
    let meant = || table().update().set("a", 1).eq("b", 2);
    for refused in [
        meant().order_by("at").run().await,
        meant().descending().limit(1).run().await,
        meant().paged(0, 5).run().await,
        table().delete().eq("b", 2).order_by("at").run().await,
    ] {
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{refused:?}");
    }
    assert_eq!(gateway.seen().len(), 3, "nothing of that was sent");
}

#[tokio::test]
async fn an_insert_may_wait_for_others() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!({ "data": [] }));
    let insert = gateway.athena().from("t").insert(json!({ "a": 1 }));
    insert.together_within(std::time::Duration::from_millis(5)).run().await.unwrap();
    let seen = gateway.only();
    assert_eq!(seen.header("x-athena-insert-window"), Some("5"));
    assert_eq!(seen.header("x-athena-defer"), None);
}

#[tokio::test]
async fn a_write_of_nothing_is_refused_before_it_is_sent() {
    let gateway = Gateway::start().await;
    let table = || gateway.athena().from("t");
    let refused = [
        table().insert(json!({})).run().await,
        table().insert(7).run().await,
        table().insert_many(Vec::<Value>::new()).run().await,
        table().insert_many([json!({ "a": 1 }), json!([])]).run().await,
        table().upsert(json!({ "id": 1 })).on_conflict(["id"]).run().await,
        table().update().eq("id", 1).run().await.map(drop),
        table().update().set_all(json!({})).eq("id", 1).run().await.map(drop),
        table().delete().id(None::<i64>).run().await.map(drop),
        table().delete().filter(athena_client::all([])).run().await.map(drop),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{refused:?}");
    }
    assert!(gateway.seen().is_empty());
}
