use crate::plan::{
    Plan, PlanLimits,
    samples::{base, ident, table_of},
};
use crate::request::{Operation, ParseOptions, parse};
use crate::statement::Statement;
use catalog::{Binding, ForeignKey, QualifiedName, SchemaCache, Table};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

fn name(schema: &str, name: &str) -> QualifiedName {
    QualifiedName::new(ident(schema), ident(name))
}

fn remote(own: &str, columns: [&str; 2]) -> Table {
    let columns = columns.map(|column| (column, base("int4", "integer")));
    Table { name: name("crm", own), ..table_of(own, columns) }
}

fn binding(table: Table, columns: &[(&str, &str)]) -> Arc<Binding> {
    let resource = table.name.name.clone();
    let columns = columns.iter().map(|(local, remote)| (ident(local), ident(remote))).collect();
    let (writable, is_broken) = (true, false);
    Arc::new(Binding { resource, table: Arc::new(table), columns, writable, is_broken })
}

/// `customers` (id, level) is `crm.t_cust` (cid, lvl), and `orders` (id, customer) `crm.t_ord` (oid, cid).
fn cache() -> SchemaCache {
    let columns = |names: [&'static str; 2]| names.map(|name| (name, base("int4", "integer")));
    let customers = table_of("customers", columns(["id", "level"]));
    let mut orders = table_of("orders", columns(["id", "customer"]));
    orders.foreign_keys.push(ForeignKey {
        name: ident("fk"),
        columns: vec![ident("customer")],
        target: customers.name.clone(),
        target_columns: vec![ident("id")],
    });
    let bindings = BTreeMap::from([
        (
            name("public", "customers"),
            binding(remote("t_cust", ["cid", "lvl"]), &[("id", "cid"), ("level", "lvl")]),
        ),
        (
            name("public", "orders"),
            binding(remote("t_ord", ["oid", "cid"]), &[("id", "oid"), ("customer", "cid")]),
        ),
    ]);
    let plain = table_of("plain", columns(["id", "level"]));
    let raw = SchemaCache::new(String::new(), Vec::new(), Vec::new(), Vec::new());
    raw.seen_as("public", vec![customers, orders, plain], bindings, |_| true)
}

fn text(operation: Operation, body: Value) -> String {
    let request = parse(operation, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
    let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 100 }).unwrap();
    let bound = plan.bound(&cache()).expect("it is about a resource");
    Statement::postgres(&bound).unwrap().text().to_owned()
}

#[test]
fn columns_conditions_and_order_of_a_read_are_those_of_the_table() {
    let body = json!({
        "table_name": "customers", "columns": "id,level", "sort_by": {"field": "level", "direction": "desc"},
        "conditions": [{"operator": "or", "value": "level.gt.3,id.in.(1,2)"}],
    });
    let text = text(Operation::Fetch, body);
    assert!(
        text.starts_with(r#"SELECT t1."cid" AS "id", t1."lvl" AS "level" FROM "crm"."t_cust""#),
        "{text}"
    );
    assert!(text.contains(r#"t1."lvl" > $1"#) && text.contains(r#"t1."cid" = ANY"#), "{text}");
    assert!(text.contains(r#"ORDER BY t1."lvl" DESC"#), "{text}");
    assert!(!text.contains("customers"), "{text}");
}

#[test]
fn a_count_is_one_of_the_table() {
    let body = json!({
        "table_name": "customers", "count": "exact",
        "conditions": [{"eq_column": "level", "eq_value": 1}],
    });
    let request =
        parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
    let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 100 }).unwrap();
    let bound = plan.bound(&cache()).unwrap();
    let text = Statement::postgres_count(&bound).unwrap().unwrap().text().to_owned();
    assert!(text.contains(r#"FROM "crm"."t_cust" WHERE "lvl" ="#), "{text}");
}

#[test]
fn writes_go_to_the_tables_columns_and_answer_with_the_resources() {
    let insert = text(
        Operation::Insert,
        json!({"table_name": "customers", "insert_body": {"id": 1, "level": 2}, "on_conflict": "id",
            "update_body": {"level": 3}}),
    );
    assert!(insert.starts_with(r#"INSERT INTO "crm"."t_cust" ("cid", "lvl")"#), "{insert}");
    assert!(insert.contains(r#"ON CONFLICT ("cid")"#), "{insert}");
    assert!(insert.contains(r#"SET "lvl" = "#), "{insert}");
    assert!(insert.contains(r#"RETURNING "cid" AS "id", "lvl" AS "level""#), "{insert}");
    let update = text(
        Operation::Update,
        json!({"table_name": "customers", "set": {"level": 2},
            "conditions": [{"eq_column": "id", "eq_value": 1}]}),
    );
    assert!(update.starts_with(r#"UPDATE "crm"."t_cust" SET "lvl" = "#), "{update}");
    assert!(update.contains(r#"WHERE "cid" = "#), "{update}");
    let delete = text(Operation::Delete, json!({"table_name": "customers", "resource_id": 1}));
    assert!(delete.starts_with(r#"DELETE FROM "crm"."t_cust" WHERE "cid" = "#), "{delete}");
}

#[test]
fn embedded_resources_are_joined_by_the_tables_columns() {
    let text =
        text(Operation::Fetch, json!({"table_name": "orders", "select": "id,customers(level)"}));
    assert!(text.contains(r#"FROM "crm"."t_cust" AS t2 WHERE t2."cid" = t1."cid""#), "{text}");
    assert!(text.contains(r#"t2."lvl" AS "level""#), "{text}");
    assert!(text.contains(r#"FROM "crm"."t_ord" AS t1"#), "{text}");
}

#[test]
fn a_plan_about_no_resource_stays_as_it_is() {
    let body = json!({"table_name": "plain"}).to_string();
    let request = parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default()).unwrap();
    let plan = Plan::resolve(request, &cache(), PlanLimits { max_rows: 100 }).unwrap();
    assert!(plan.bound(&cache()).is_none());
}
