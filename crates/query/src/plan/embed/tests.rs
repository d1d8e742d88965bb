use super::*;
use crate::plan::{Plan, samples::shop};
use crate::request::{Operation, ParseOptions, parse};
use crate::statement::Statement;
use serde_json::{Value, json};

fn plan(table: &str, select: Value, more: Value) -> Result<Plan, PlanError> {
    let mut body = json!({"table_name": table, "select": select});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default());
    Plan::resolve(request.unwrap(), &shop(), PlanLimits { max_rows: 100 })
}

fn text(table: &str, select: Value, more: Value) -> String {
    Statement::postgres(&plan(table, select, more).unwrap()).unwrap().text().to_owned()
}

fn plain(table: &str, select: &str) -> String {
    text(table, json!(select), json!({}))
}

const END: &str = " LIMIT 100";

#[test]
fn a_row_that_is_pointed_at_is_an_object() {
    assert_eq!(
        plain("orders", "id,buyer_id(full_name)"),
        r#"SELECT t1."id", (SELECT row_to_json(t3.*) FROM (SELECT t2."full_name" FROM "public"."users" AS t2 WHERE t2."id" = t1."buyer_id") AS t3) AS "buyer_id" FROM "public"."orders" AS t1"#
            .to_owned() + END
    );
}

#[test]
fn rows_that_point_here_are_an_array_with_an_order_and_a_window_of_its_own() {
    let select = json!({"id": true, "orders": {
        "select": {"id": true}, "via": "buyer_id", "as": "bought", "where": {"status": "paid"},
        "orderBy": {"id": "desc"}, "limit": 3,
    }});
    assert_eq!(
        text("users", select, json!({})),
        r#"SELECT t1."id", (SELECT coalesce(json_agg(t3.*), '[]'::json) FROM (SELECT t2."id" FROM "public"."orders" AS t2 WHERE t2."buyer_id" = t1."id" AND t2."status" = $1::text ORDER BY t2."id" DESC LIMIT 3) AS t3) AS "bought" FROM "public"."users" AS t1 LIMIT 100"#
    );
}

#[test]
fn rows_of_a_unique_key_are_one_object_and_junctions_are_crossed() {
    let one = plain("orders", "id,notes(note_text)");
    assert!(one.contains("row_to_json"), "{one}");
    let many = plain("orders", "products(title)");
    let crossed = r#"WHERE EXISTS (SELECT 1 FROM "public"."order_products" AS t4 WHERE t4."order_id" = t1."id" AND t2."id" = t4."product_id")"#;
    assert!(many.contains(crossed) && many.contains("json_agg"), "{many}");
}

#[test]
fn an_inner_relation_leaves_rows_out_of_the_answer_and_of_the_count() {
    let more = json!({"count": "exact", "conditions": [{"eq_column": "orders.status", "eq_value": "paid"}, {"eq_column": "id", "eq_value": 7}]});
    let plan = plan("users", json!("id,orders!orders_buyer_fkey!inner(id)"), more).unwrap();
    let read = Statement::postgres(&plan).unwrap();
    let exists = r#"EXISTS (SELECT 1 FROM "public"."orders" AS t4 WHERE t4."buyer_id" = t1."id" AND t4."status" = $3::text)"#;
    assert!(
        read.text().contains(&format!(r#"WHERE t1."id" = $2::int4 AND {exists}"#)),
        "{}",
        read.text()
    );
    assert_eq!(
        Statement::postgres_count(&plan).unwrap().unwrap().text(),
        r#"SELECT count(*) AS "count" FROM "public"."users" AS t1 WHERE t1."id" = $1::int4 AND EXISTS (SELECT 1 FROM "public"."orders" AS t2 WHERE t2."buyer_id" = t1."id" AND t2."status" = $2::text)"#
    );
}

#[test]
fn relations_stand_in_relations_and_every_table_is_told() {
    let plan = plan(
        "orders",
        json!("id,buyer:users!buyer_id(full_name,orders!seller_id(id)),products(id)"),
        json!({}),
    )
    .unwrap();
    let names: Vec<String> = plan.relations().iter().map(|table| table.name.to_string()).collect();
    assert_eq!(
        names,
        ["public.orders", "public.users", "public.order_products", "public.products"]
    );
    let read = Statement::postgres(&plan).unwrap();
    assert!(read.text().contains(r#"WHERE t4."seller_id" = t2."id""#), "{}", read.text());
}

#[test]
fn what_leads_nowhere_or_to_several_places_is_refused_with_the_choices() {
    let refused =
        |table: &str, select: &str| plan(table, json!(select), json!({})).unwrap_err().problem();
    let several = refused("orders", "users(id)");
    assert_eq!((several.status, several.code.as_str()), (400, "ambiguous_relationship"));
    assert_eq!(
        several.details["available"],
        json!([
            "orders_buyer_fkey: buyer_id = public.users.id",
            "orders_seller_fkey: seller_id = public.users.id"
        ])
    );
    assert_eq!(refused("users", "users(id)").code, "ambiguous_relationship");
    for select in
        ["nothing(id)", "things.users(id)", "users!no_such_key(id)", "id(id)", "child.users(id)"]
    {
        assert_eq!(refused("orders", select).code, "unknown_relationship", "{select}");
    }
    for (table, select) in
        [("users", "parent.users(id)"), ("users", "child.users(id)"), ("users", "boss_id(id)")]
    {
        assert!(plan(table, json!(select), json!({})).is_ok(), "{select}");
    }
    assert_eq!(refused("orders", "id,id:products(id)").code, "invalid_field");
    assert_eq!(refused("orders", "id,id:status").code, "invalid_field");
    assert_eq!(refused("orders", "products(nope)").code, "unknown_column");
}

#[test]
fn an_order_is_by_the_column_and_never_by_another_ones_new_name() {
    let text = text("users", json!("full_name as id"), json!({"sort_by": {"field": "id"}}));
    assert_eq!(
        text,
        r#"SELECT t1."full_name" AS "id" FROM "public"."users" AS t1 ORDER BY t1."id" ASC"#
            .to_owned()
            + END
    );
}

#[test]
fn members_are_spelled_as_the_caller_likes_at_every_level() {
    let body = json!({"table_name": "orders", "select": "id,buyer_id,kept_name:status,order_products(product_id)"});
    let parsed = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default());
    let mut request = parsed.unwrap();
    request.set_response_case(ResponseCase::Camel);
    let plan = Plan::resolve(request, &shop(), PlanLimits { max_rows: 100 }).unwrap();
    let text = Statement::postgres(&plan).unwrap().text().to_owned();
    for member in
        [r#" AS "buyerId""#, r#" AS "kept_name""#, r#" AS "orderProducts""#, r#" AS "productId""#]
    {
        assert!(text.contains(member), "{text}");
    }
}

#[test]
fn sqlite_says_that_it_has_no_embedded_relations() {
    let plan = plan("orders", json!("id,products(id)"), json!({})).unwrap();
    let refused = Statement::sqlite(&plan).unwrap_err().problem();
    assert_eq!((refused.status, refused.code.as_str()), (501, "not_supported_by_backend"));
}

fn change(operation: Operation, body: &Value) -> String {
    let request = parse(operation, body.to_string().as_bytes(), &ParseOptions::default());
    let plan = Plan::resolve(request.unwrap(), &shop(), PlanLimits { max_rows: 100 }).unwrap();
    Statement::postgres(&plan).unwrap().text().to_owned()
}

#[test]
fn what_was_written_is_answered_with_its_relations_by_one_statement() {
    let insert = json!({
        "table_name": "orders", "insert_body": {"buyer_id": 1}, "select": "n:id,buyer_id(full_name)",
    });
    assert_eq!(
        change(Operation::Insert, &insert),
        r#"WITH t1 AS (INSERT INTO "public"."orders" ("buyer_id") VALUES ($1::int4) RETURNING "id", "buyer_id") SELECT t1."id" AS "n", (SELECT row_to_json(t3.*) FROM (SELECT t2."full_name" FROM "public"."users" AS t2 WHERE t2."id" = t1."buyer_id") AS t3) AS "buyer_id" FROM t1"#
    );
    let conditions = json!([{"eq_column": "id", "eq_value": 1}]);
    let delete =
        json!({"table_name": "orders", "select": "products(title)", "conditions": conditions});
    let text = change(Operation::Delete, &delete);
    let start = r#"WITH t1 AS (DELETE FROM "public"."orders" WHERE "id" = $1::int4 RETURNING "id") SELECT (SELECT"#;
    assert!(text.starts_with(start) && text.ends_with(r#" AS "products" FROM t1"#), "{text}");
    let update = json!({
        "table_name": "orders", "set": {"status": "x"}, "select": "products(title)", "head": true,
        "conditions": conditions,
    });
    assert!(!change(Operation::Update, &update).contains("WITH"));
}
