//! Federation: what is listed, drafted, imported, and asked for afterwards.

use super::{Abroad, customers, only, sales, terms, writing};
use crate::support::{Reply, client};
use datasources::External;
use gateway::{Access, ClientInfo, Desk, Gateway, GatewaySettings};
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use store::ChangeFeed;

fn names(reply: &Reply) -> Vec<String> {
    let tables = reply.body["data"]["tables"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    tables.iter().map(|one| format!("{}.{}", text(&one["schema"]), text(&one["name"]))).collect()
}

#[tokio::test]
async fn check_48_the_list_shows_allowed_schemas_only() {
    let abroad = Abroad::with(only(&["hr"])).await;
    for path in ["remote-tables", "external/tables", "external/tables?schema=hr"] {
        let reply = abroad.admin(Method::GET, path, Value::Null).await;
        assert_eq!(names(&reply), ["hr.items", "hr.pay"], "{path}");
    }
    let pay =
        &abroad.admin(Method::GET, "remote-tables", Value::Null).await.body["data"]["tables"][1];
    assert_eq!((&pay["kind"], &pay["columnCount"]), (&json!("table"), &json!(2)));
    let refused = abroad.admin(Method::GET, "external/tables?schema=crm", Value::Null).await;
    assert_eq!(refused.refusal().1, "EXTERNAL_IMPORT_ERROR");
    // What is not shown cannot be asked for either.
    let fetch = json!({"table_name": "t_cust", "table_schema": "crm"});
    let reply = abroad.fetch(fetch).await;
    assert_eq!((reply.status, reply.refusal().1), (404, "unknown_table"));
    let reply = abroad.fetch(json!({"table_name": "pay", "table_schema": "hr"})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn check_49_draft_import_and_catalog_show_allowed_schemas_only() {
    let abroad = Abroad::with(only(&["hr"])).await;
    for step in ["draft", "import"] {
        let path = format!("external/tables/crm.t_cust/{step}");
        let refused = abroad.admin(Method::POST, &path, Value::Null).await;
        assert_eq!((refused.status, refused.refusal().1), (400, "EXTERNAL_IMPORT_ERROR"));
        let path = format!("external/tables/t_cust/{step}");
        let refused = abroad.admin(Method::POST, &path, json!({"remoteSchema": "crm"})).await;
        assert_eq!((refused.status, refused.refusal().1), (400, "EXTERNAL_IMPORT_ERROR"));
    }
    let read = abroad.admin(Method::POST, "external/refresh-catalog", Value::Null).await;
    assert!(!read.text.contains("t_cust"), "{read:?}");
    assert!(read.text.contains("pay"), "{read:?}");
    // A list that shrinks closes what was imported before.
    abroad.import("hr.pay", Value::Null).await;
    abroad.edit("crm", Some(terms(only(&["crm"])))).schema().await.unwrap();
    let reply = abroad.fetch(json!({"table_name": "pay"})).await;
    assert_eq!((reply.status, reply.refusal().1), (503, "EXTERNAL_SCHEMA_MISMATCH"));
}

#[tokio::test]
async fn check_50_the_same_name_in_two_schemas_is_told_apart() {
    let abroad = Abroad::with(External::default()).await;
    let refused = abroad.admin(Method::POST, "external/tables/items/import", Value::Null).await;
    assert_eq!(refused.body["details"]["schemas"], json!(["crm", "hr"]), "{refused:?}");
    let object = abroad.import("hr.items", Value::Null).await;
    assert_eq!(object["remoteSchema"], "hr");
    let reply = abroad.fetch(json!({"table_name": "items"})).await;
    assert_eq!(reply.body["data"], json!([{"y": "from hr"}]), "{reply:?}");
    let object = abroad.import("items", json!({"remoteSchema": "crm", "name": "things"})).await;
    assert_eq!(object["columnMap"], json!({"x": "x"}));
}

#[tokio::test]
async fn check_51_an_import_is_queryable_at_once_and_only_read() {
    let abroad = Abroad::with(writing()).await;
    let before = abroad.fetch(json!({"table_name": "customers"})).await;
    assert_eq!(before.refusal().1, "unknown_table");
    let object = abroad.import("crm.t_cust", customers()).await;
    assert_eq!((&object["writable"], &object["name"]), (&json!(false), &json!("customers")));
    let reply = abroad
        .fetch(json!({"table_name": "customers", "sort_by": {"field": "id", "direction": "asc"}}))
        .await;
    assert_eq!(
        reply.body["data"],
        json!([
            {"id": 1, "name": "Ada", "level": 3},
            {"id": 2, "name": "Bob", "level": 1},
            {"id": 3, "name": "Cleo", "level": 2},
        ]),
        "{reply:?}"
    );
    let insert = json!({"table_name": "customers", "insert_body": {"id": 7, "name": "Gus"}});
    let reply = abroad.data(Method::PUT, "/gateway/insert", insert).await;
    assert_eq!(reply.refusal().1, "EXTERNAL_WRITE_FORBIDDEN");
    let listed = abroad.admin(Method::GET, "external/objects", Value::Null).await;
    assert_eq!(listed.body["data"]["objects"][0]["name"], "customers");
    assert_eq!(listed.body["data"]["objects"][0]["state"], "sound");
    let gone = abroad.admin(Method::DELETE, "external/objects/customers", Value::Null).await;
    assert_eq!(gone.status, 200);
    let reply = abroad.fetch(json!({"table_name": "customers"})).await;
    assert_eq!(reply.refusal().1, "unknown_table");
    let gone = abroad.admin(Method::DELETE, "external/objects/customers", Value::Null).await;
    assert_eq!((gone.status, gone.refusal().1), (404, "EXTERNAL_RESOURCE_NOT_FOUND"));
}

#[tokio::test]
async fn check_52_a_name_that_is_taken_is_a_conflict_and_nothing_changes() {
    let abroad = Abroad::with(External::default()).await;
    abroad.import("crm.t_cust", customers()).await;
    for (remote, name) in [("hr.pay", "customers"), ("hr.pay", "orders")] {
        let path = format!("external/tables/{remote}/import");
        let refused = abroad.admin(Method::POST, &path, json!({"name": name})).await;
        assert_eq!((refused.status, refused.refusal().1), (409, "EXTERNAL_NAME_TAKEN"), "{name}");
    }
    let listed = abroad.admin(Method::GET, "external/objects", Value::Null).await;
    assert_eq!(listed.body["data"]["objects"].as_array().unwrap().len(), 1);
    assert_eq!(listed.body["data"]["objects"][0]["remoteName"], "t_cust");
    // A table may be a resource of its own name.
    abroad.import("public.orders", Value::Null).await;
}

#[tokio::test]
async fn check_53_names_are_translated_in_select_filter_sort_aggregate_and_write() {
    let abroad = Abroad::with(writing()).await;
    let mut wish = customers();
    wish["writable"] = true.into();
    abroad.import("crm.t_cust", wish).await;
    let read = json!({
        "table_name": "customers", "columns": "name,level",
        "conditions": [{"operator": "gt", "column": "level", "value": 1}],
        "sort_by": {"field": "level", "direction": "desc"}, "count": "exact",
    });
    let reply = abroad.fetch(read).await;
    assert_eq!(
        reply.body["data"],
        json!([{"name": "Ada", "level": 3}, {"name": "Cleo", "level": 2}])
    );
    assert_eq!(reply.body["count"], 2);
    let grouped =
        json!({"table_name": "customers", "group_by": "name", "aggregation_column": "level"});
    let reply = abroad.fetch(grouped).await;
    assert!(reply.body["post_processing"]["grouped"].to_string().contains("Ada"), "{reply:?}");
    let counted = json!({"table_name": "customers", "conditions": [{"operator": "lt", "column": "level", "value": 3}]});
    let reply = abroad.data(Method::POST, "/query/count", counted).await;
    assert!(reply.text.contains("\"count\":2"), "{reply:?}");
    let insert = json!({
        "table_name": "customers", "insert_body": {"id": 1, "name": "Ada L.", "level": 4},
        "on_conflict": "id", "update_body": {"name": "Ada L."},
    });
    let reply = abroad.data(Method::PUT, "/gateway/insert", insert).await;
    assert_eq!(reply.body["data"], json!({"id": 1, "name": "Ada L.", "level": 3}), "{reply:?}");
    assert_eq!(
        (&reply.body["resource_id"], &reply.body["table_name"]),
        (&json!("1"), &json!("customers"))
    );
    assert_eq!(abroad.count("select count(*) from crm.t_cust where nm = 'Ada L.'").await, 1);
    // What was left out is not there to be asked for.
    let reply = abroad.fetch(json!({"table_name": "customers", "columns": "secret"})).await;
    assert_eq!(reply.refusal().1, "unknown_column");
    let reply = abroad.fetch(json!({"table_name": "customers", "columns": "nm"})).await;
    assert_eq!(reply.refusal().1, "unknown_column");
}

#[tokio::test]
async fn check_53_resources_are_joined_by_the_columns_of_their_tables() {
    let abroad = Abroad::with(External::default()).await;
    abroad.import("crm.t_cust", customers()).await;
    abroad.import("crm.t_ord", sales()).await;
    let read = json!({"table_name": "sales", "select": "id,customers(name)",
        "sort_by": {"field": "id", "direction": "desc"}, "limit": 2});
    let reply = abroad.fetch(read).await;
    let expected = json!([
        {"id": 12, "customers": {"name": "Cleo"}}, {"id": 11, "customers": {"name": "Ada"}},
    ]);
    assert_eq!(reply.body["data"], expected, "{reply:?}");
    let read = json!({"table_name": "customers", "select": "name,sales!inner(what)",
        "conditions": [{"eq_column": "sales.what", "eq_value": "oil"}]});
    let reply = abroad.fetch(read).await;
    let expected = json!([{"name": "Cleo", "sales": [{"what": "oil"}]}]);
    assert_eq!(reply.body["data"], expected, "{reply:?}");
}

#[tokio::test]
async fn check_54_what_does_not_survive_is_flagged_in_draft_import_and_validation() {
    let abroad = Abroad::with(External::default()).await;
    let wish = json!({"types": {"cust_id": "boolean"}});
    let draft = abroad.admin(Method::POST, "external/tables/crm.t_cust/draft", wish.clone()).await;
    let notes = draft.body["data"]["draft"]["notes"].as_array().unwrap();
    let noted: Vec<_> = notes.iter().map(|note| (&note["column"], &note["kind"])).collect();
    let expected =
        [(&json!("cust_id"), &json!("lossy_type")), (&json!("shape"), &json!("unknown_type"))];
    assert_eq!(noted, expected);
    let listed = abroad.admin(Method::GET, "external/objects", Value::Null).await;
    assert_eq!(listed.body["data"]["objects"], json!([]), "a draft writes nothing");
    let object = abroad.import("crm.t_cust", wish).await;
    assert_eq!(object["notes"].as_array().unwrap().len(), 2);
    let verdict = abroad.admin(Method::POST, "external/validate", Value::Null).await;
    assert_eq!(verdict.body["data"]["ok"], true, "{verdict:?}");
    let diffs = verdict.body["data"]["results"][0]["diffs"].as_array().unwrap();
    assert!(diffs.iter().all(|diff| diff["severity"] == "warning"), "{diffs:?}");
    assert_eq!(diffs.len(), 2);
    let wrong = json!({"types": {"nm": "vector"}});
    let refused = abroad.admin(Method::POST, "external/tables/crm.t_cust/draft", wrong).await;
    assert_eq!(refused.body["details"]["column"], "nm");
}

#[tokio::test]
async fn check_55_a_catalog_is_kept_and_read_again() {
    let abroad = Abroad::with(External::default()).await;
    let none = abroad.admin(Method::GET, "external/catalog", Value::Null).await;
    assert_eq!((none.status, none.refusal().1), (404, "EXTERNAL_CATALOG_NOT_FOUND"));
    let read = abroad.admin(Method::POST, "external/refresh-catalog", Value::Null).await;
    let read = &read.body["data"]["catalog"];
    assert_eq!(read["name"], "crm_catalog");
    abroad.remote.run("drop table hr.pay").await;
    let kept = abroad.admin(Method::GET, "external/catalog", Value::Null).await;
    let kept = &kept.body["data"]["catalog"];
    assert_eq!((&kept["tables"], &kept["id"]), (&read["tables"], &read["id"]));
    assert!(kept["ageSeconds"].as_i64().unwrap() >= 0);
    let newer = abroad.admin(Method::POST, "external/refresh-catalog", Value::Null).await;
    assert!(!newer.text.contains("\"pay\""));
    let path = format!("external/catalog?snapshot={}", read["id"].as_str().unwrap());
    let older = abroad.admin(Method::GET, &path, Value::Null).await;
    assert_eq!(older.body["data"]["catalog"]["tables"], read["tables"]);
    let odd = abroad.admin(Method::GET, "external/catalog?snapshot=x", Value::Null).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn check_56_validation_is_about_its_client_and_no_other() {
    let abroad = Abroad::with(External::default()).await;
    abroad.edit("other", Some(terms(External::default()))).schema().await.unwrap();
    abroad.import("crm.t_cust", customers()).await;
    let other =
        abroad.admin_of("other", Method::POST, "external/tables/hr.pay/import", Value::Null).await;
    assert_eq!(other.status, 201, "{other:?}");
    abroad.remote.run("drop table hr.pay").await;
    let verdict = abroad.admin(Method::POST, "external/validate", Value::Null).await;
    assert_eq!(verdict.body["data"]["ok"], true);
    assert_eq!(verdict.body["data"]["results"].as_array().unwrap().len(), 1);
    let verdict = abroad.admin_of("other", Method::POST, "external/validate", Value::Null).await;
    assert_eq!(verdict.body["data"]["ok"], false);
    assert_eq!(verdict.body["data"]["results"][0]["diffs"][0]["kind"], "missing_table");
}

#[tokio::test]
async fn check_57_a_key_of_several_columns_is_kept_whole() {
    let abroad = Abroad::with(writing()).await;
    let wish = json!({"name": "sales", "rename": {"no": "number"}, "writable": true});
    let object = abroad.import("public.orders", wish).await;
    assert_eq!(object["primaryKey"], json!(["tenant", "no"]));
    let read = abroad.admin(Method::POST, "external/refresh-catalog", Value::Null).await;
    let tables = read.body["data"]["catalog"]["tables"].as_array().unwrap();
    let orders = tables.iter().find(|table| table["remoteName"] == "orders").unwrap();
    assert_eq!(orders["primaryKey"], json!(["tenant", "no"]));
    let keyed = |at: usize| orders["columns"][at]["primaryKey"] == true;
    assert!(keyed(0) && keyed(1) && !keyed(2));
    // Both columns are what an upsert tells rows apart by.
    let upsert = json!({
        "table_name": "sales", "insert_body": {"tenant": 1, "number": 1, "note": "again"},
        "update_body": {"note": "again"},
    });
    let reply = abroad.data(Method::PUT, "/gateway/insert", upsert).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(abroad.count("select count(*) from public.orders where note = 'again'").await, 1);
}

#[tokio::test]
async fn what_one_node_imports_another_one_answers_a_moment_later() {
    let abroad = Abroad::with(External::default()).await;
    let desk = Desk::new(abroad.store.clone(), ChangeFeed::start(abroad.store.clone()));
    let access = Access::open().administering(desk);
    let other = Gateway::new(GatewaySettings::default(), access);
    other.federate().await.unwrap();
    let crm = abroad.gateway.gateway.registry().get(&client("crm")).unwrap();
    let upstream = other.registry().add(
        client("crm"),
        std::sync::Arc::clone(crm.backend()),
        ClientInfo::clone(&crm.info()),
    );
    upstream.schema().await.unwrap();
    abroad.import("crm.t_cust", customers()).await;
    let began = Instant::now();
    while upstream.schema().await.unwrap().table(None, "customers").is_none() {
        assert!(began.elapsed() < Duration::from_secs(5), "the other node never heard of it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_doors_of_administrators_are_closed_to_everybody_else() {
    let abroad = Abroad::with(External::default()).await;
    let path = "/api/v1/datasources/nobody-knows/external/tables";
    let stranger = abroad.gateway.call(Method::GET, path, &[], "").await;
    assert_eq!(stranger.status, 401, "{stranger:?}");
    let unknown =
        abroad.admin_of("nobody-knows", Method::GET, "external/tables", Value::Null).await;
    assert_eq!((unknown.status, unknown.refusal().1), (404, "DATASOURCE_NOT_FOUND"));
    let odd = json!({"colums": []});
    let refused = abroad.admin(Method::POST, "external/tables/hr.pay/draft", odd).await;
    assert_eq!(
        (refused.refusal().1, &refused.body["details"]["field"]),
        ("unknown_field", &json!("colums"))
    );
    let odd = json!({"rename": 7});
    let refused = abroad.admin(Method::POST, "external/tables/hr.pay/draft", odd).await;
    assert_eq!(
        (refused.refusal().1, &refused.body["details"]["field"]),
        ("invalid_field", &json!("rename"))
    );
}
