//! `/management/*` on PostgreSQL: structure is made, changed and dropped over HTTP.

mod audit;
mod house;
mod indexes;
mod provision;
mod rights;

use house::House;
use http::Method;
use serde_json::{Value, json};

const SHIPS: &str = "create table ships (id int primary key, name text); insert into ships values (1, 'Argo'), (2, '7')";

#[tokio::test]
async fn a_table_is_made_changed_and_dropped_and_the_next_request_sees_each_step() {
    let house = House::build("").await;
    let body = json!({"table_name": "crew", "columns": [{"name": "name", "data_type": "varchar(40)", "nullable": false, "default_expression": "'n/a'"}]});
    let made = house.ask(Method::POST, "/management/tables", &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["data"]["created"], true);
    let row = json!({"table_name": "crew", "insert_body": {"name": "Jason"}});
    let insert = house.ask(Method::PUT, "/gateway/insert", &row).await;
    assert_eq!(insert.status, 200, "{insert:?}");
    let fetch = json!({"table_name": "crew"});
    let crew = house.ask(Method::POST, "/gateway/fetch", &fetch).await;
    let jason = &crew.body["data"][0];
    assert!(
        jason["id"].is_number() && jason["time"].is_number() && jason["crew_id"].is_string(),
        "{crew:?}"
    );
    let rest = house.get("/rest/v1/crew?select=name").await;
    assert_eq!(rest.body, json!([{"name": "Jason"}]), "{rest:?}");

    let operations = json!({"operations": [
        {"type": "add_column", "column": {"name": "age", "data_type": "integer", "nullable": false, "default_expression": 20}},
        {"type": "rename_column", "from": "name", "to": "label"},
    ]});
    let changed = house.ask(Method::PATCH, "/management/tables/crew", &operations).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["data"]["statements"].as_array().unwrap().len(), 2);
    let wanted = json!({"table_name": "crew", "columns": ["label", "age"]});
    let crew = house.ask(Method::POST, "/gateway/fetch", &wanted).await;
    assert_eq!(crew.body["data"], json!([{"label": "Jason", "age": 20}]), "{crew:?}");
    let rest = house.get("/rest/v1/crew?select=label,age").await;
    assert_eq!(rest.body, json!([{"label": "Jason", "age": 20}]), "{rest:?}");
    // A read that was kept before the change is not answered after it.
    let all = house.ask(Method::POST, "/gateway/fetch", &fetch).await;
    assert_eq!(all.body["data"][0]["age"], 20, "{all:?}");

    let dropped = house.send(Method::DELETE, "/management/tables/crew/columns/age", "").await;
    assert_eq!(
        (dropped.status, &dropped.body["data"]["dropped"]),
        (200, &json!(true)),
        "{dropped:?}"
    );
    let crew = house.ask(Method::POST, "/gateway/fetch", &fetch).await;
    assert!(crew.body["data"][0].get("age").is_none(), "{crew:?}");
    let gone =
        house.ask(Method::DELETE, "/management/tables/crew", &json!({"cascade": true})).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    let crew = house.ask(Method::POST, "/gateway/fetch", &fetch).await;
    assert_eq!((crew.status, &crew.body["code"]), (404, &json!("unknown_table")));
}

#[tokio::test]
async fn keys_references_checks_and_types_of_every_kind_are_made_and_kept() {
    let house = House::build("create type mood as enum ('calm', 'wild'); create domain positive as int check (value > 0)").await;
    let seas = json!({"table_name": "seas", "auto_columns": false, "columns": [
        {"name": "code", "data_type": "text"}, {"name": "name", "data_type": "text", "unique": true}],
        "primary_key": ["code"]});
    let ships = json!({"table_name": "ships", "auto_columns": false, "columns": [
        {"name": "id", "data_type": "bigint", "identity": "always", "primary_key": true},
        {"name": "sea", "data_type": "text", "references": {"table": "seas", "column": "code", "on_delete": "cascade"}},
        {"name": "price", "data_type": "numeric(6,2)", "check": {"column": "price", "operator": ">=", "value": 0}},
        {"name": "tags", "data_type": "text[]", "default_expression": "'{}'::text[]"},
        {"name": "mood", "data_type": "public.mood", "default_expression": "'calm'::mood"},
        {"name": "crew", "data_type": "positive"},
        {"name": "seen", "data_type": "timestamp(3) with time zone", "default_expression": "now()"}],
        "unique": [["sea", "price"]],
        "checks": [{"name": "named", "check": {"any": [{"column": "sea", "operator": "is_null"}, {"column": "sea", "function": "length", "operator": "<", "value": 9}]}}]});
    for table in [&seas, &ships] {
        let made = house.ask(Method::POST, "/management/tables", table).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let insert = async |table: &str, row: Value| {
        let body = json!({"table_name": table, "insert_body": row});
        let reply = house.ask(Method::PUT, "/gateway/insert", &body).await;
        (reply.status, reply.body["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(insert("seas", json!({"code": "aeg", "name": "Aegean"})).await.0, 200);
    assert_eq!(insert("ships", json!({"sea": "aeg", "price": 1.5, "crew": 3})).await.0, 200);
    let refusals = [
        (json!({"sea": "aeg", "price": 1.5}), "unique_violation"),
        (json!({"sea": "ion", "price": 1}), "foreign_key_violation"),
        (json!({"sea": "aeg", "price": -1}), "check_constraint_violation"),
        (json!({"sea": "aeg", "crew": 0}), "check_constraint_violation"),
        (json!({"sea": "a far too long name"}), "check_constraint_violation"),
    ];
    for (row, code) in refusals {
        assert_eq!(insert("ships", row.clone()).await.1, code, "{row}");
    }
    let shown = house.get("/management/tables/ships").await;
    let constraints = shown.body["data"]["constraints"].as_array().unwrap();
    let kinds: Vec<_> =
        constraints.iter().map(|one| one["constraint_type"].as_str().unwrap()).collect();
    for kind in ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let operations = json!({"operations": [
        {"type": "change_type", "column_name": "price", "data_type": "text", "using": "price::text"},
        {"type": "change_type", "column_name": "price", "data_type": "integer", "using": "round(price::numeric)::integer"},
        {"type": "drop_constraint", "name": "named"},
        {"type": "add_constraint", "constraint": {"type": "unique", "name": "one_mood", "columns": ["mood"]}},
    ], "auto_columns": false});
    let dropped_check =
        json!({"operations": [{"type": "drop_constraint", "name": "ships_price_check"}]});
    let first = house.ask(Method::PATCH, "/management/tables/ships", &dropped_check).await;
    assert_eq!(first.status, 200, "{first:?}");
    let changed = house.ask(Method::PATCH, "/management/tables/ships", &operations).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let rows = house
        .ask(Method::POST, "/gateway/fetch", &json!({"table_name": "ships", "columns": ["price"]}))
        .await;
    assert_eq!(rows.body["data"], json!([{"price": 2}]), "{rows:?}");
}

#[tokio::test]
async fn what_is_there_or_not_there_already_is_no_failure_when_that_was_said() {
    let house = House::build(SHIPS).await;
    let table =
        |if_not_exists: bool| json!({"table_name": "ships", "if_not_exists": if_not_exists});
    let again = house.ask(Method::POST, "/management/tables", &table(true)).await;
    assert_eq!((again.status, &again.body["data"]["created"]), (200, &json!(false)), "{again:?}");
    let twice = house.ask(Method::POST, "/management/tables", &table(false)).await;
    assert_eq!((twice.status, &twice.body["code"]), (409, &json!("duplicate_object")));
    let index = |if_not_exists: bool| json!({"table_name": "ships", "columns": ["name"], "if_not_exists": if_not_exists});
    let created = async |body: Value| house.ask(Method::POST, "/management/indexes", &body).await;
    assert_eq!(created(index(true)).await.status, 201);
    let again = created(index(true)).await;
    assert_eq!((again.status, &again.body["data"]["created"]), (200, &json!(false)));
    assert_eq!(created(index(false)).await.status, 409);
    for path in [
        "/management/tables/nothing?if_exists=true",
        "/management/tables/ships/columns/nothing?if_exists=true",
        "/management/indexes/nothing?if_exists=true",
        "/management/functions?function_name=nothing&if_exists=true&arg_types=integer&arg_types=numeric(3,2)",
    ] {
        let reply = house.send(Method::DELETE, path, "").await;
        assert_eq!(
            (reply.status, &reply.body["data"]["dropped"]),
            (200, &json!(false)),
            "{path} {reply:?}"
        );
        let must = house
            .send(Method::DELETE, &path.replace("if_exists=true", "if_exists=false"), "")
            .await;
        assert_eq!(must.status, 404, "{path} {must:?}");
    }
    let both = house
        .send(Method::DELETE, "/management/tables/ships?cascade=true", r#"{"cascade":false}"#)
        .await;
    assert_eq!(both.status, 400, "{both:?}");
}

/// What is asked, and how it is refused.
fn refusals() -> Vec<(Method, &'static str, Value, u16, &'static str)> {
    let columns = |data_type: &str| json!({"table_name": "t", "columns": [{"name": "a", "data_type": data_type}]});
    let one = |operation: Value| json!({"operations": [operation]});
    vec![
        (Method::POST, "/management/tables", columns("no_such_type"), 404, "undefined_object"),
        (
            Method::POST,
            "/management/tables",
            json!({"schema_name": "nowhere", "table_name": "t"}),
            404,
            "undefined_schema",
        ),
        (
            Method::POST,
            "/management/tables",
            json!({"schema_name": "pg_catalog", "table_name": "t"}),
            403,
            "reserved_schema",
        ),
        (
            Method::POST,
            "/management/tables",
            columns("int; drop table ships"),
            400,
            "invalid_definition",
        ),
        (
            Method::POST,
            "/management/tables",
            json!({"table_name": "t", "colums": []}),
            400,
            "unknown_field",
        ),
        (
            Method::POST,
            "/management/indexes",
            json!({"table_name": "nothing", "columns": ["a"]}),
            404,
            "undefined_table",
        ),
        (
            Method::POST,
            "/management/indexes",
            json!({"table_name": "ships", "columns": ["a"]}),
            400,
            "undefined_column",
        ),
        (
            Method::PATCH,
            "/management/tables/nothing",
            one(json!({"type": "drop_default", "column_name": "a"})),
            404,
            "undefined_table",
        ),
        (
            Method::PATCH,
            "/management/tables/ships",
            one(json!({"type": "add_column", "column": {"name": "id", "data_type": "int"}})),
            409,
            "duplicate_object",
        ),
        (Method::DELETE, "/management/tables/ships", json!({}), 409, "dependent_objects"),
        (Method::DELETE, "/management/tables/fleet", json!({}), 400, "wrong_object_type"),
        (Method::DELETE, "/management/tables/ships/columns/id", json!({}), 400, "reserved_column"),
        (Method::DELETE, "/management/indexes/nothing", json!({}), 404, "undefined_object"),
        (
            Method::POST,
            "/management/extensions/install",
            json!({"extension_name": "file_fdw"}),
            400,
            "not_allowed",
        ),
        (
            Method::DELETE,
            "/management/functions",
            json!({"function_name": "nothing"}),
            404,
            "undefined_function",
        ),
    ]
}

#[tokio::test]
async fn every_refusal_has_the_status_that_fits_a_change_of_structure() {
    let house = House::build("create table ships (id int primary key); create table crew (ship int references ships); create view fleet as select * from ships").await;
    for (method, path, body, status, code) in refusals() {
        let reply = house.ask(method, path, &body).await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (status, &json!(code)),
            "{path} {body} {reply:?}"
        );
    }
}

#[tokio::test]
async fn a_dry_run_tells_the_statements_and_does_none_of_them() {
    let house = House::build(SHIPS).await;
    let body = json!({"table_name": "crew", "auto_columns": false, "columns": [{"name": "a", "data_type": "int"}], "dry_run": true});
    let told = house.ask(Method::POST, "/management/tables", &body).await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(
        told.body["data"]["statements"],
        json!(["CREATE TABLE \"public\".\"crew\" (\"a\" integer)"])
    );
    assert_eq!(told.body["data"]["dry_run"], true);
    let in_address = house.send(Method::DELETE, "/management/tables/ships?dry_run=true", "").await;
    assert_eq!(
        in_address.body["data"]["statements"],
        json!(["DROP TABLE \"public\".\"ships\" RESTRICT"]),
        "{in_address:?}"
    );
    house.shop.run("do $$ begin assert to_regclass('crew') is null and to_regclass('ships') is not null; end $$").await;
    let audit = house.get("/management/audit-log").await;
    assert_eq!(audit.body["data"]["changes"], json!([]), "{audit:?}");
}

#[tokio::test]
async fn functions_are_saved_listed_and_dropped_and_run_with_nobodys_rights_but_the_callers() {
    let house = House::build(SHIPS).await;
    // Letters of several bytes in names, tags, comments and quotes.
    let ddl = "CREATE OR REPLACE FUNCTION größe(präfix text, n int DEFAULT 2) RETURNS text LANGUAGE sql STABLE
        /* ä /* ö */ ü */ AS $é$ select präfix || n || E'\\u00e4' || '$$' || 'ß' $é$; -- ende";
    let saved = house.ask(Method::PUT, "/management/functions", &json!({ "ddl": ddl })).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!(saved.body["data"]["function_signature"], "größe(\"text\", integer)");
    let called = house
        .ask(Method::POST, "/gateway/rpc", &json!({"function": "größe", "args": {"präfix": "x"}}))
        .await;
    assert_eq!(called.body["data"], json!(["x2ä$$ß"]), "{called:?}");
    let listed = house
        .get("/management/functions?schema=public&name_like=gr%25&include_definition=true")
        .await;
    let function = &listed.body["data"]["functions"][0];
    assert_eq!(
        (&function["language"], &function["is_set_returning"]),
        (&json!("sql"), &json!(false)),
        "{listed:?}"
    );
    assert!(function["definition"].as_str().unwrap().contains("präfix"));
    let body =
        "RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'select 1'";
    let definer = house
        .ask(
            Method::PUT,
            "/management/functions",
            &json!({"ddl": format!("CREATE OR REPLACE FUNCTION f() {body}")}),
        )
        .await;
    assert_eq!(
        (definer.status, &definer.body["code"]),
        (400, &json!("security_definer_not_allowed"))
    );
    let c = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE internal AS 'pg_backend_pid'";
    let internal = house.ask(Method::PUT, "/management/functions", &json!({ "ddl": c })).await;
    assert_eq!((internal.status, &internal.body["code"]), (400, &json!("not_allowed")));
    let gone = house
        .ask(
            Method::DELETE,
            "/management/functions",
            &json!({"function_name": "größe", "arg_types": ["text", "int"]}),
        )
        .await;
    assert_eq!(gone.status, 200, "{gone:?}");
}

#[tokio::test]
async fn extensions_of_the_list_are_installed_and_the_one_with_a_hyphen_too() {
    let house = House::build("").await;
    let listed = house.get("/management/extensions").await;
    let all = listed.body["data"]["extensions"].as_array().unwrap();
    let is_known =
        all.iter().any(|one| one["extension_name"] == "uuid-ossp" && one["allowed"] == true);
    let body = json!({"extension_name": "uuid-ossp", "if_not_exists": true});
    let installed = house.ask(Method::POST, "/management/extensions/install", &body).await;
    // A server without the extension's files says that itself: the name went through.
    let expected = if is_known { (200, Value::Null) } else { (400, json!("0A000")) };
    let found = (installed.status, installed.body["details"]["sql_state"].clone());
    assert_eq!(found, expected, "{installed:?}");
    if is_known {
        let again = house.ask(Method::POST, "/management/extensions/install", &body).await;
        assert_eq!(again.body["data"]["installed"], false, "{again:?}");
    }
}

#[tokio::test]
async fn another_node_sees_a_new_column_without_being_asked_to_look() {
    let house = House::build(SHIPS).await;
    let other = house.another_node().await;
    let fetch = json!({"table_name": "ships", "columns": ["id", "mast"]}).to_string();
    let headers = [("x-athena-client", "shop"), ("x-athena-key", house.key.as_str())];
    let rest = "/rest/v1/ships?select=mast&limit=1";
    let before = other.call(Method::GET, "/rest/v1/ships?select=id&limit=1", &headers, "").await;
    assert_eq!(before.status, 200, "{before:?}");
    let body = json!({"operations": [{"type": "add_column", "column": {"name": "mast", "data_type": "int", "default_expression": 3}}]});
    let changed = house.ask(Method::PATCH, "/management/tables/ships", &body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let mut seen = (false, false);
    for _ in 0..100 {
        // A refused request would have the schema read again, so the cache alone is looked at.
        let known = other.call(Method::GET, "/schema/columns?table_name=ships", &headers, "").await;
        seen.0 = known.text.contains("mast");
        if seen.0 {
            seen.1 = other.call(Method::GET, rest, &headers, "").await.body == json!([{"mast": 3}]);
        }
        if seen == (true, true) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(seen, (true, true));
    let rows = other.call(Method::POST, "/gateway/fetch", &headers, &fetch).await;
    assert_eq!(rows.body["data"][0]["mast"], 3, "{rows:?}");
}
