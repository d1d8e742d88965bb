//! Keys, rights and policies as administrators change them.

use crate::{
    access::{ADMIN, FETCH, House, INVOICES, KEYS},
    support::Reply,
};
use auth::SEEDED_RIGHTS;
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use store::NewSession;

const RIGHTS: &str = "/admin/api-key-rights";
const CONFIG: &str = "/admin/api-key-config";
const CLIENTS: &str = "/admin/api-key-clients";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

impl House {
    async fn change(&self, id: &str, body: Value) -> Reply {
        self.admin(Method::PATCH, &format!("{KEYS}/{id}"), &body).await
    }

    async fn rotate(&self, id: &str, body: Value) -> Reply {
        self.admin(Method::POST, &format!("{KEYS}/{id}/rotate"), &body).await
    }
}

#[tokio::test]
async fn a_key_is_changed_field_by_field_and_null_empties_a_field() {
    let house = House::build().await;
    let wanted = json!({
        "name": "x", "description": "y", "client_name": "shop",
        "expires_at": "2131-01-01T00:00:00Z", "rights": ["invoices.read"],
    });
    let made = house.admin(Method::POST, KEYS, &wanted).await;
    let key = text(&made.body["data"]["api_key"]).to_owned();
    let id = text(&made.body["data"]["record"]["id"]).to_owned();
    let changed = house.change(&id, json!({ "name": " z " })).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let record = &changed.body["data"]["record"];
    assert_eq!((&record["name"], &record["description"]), (&json!("z"), &json!("y")));
    assert_eq!(record["expires_at"], "2131-01-01T00:00:00.000000Z");
    let nothing = json!({ "description": null, "client_name": null, "expires_at": null });
    let emptied = house.change(&id, nothing).await;
    let record = &emptied.body["data"]["record"];
    for field in ["description", "client_name", "expires_at"] {
        assert_eq!(record[field], Value::Null, "{field}");
    }
    assert_eq!(record["rights"], json!(["invoices.read"]));
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 200);
    house.change(&id, json!({ "rights": ["secrets.read"] })).await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 403, "rights are replaced");
    house.change(&id, json!({ "rights": ["invoices.read"], "client_name": "BOOKS" })).await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.body["code"], "api_key_client_mismatch");
    house.change(&id, json!({ "client_name": "Shop", "is_active": false })).await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 401);
    house.change(&id, json!({ "is_active": true })).await;
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 200);
}

#[tokio::test]
async fn a_change_that_makes_no_sense_is_refused_by_its_field_and_changes_nothing() {
    let house = House::build().await;
    let (_, id) = house.key(&["invoices.read"]).await;
    for (body, code) in [
        (json!({ "name": null }), "invalid_field"),
        (json!({ "name": " " }), "missing_field"),
        (json!({ "is_active": null }), "invalid_field"),
        (json!({ "is_active": "yes" }), "invalid_field"),
        (json!({ "rights": null }), "invalid_field"),
        (json!({ "rights": ["invoices.raed"] }), "unknown_right"),
        (json!({ "expires_at": "2001-01-01T00:00:00Z" }), "invalid_timestamp"),
        (json!({ "client_name": "a b" }), "invalid_field"),
        (json!({ "name": "other", "secret": "x" }), "unknown_field"),
        (json!([]), "invalid_payload"),
    ] {
        let refused = house.change(&id, body.clone()).await;
        assert_eq!(refused.status, 400, "{body} {refused:?}");
        if body.is_object() {
            assert_eq!(refused.body["code"], code, "{body}");
        }
    }
    let listed = house.admin(Method::GET, KEYS, &Value::Null).await;
    assert_eq!(listed.body["data"]["api_keys"][0]["name"], "test");
    let nobody = "00000000-0000-0000-0000-000000000000";
    assert_eq!(house.change(nobody, json!({})).await.refusal().0, 404);
    assert_eq!(house.change("7", json!({})).await.body["code"], "invalid_id");
    assert_eq!(house.rotate(nobody, json!({})).await.refusal().0, 404);
}

#[tokio::test]
async fn a_rotated_key_has_a_new_secret_and_the_old_one_opens_for_the_overlap() {
    let house = House::build().await;
    let (old, id) = house.key(&["invoices.read"]).await;
    let rotated = house.rotate(&id, json!({ "overlap_seconds": 1 })).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let new = text(&rotated.body["data"]["api_key"]).to_owned();
    assert_eq!(old.split('.').next(), new.split('.').next(), "the id stays");
    assert_ne!(old, new);
    assert!(rotated.body["data"]["record"]["previous_secret_until"].is_string());
    for key in [&old, &new] {
        assert_eq!(house.fetch_with(key, INVOICES).await.status, 200);
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(house.fetch_with(&old, INVOICES).await.status, 401);
    assert_eq!(house.fetch_with(&new, INVOICES).await.status, 200);
    let again = house.rotate(&id, Value::Null).await;
    assert_eq!(again.body["data"]["record"]["previous_secret_until"], Value::Null);
    assert_eq!(house.fetch_with(&new, INVOICES).await.status, 401, "no overlap was asked for");
    for body in [json!({ "overlap_seconds": -1 }), json!({ "overlap_seconds": 2_592_001 })] {
        assert_eq!(house.rotate(&id, body).await.body["code"], "invalid_field");
    }
    assert_eq!(house.rotate(&id, json!({ "overlap": 1 })).await.body["code"], "unknown_field");
}

#[tokio::test]
async fn an_archived_key_can_be_looked_up_and_a_purged_one_is_gone() {
    let house = House::build().await;
    let (key, id) = house.key(&["invoices.read"]).await;
    let path = format!("{KEYS}/{id}");
    let archived = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((archived.status, &archived.body["data"]["id"]), (200, &json!(id)));
    assert_eq!(house.fetch_with(&key, INVOICES).await.status, 401);
    assert_eq!(house.admin(Method::DELETE, &path, &Value::Null).await.status, 404);
    let count = async |query: &str| {
        let listed = house.admin(Method::GET, &format!("{KEYS}{query}"), &Value::Null).await;
        let keys = listed.body["data"]["api_keys"].as_array().unwrap().len();
        (keys, listed.body["data"]["total"].as_u64().unwrap())
    };
    assert_eq!((count("").await, count("?archived=true").await), ((0, 0), (1, 1)));
    assert_eq!(count("?archived=true&limit=0").await, (0, 1));
    let purged = house.admin(Method::DELETE, &format!("{path}?purge=true"), &Value::Null).await;
    assert_eq!(purged.status, 200);
    assert_eq!(count("?archived=true").await, (0, 0));
    let typed = house.admin(Method::DELETE, &format!("{path}?prge=true"), &Value::Null).await;
    assert_eq!(typed.body["code"], "invalid_query", "what is not understood is not done");
}

#[tokio::test]
async fn the_catalogue_has_every_right_that_is_asked_for_and_keeps_it() {
    let house = House::build().await;
    let listed = house.admin(Method::GET, RIGHTS, &Value::Null).await;
    let rights = listed.body["data"]["rights"].as_array().unwrap();
    for seeded in SEEDED_RIGHTS {
        let right = rights.iter().find(|right| right["name"] == *seeded);
        let right = right.unwrap_or_else(|| panic!("{seeded} is not in the catalogue"));
        assert!(right["description"].is_string(), "{seeded}");
        let path = format!("{RIGHTS}/{}", text(&right["id"]));
        let renamed = house.admin(Method::PATCH, &path, &json!({ "name": "other.read" })).await;
        assert_eq!((renamed.status, renamed.refusal().1), (409, "built_in_right"), "{seeded}");
        let deleted = house.admin(Method::DELETE, &path, &Value::Null).await;
        assert_eq!((deleted.status, deleted.refusal().1), (409, "built_in_right"), "{seeded}");
    }
    let again = house.admin(Method::GET, RIGHTS, &Value::Null).await;
    assert_eq!(again.body["data"]["rights"].as_array().unwrap().len(), rights.len());
}

#[tokio::test]
async fn a_right_of_ones_own_is_granted_renamed_and_taken_away() {
    let house = House::build().await;
    let wanted = json!({ "name": "x", "rights": ["reports.publish"] });
    assert_eq!(house.admin(Method::POST, KEYS, &wanted).await.body["code"], "unknown_right");
    let right = json!({ "name": "reports.publish", "description": "Send reports out" });
    let made = house.admin(Method::POST, RIGHTS, &right).await;
    assert_eq!((made.status, &made.body["data"]["right"]["name"]), (201, &right["name"]));
    let path = format!("{RIGHTS}/{}", text(&made.body["data"]["right"]["id"]));
    assert_eq!(house.admin(Method::POST, RIGHTS, &right).await.refusal().0, 409);
    assert_eq!(house.admin(Method::POST, KEYS, &wanted).await.status, 201);
    let renamed = json!({ "name": "reports.send", "description": null });
    let renamed = house.admin(Method::PATCH, &path, &renamed).await;
    assert_eq!(renamed.body["data"]["right"]["description"], Value::Null);
    let keys = house.admin(Method::GET, KEYS, &Value::Null).await;
    assert_eq!(keys.body["data"]["api_keys"][0]["rights"], json!(["reports.send"]));
    let taken = house.admin(Method::PATCH, &path, &json!({ "name": "Gateway.Read" })).await;
    assert_eq!(taken.refusal().1, "right_exists");
    let deleted = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((deleted.status, &deleted.body["data"]["keys"]), (200, &json!(1)));
    assert_eq!(house.admin(Method::DELETE, &path, &Value::Null).await.refusal().0, 404);
    for (body, code) in [
        (json!({}), "missing_field"),
        (json!({ "name": "a b" }), "unknown_right"),
        (json!({ "name": "management.everything" }), "unknown_right"),
        (json!({ "name": "x.y", "id": 1 }), "unknown_field"),
    ] {
        let refused = house.admin(Method::POST, RIGHTS, &body).await;
        assert_eq!((refused.status, refused.refusal().1), (400, code), "{body}");
    }
}

#[tokio::test]
async fn keys_are_demanded_of_all_or_of_single_clients_and_names_are_compared_in_any_case() {
    let house = House::build().await;
    let nobody = async || house.fetch(&[], INVOICES).await.status;
    assert_eq!(nobody().await, 401);
    let off = json!({ "enforce_api_keys": false });
    let shop = format!("{CLIENTS}/SHOP");
    let set = house.admin(Method::PUT, &shop, &off).await;
    assert_eq!(set.body["data"]["client"]["client_name"], "shop");
    assert_eq!(nobody().await, 200);
    let all = house.admin(Method::GET, CONFIG, &Value::Null).await;
    assert_eq!(all.body["data"]["global"]["enforce_api_keys"], true);
    assert_eq!(all.body["data"]["clients"][0]["client_name"], "shop");
    let listed = house.admin(Method::GET, CLIENTS, &Value::Null).await;
    assert_eq!(listed.body["data"]["clients"], all.body["data"]["clients"]);
    let cleared = house.admin(Method::DELETE, &format!("{CLIENTS}/Shop"), &Value::Null).await;
    assert_eq!(cleared.body["data"]["client_name"], "shop");
    assert_eq!(nobody().await, 401);
    assert_eq!(house.admin(Method::DELETE, &shop, &Value::Null).await.refusal().0, 404);
    let set = house.admin(Method::PUT, CONFIG, &off).await;
    assert_eq!(set.body["data"]["global"]["enforce_api_keys"], false);
    assert_eq!(nobody().await, 200);
    let registry = house.gateway.call(Method::GET, "/router/registry", &[], "").await;
    assert_eq!(registry.status, 200, "and so is the registry open to all");
    for (path, body) in [(CONFIG, json!({})), (CONFIG, json!({ "enforce_api_keys": "no" }))] {
        assert_eq!(house.admin(Method::PUT, path, &body).await.refusal().1, "invalid_field");
    }
    let odd = house.admin(Method::PUT, &format!("{CLIENTS}/a%20b"), &off).await;
    assert_eq!(odd.refusal().1, "invalid_field");
}

#[tokio::test]
async fn the_registry_needs_a_right_where_keys_are_demanded() {
    let house = House::build().await;
    let ask = async |headers: &[(&str, &str)]| {
        house.gateway.call(Method::GET, "/router/registry", headers, "").await.status
    };
    let (reader, _) = house.key(&["registry.read"]).await;
    let (other, _) = house.key(&["invoices.read"]).await;
    assert_eq!(ask(&[]).await, 401);
    assert_eq!(ask(&[("apikey", &other)]).await, 403);
    assert_eq!(ask(&[("apikey", &reader)]).await, 200);
    assert_eq!(ask(&[("apikey", ADMIN)]).await, 200);
}

#[tokio::test]
async fn another_admin_key_takes_over_without_a_restart() {
    let house = House::build().await;
    let rotate = "/admin/admin-key/rotate";
    let admin = house.store.upsert_admin("admin@localhost", None, None).await.unwrap();
    let session = NewSession {
        user_id: &admin.id,
        token_hash: "a digest",
        expires_at: SystemTime::now() + Duration::from_secs(60),
        remote_addr: None,
    };
    house.store.create_session(&session).await.unwrap();
    let made = house.admin(Method::POST, rotate, &json!({ "overlap_seconds": 60 })).await;
    assert_eq!(made.status, 200, "{made:?}");
    let new = text(&made.body["data"]["admin_key"]).to_owned();
    let left = house.store.find_session("a digest").await.unwrap();
    assert_eq!(left, None, "who came in with an old one comes in again");
    let list = async |key: &str| {
        house.gateway.call(Method::GET, KEYS, &[("x-athena-key", key)], "").await.status
    };
    assert_eq!((list(&new).await, list(ADMIN).await), (200, 200));
    let headers = [("x-athena-key", new.as_str())];
    let last = house.gateway.call(Method::POST, rotate, &headers, "").await;
    let last = text(&last.body["data"]["admin_key"]).to_owned();
    assert_eq!((list(ADMIN).await, list(&new).await, list(&last).await), (401, 401, 200));
    let kept = format!(
        "do $$ begin assert not exists (select from admin_keys k where strpos(k::text, '{last}') > 0); end $$"
    );
    house.database.run(&kept).await;
}

#[tokio::test]
async fn every_deed_is_in_the_trail_with_its_actor_and_without_a_secret() {
    let house = House::build().await;
    let (key, id) = house.key(&["invoices.read"]).await;
    house.change(&id, json!({ "name": "renamed" })).await;
    let rotated = house.rotate(&id, json!({})).await;
    let rotated = text(&rotated.body["data"]["api_key"]).to_owned();
    house.admin(Method::DELETE, &format!("{KEYS}/{id}"), &Value::Null).await;
    house.admin(Method::DELETE, &format!("{KEYS}/{id}?purge=true"), &Value::Null).await;
    let right = house.admin(Method::POST, RIGHTS, &json!({ "name": "a.b.c.d" })).await;
    let path = format!("{RIGHTS}/{}", text(&right.body["data"]["right"]["id"]));
    house.admin(Method::PATCH, &path, &json!({ "name": "a.b.c.e" })).await;
    house.admin(Method::DELETE, &path, &Value::Null).await;
    let on = json!({ "enforce_api_keys": true });
    house.admin(Method::PUT, CONFIG, &on).await;
    house.admin(Method::PUT, &format!("{CLIENTS}/shop"), &on).await;
    house.admin(Method::DELETE, &format!("{CLIENTS}/shop"), &Value::Null).await;
    let admin = house.admin(Method::POST, "/admin/admin-key/rotate", &json!({})).await;
    let admin = text(&admin.body["data"]["admin_key"]).to_owned();
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select action, actor, row_to_json(a)::text from admin_audit a order by sequence",
    )
    .fetch_all(&mut house.database.connect().await)
    .await
    .unwrap();
    let actions: Vec<&str> = rows.iter().map(|(action, ..)| action.as_str()).collect();
    let expected = [
        "key.created",
        "key.changed",
        "key.rotated",
        "key.archived",
        "key.purged",
        "right.created",
        "right.changed",
        "right.deleted",
        "policy.changed",
        "policy.changed",
        "policy.cleared",
        "admin_key.rotated",
    ];
    assert_eq!(actions, expected);
    for (action, actor, row) in &rows {
        assert_eq!(actor, "admin", "{action}");
        for secret in [&key, &rotated, &admin] {
            let secret = secret.rsplit(['.', '_']).next().unwrap();
            assert!(!row.contains(secret), "{action}");
        }
    }
    assert!(rows[1].2.contains("renamed"), "what is different now is told");
}

#[tokio::test]
async fn a_key_of_any_right_opens_no_door_of_the_administrators_of_keys() {
    let house = House::build().await;
    let (key, _) = house.key(&["*"]).await;
    for (method, path) in [
        (Method::GET, KEYS),
        (Method::GET, RIGHTS),
        (Method::GET, CONFIG),
        (Method::GET, CLIENTS),
        (Method::GET, "/admin/api-key-auth-log"),
        (Method::POST, "/admin/admin-key/rotate"),
    ] {
        let headers = [("x-athena-key", key.as_str())];
        let refused = house.gateway.call(method, path, &headers, "{}").await;
        assert_eq!((refused.status, refused.refusal().1), (401, "invalid_admin_key"), "{path}");
    }
    assert_eq!(
        house.gateway.call(Method::POST, FETCH, &[("apikey", &key)], INVOICES).await.status,
        400
    );
}

#[tokio::test]
async fn what_was_written_down_of_apis_is_listed_and_how_they_are_set_up_only_to_administrators() {
    let house = House::build().await;
    let (reader, _) = house.key(&["registry.read"]).await;
    let (other, _) = house.key(&["invoices.read"]).await;
    let ask = async |key: &str, path: &str, fresh: bool| {
        let mut headers = vec![("x-athena-key", key)];
        headers.extend(fresh.then_some(("cache-control", "no-cache")));
        house.gateway.call(Method::GET, path, &headers, "").await
    };
    assert_eq!(ask(&other, "/registry", false).await.status, 403);
    assert_eq!(ask(&reader, "/registry", false).await.body, json!([]));
    let id = "6f1e0f0e-0000-4000-8000-00000000beef";
    let sql = format!(
        "insert into api_registry (api_registry_id, name, config, created_at, updated_at) values
             ('{id}', 'orders', '{{\"secret\": 1}}', '2024-01-01Z', '2024-01-02Z');
         insert into api_registry (name, description) values ('later', 'newer')"
    );
    house.database.run(&sql).await;
    assert_eq!(ask(&reader, "/registry", false).await.body, json!([]), "what is kept is shown");
    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    let listed = ask(&reader, "/registry", true).await;
    let names: Vec<_> =
        listed.body.as_array().unwrap().iter().map(|entry| &entry["name"]).collect();
    assert_eq!(names, ["later", "orders"]);
    let one = format!("/registry/{}", id.to_uppercase());
    let mut shown = json!({
        "api_registry_id": id, "name": "orders", "description": null,
        "created_at": "2024-01-01T00:00:00.000000Z", "updated_at": "2024-01-02T00:00:00.000000Z",
    });
    assert_eq!(ask(&reader, &one, false).await.body, shown);
    shown["config"] = json!({ "secret": 1 });
    assert_eq!(ask(ADMIN, &one, false).await.body, shown);
    let absent = ask(&reader, "/registry/6f1e0f0e-0000-4000-8000-000000000000", false).await;
    assert_eq!((absent.status, &absent.body["code"]), (404, &json!("unknown_entry")));
    let odd = ask(&reader, "/registry/orders", false).await;
    assert_eq!((odd.status, &odd.body["code"]), (400, &json!("invalid_id")));
    let open = crate::support::TestGateway::open();
    let reply = open.call(Method::GET, "/registry", &[], "").await;
    assert_eq!((reply.status, &reply.body["code"]), (503, &json!("store_not_configured")));
}
