//! What a client's database holds, and how far away it is.

use crate::support::{TestGateway, client, shop};
use api::ApiSettings;
use backend::{
    Outcome, RuleKind, TableRule,
    fake::{FakeAnswer, FakeBackend},
};
use catalog::{
    Column, DataType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind,
    TypeKind, UniqueKey,
};
use gateway::{Access, ClientInfo};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn column(name: &str) -> Column {
    let kind = TypeKind::Base("text".to_owned());
    let data_type = DataType { oid: 25, sql: "text".to_owned(), kind };
    let name = ident(name);
    Column {
        name,
        data_type,
        nullable: true,
        default: None,
        generated: Generated::Never,
        comment: None,
    }
}

fn table(schema: &str, name: &str, columns: &[&str]) -> Table {
    Table {
        name: QualifiedName::new(ident(schema), ident(name)),
        kind: TableKind::Table,
        columns: columns.iter().map(|name| column(name)).collect(),
        primary_key: vec![ident(columns[0])],
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: Some(42),
        comment: None,
        row_security: false,
    }
}

/// A gateway whose client `yard` has these tables.
fn yard(tables: Vec<Table>) -> (TestGateway, Arc<FakeBackend>) {
    yard_with(tables, Vec::new())
}

fn yard_with(tables: Vec<Table>, rules: Vec<TableRule>) -> (TestGateway, Arc<FakeBackend>) {
    let gateway = TestGateway::open();
    let cache =
        SchemaCache::new("PostgreSQL".to_owned(), vec!["public".to_owned()], tables, Vec::new());
    let backend = Arc::new(FakeBackend::new(cache).with_rules(rules));
    gateway.gateway.registry().add(
        client("yard"),
        Arc::clone(&backend) as _,
        ClientInfo::default(),
    );
    (gateway, backend)
}

const YARD: [(&str, &str); 1] = [("x-athena-client", "yard")];

#[tokio::test]
async fn the_keys_of_a_table_are_listed_with_what_they_refer_to() {
    let mut ships = table("public", "ships", &["id", "name", "fleet_id"]);
    ships.unique_keys =
        vec![UniqueKey { name: ident("ships_name_key"), columns: vec![ident("name")] }];
    ships.foreign_keys = vec![ForeignKey {
        name: ident("ships_fleet_fkey"),
        columns: vec![ident("fleet_id")],
        target: QualifiedName::new(ident("public"), ident("fleets")),
        target_columns: vec![ident("id")],
    }];
    let (gateway, _) = yard(vec![ships, table("public", "fleets", &["id"])]);
    let one = gateway.call(Method::GET, "/schema/constraints?table_name=ships", &YARD, "").await;
    let kinds: Vec<_> = one.body["constraints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["constraint_type"])
        .collect();
    assert_eq!(kinds, ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY"]);
    assert_eq!(one.body["constraints"][2]["foreign_table_name"], "fleets");
    assert_eq!(one.body["constraints"][2]["columns"], json!(["fleet_id"]));
    let all = gateway.call(Method::GET, "/schema/constraints", &YARD, "").await;
    assert_eq!(all.body["constraints"].as_array().unwrap().len(), 4);
    let none = gateway.call(Method::GET, "/schema/constraints?table_name=nothing", &YARD, "").await;
    assert_eq!((none.status, &none.body["code"]), (404, &json!("unknown_table")));
    let tables = gateway.call(Method::GET, "/schema/tables", &YARD, "").await;
    assert_eq!(tables.body["tables"][0]["estimated_rows"], 42);
}

#[tokio::test]
async fn what_rows_must_keep_to_is_listed_behind_the_keys_of_its_own_table() {
    let rule = |table: &str, name: &str, kind, definition: &str| TableRule {
        table: QualifiedName::new(ident("public"), ident(table)),
        name: name.to_owned(),
        kind,
        columns: vec!["id".to_owned()],
        definition: definition.to_owned(),
    };
    let rules = vec![
        rule("ships", "ships_id_check", RuleKind::Check, "CHECK ((id > 0))"),
        rule("ships", "ships_pkey", RuleKind::PrimaryKey, "PRIMARY KEY (id)"),
        rule("fleets", "fleets_id_excl", RuleKind::Exclusion, "EXCLUDE USING gist (id WITH &&)"),
    ];
    let tables = vec![table("public", "ships", &["id"]), table("public", "fleets", &["id"])];
    let (gateway, _) = yard_with(tables, rules);
    let shown = |reply: &crate::support::Reply| -> Vec<Value> {
        let all = reply.body["constraints"].as_array().unwrap().iter();
        all.map(|one| {
            json!([
                one["table_name"],
                one["constraint_name"],
                one["constraint_type"],
                one["definition"]
            ])
        })
        .collect()
    };
    let one = gateway.call(Method::GET, "/schema/constraints?table_name=ships", &YARD, "").await;
    let ships = [
        json!(["ships", "ships_pkey", "PRIMARY KEY", null]),
        json!(["ships", "ships_id_check", "CHECK", "CHECK ((id > 0))"]),
    ];
    assert_eq!(shown(&one), ships);
    assert_eq!(one.body["constraints"][1]["columns"], json!(["id"]));
    let fleets = [
        json!(["fleets", null, "PRIMARY KEY", null]),
        json!(["fleets", "fleets_id_excl", "EXCLUDE", "EXCLUDE USING gist (id WITH &&)"]),
    ];
    let all = gateway.call(Method::GET, "/schema/constraints", &YARD, "").await;
    assert_eq!(shown(&all), [fleets, ships].concat());
}

#[tokio::test]
async fn migrations_are_listed_with_the_tool_that_ran_them() {
    let (gateway, backend) = yard(vec![
        table("drizzle", "__drizzle_migrations", &["id", "hash", "created_at"]),
        table("public", "_sqlx_migrations", &["version", "description"]),
        // Another program's table of the same name as a tool's.
        table("public", "knex_migrations", &["something"]),
    ]);
    for rows in [
        r#"[{"created_at":2,"hash":"b"},{"created_at":1,"hash":"a"}]"#,
        r#"[{"version":20240101,"description":"first"}]"#,
    ] {
        backend.answer(FakeAnswer::Rows { json: rows.to_owned(), outcome: Outcome::default() });
    }
    let reply = gateway.call(Method::GET, "/schema/migrations", &YARD, "").await;
    assert_eq!(
        reply.body["migrations"],
        json!([
            { "tool": "drizzle", "version": "2", "name": "b" },
            { "tool": "drizzle", "version": "1", "name": "a" },
            { "tool": "sqlx", "version": "20240101", "name": "first" },
        ]),
        "{reply:?}"
    );
}

#[tokio::test]
async fn a_database_without_migrations_says_so() {
    let gateway = TestGateway::open();
    let shop = [("x-athena-client", "shop")];
    let reply = gateway.call(Method::GET, "/schema/migrations", &shop, "").await;
    assert_eq!((reply.status, &reply.body["migrations"]), (200, &json!([])));
    assert_eq!(reply.body["message"], "Migration tracking is not available for this database.");
}

#[tokio::test]
async fn the_cluster_shows_who_answers_and_names_nobody_to_strangers() {
    let gateway = TestGateway::with(Access::open().administered("admin"), ApiSettings::default());
    let other = Arc::new(FakeBackend::new(shop()));
    gateway.gateway.registry().add(client("second"), other, ClientInfo::default());
    let open = gateway.call(Method::GET, "/health/cluster", &[], "").await;
    assert_eq!((&open.body["up"], &open.body["total"]), (&json!(2), &json!(2)), "{open:?}");
    assert!(open.body["clients"][0]["latency_ms"].is_number());
    assert!(!open.text.contains("\"shop\"") && !open.text.contains("\"second\""), "{}", open.text);
    let admin =
        gateway.call(Method::GET, "/health/cluster", &[("x-athena-key", "admin")], "").await;
    assert_eq!(admin.body["clients"][0]["client"], "second");
}

#[tokio::test]
async fn the_schema_is_told_to_nobody_without_a_client_and_the_clients_to_no_stranger() {
    let gateway = TestGateway::with(Access::open().administered("admin"), ApiSettings::default());
    for path in
        ["/schema/tables", "/schema/constraints", "/schema/migrations", "/data?view=invoices"]
    {
        let reply = gateway.call(Method::GET, path, &[], "").await;
        assert_eq!(
            (reply.status, &reply.body["code"]),
            (400, &json!("missing_client_header")),
            "{path}"
        );
    }
    for path in ["/schema/clients", "/clients"] {
        assert_eq!(gateway.call(Method::GET, path, &[], "").await.status, 401, "{path}");
    }
}
