use super::{catalog, client, ident, now, pointing, table};
use crate::{DraftInput, Resource, draft, view};
use catalog::{QualifiedName, SchemaCache, Table};
use serde_json::json;

fn imported(table: &Table, wish: serde_json::Value) -> Resource {
    let input: DraftInput = serde_json::from_value(wish).unwrap();
    draft(&client(), table, &input, now()).unwrap().resource
}

fn t_cust() -> Table {
    table("crm", "t_cust", &[("cust_id", "int4"), ("nm", "text"), ("secret", "text")], &["cust_id"])
}

fn t_ord() -> Table {
    let orders = table("crm", "t_ord", &[("id", "int4"), ("cust", "int4")], &["id"]);
    pointing(orders, "cust", ("crm", "t_cust"), "cust_id")
}

fn customers() -> Resource {
    let wish = json!({
        "name": "customers", "rename": {"cust_id": "id", "nm": "name"}, "exclude": ["secret"],
    });
    imported(&t_cust(), wish)
}

fn columns(cache: &SchemaCache, schema: Option<&str>, name: &str) -> Vec<String> {
    let table = cache.table(schema, name).unwrap();
    table.columns.iter().map(|column| column.name.to_string()).collect()
}

#[test]
fn a_resource_is_a_table_under_its_own_names() {
    let cache = view(&catalog(vec![t_cust()]), None, &[customers()], true);
    assert_eq!(columns(&cache, None, "customers"), ["id", "name"]);
    let seen = cache.table(None, "customers").unwrap();
    assert_eq!(seen.primary_key, [ident("id")]);
    let binding = cache.binding(&seen.name).unwrap();
    assert_eq!(binding.table.name.to_string(), "crm.t_cust");
    assert_eq!(binding.column(&ident("name")).as_str(), "nm");
    assert!(!binding.writable && !binding.is_broken);
    // The table itself can still be asked by its own name.
    assert_eq!(columns(&cache, Some("crm"), "t_cust"), ["cust_id", "nm", "secret"]);
}

#[test]
fn what_is_not_allowed_is_not_there() {
    let other = table("hr", "pay", &[("id", "int4")], &["id"]);
    let raw = catalog(vec![t_cust(), other]);
    let cache = view(&raw, Some(&["crm".to_owned()]), &[], true);
    assert!(cache.table(Some("hr"), "pay").is_none());
    assert!(cache.table(Some("crm"), "t_cust").is_some());
    let none = view(&raw, Some(&[]), &[customers()], false);
    let names: Vec<_> = none.tables().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["public.customers"], "a resource outlives its permission as a broken one");
    assert!(none.binding(&none.table(None, "customers").unwrap().name).unwrap().is_broken);
}

#[test]
fn the_same_name_in_two_schemas_is_two_tables() {
    let raw = catalog(vec![
        table("a", "items", &[("x", "int4")], &["x"]),
        table("b", "items", &[("y", "int4")], &["y"]),
    ]);
    let of = |schema: &str, name: &str| {
        imported(raw.table(Some(schema), "items").unwrap(), json!({"name": name}))
    };
    let cache = view(&raw, None, &[of("b", "items"), of("a", "others")], true);
    assert_eq!(columns(&cache, None, "items"), ["y"]);
    assert_eq!(columns(&cache, None, "others"), ["x"]);
    assert_eq!(columns(&cache, Some("a"), "items"), ["x"]);
}

#[test]
fn references_lead_to_the_resource_that_stands_for_their_table() {
    let orders = imported(&t_ord(), json!({"name": "orders", "rename": {"cust": "customer"}}));
    let cache = view(&catalog(vec![t_cust(), t_ord()]), None, &[customers(), orders], true);
    let [key] = cache.table(None, "orders").unwrap().foreign_keys.as_slice() else { panic!() };
    assert_eq!(key.columns, [ident("customer")]);
    assert_eq!(key.target, QualifiedName::new(ident("public"), ident("customers")));
    assert_eq!(key.target_columns, [ident("id")]);
    // Under their own names the tables relate as they do.
    let [own] = cache.table(Some("crm"), "t_ord").unwrap().foreign_keys.as_slice() else {
        panic!()
    };
    assert_eq!(own.target.to_string(), "crm.t_cust");
}

#[test]
fn what_moved_is_broken_where_that_matters_and_otherwise_what_is_left() {
    let mut moved = t_cust();
    moved.columns.remove(1);
    let raw = catalog(vec![moved]);
    let strict = view(&raw, None, &[customers()], true);
    let name = strict.table(None, "customers").unwrap().name.clone();
    assert!(strict.binding(&name).unwrap().is_broken);
    let lenient = view(&raw, None, &[customers()], false);
    assert!(!lenient.binding(&name).unwrap().is_broken);
    assert_eq!(columns(&lenient, None, "customers"), ["id"]);
    let gone = view(&catalog(Vec::new()), None, &[customers()], false);
    assert!(gone.binding(&name).unwrap().is_broken);
}
