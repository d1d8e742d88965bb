use super::*;
use crate::plan::samples::cache;
use serde_json::json;

fn bind(column: &str, value: &Value) -> Result<BoundValue, PlanError> {
    let cache = cache();
    let table = cache.table(None, "things").unwrap();
    let column = table.column(column).unwrap();
    Binder { column, cache: &cache, path: "data" }.bind(value)
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text(text: &str) -> BoundValue {
    BoundValue::Text(text.to_owned())
}

#[test]
fn values_are_bound_as_their_columns_are_typed() {
    let digits = "12345678901234567890123456789.10";
    let token = "6f1e0f0e-0000-4000-8000-00000000beef";
    let uuid = BoundValue::Uuid(uuid::Uuid::parse_str(token).unwrap());
    for (column, value, expected) in [
        ("id", json!(i64::MIN), BoundValue::Int8(i64::MIN)),
        ("id", json!(" 7 "), BoundValue::Int8(7)),
        ("small", json!(-3), BoundValue::Int2(-3)),
        ("n", json!("42"), BoundValue::Int4(42)),
        ("ratio", json!(0.1), BoundValue::Float8(0.1)),
        ("ratio", json!("-Infinity"), BoundValue::Float8(f64::NEG_INFINITY)),
        ("price", number(digits), text(digits)),
        ("price", json!("1e-7"), text("1e-7")),
        ("ok", json!(true), BoundValue::Bool(true)),
        ("ok", json!("f"), BoundValue::Bool(false)),
        ("token", json!(token), uuid.clone()),
        ("token", json!(format!("{{{}}}", token.to_uppercase())), uuid.clone()),
        ("token", json!(format!("urn:uuid:{token}")), uuid),
        ("name", json!(token), text(token)),
        ("name", json!(5), text("5")),
        ("day", json!("2024-02-29"), text("2024-02-29")),
        ("doc", json!("x"), text("\"x\"")),
        ("doc", json!({"a": [1, null]}), text(r#"{"a":[1,null]}"#)),
        ("doc", number(digits), text(digits)),
        ("doc", json!(null), BoundValue::Null),
        ("mood", json!("sad"), text("sad")),
        ("tags", json!(["a", "b\"c", null, "NULL"]), text(r#"{"a","b\"c",NULL,"NULL"}"#)),
        ("tags", json!([["a"], ["b"]]), text(r#"{{"a"},{"b"}}"#)),
        ("tags", json!("{a,b}"), text("{a,b}")),
        ("prices", json!([1, "2.50"]), text(r#"{"1","2.50"}"#)),
        ("span", json!("[1,5)"), text("[1,5)")),
        ("email", json!("a@b"), text("a@b")),
        ("n", json!(null), BoundValue::Null),
    ] {
        assert_eq!(bind(column, &value), Ok(expected), "{column} {value}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_column_and_not_repeated() {
    for (column, value) in [
        ("id", json!("seven-hunter2")),
        ("id", json!(1.5)),
        ("id", number("9223372036854775808")),
        ("id", json!(true)),
        ("id", json!([1])),
        ("small", json!(40_000)),
        ("n", json!(3_000_000_000_u64)),
        ("ratio", json!("hunter2")),
        ("ratio", number("1e400")),
        ("price", json!("twelve-hunter2")),
        ("price", json!("1e")),
        ("price", json!(".")),
        ("price", json!("")),
        ("ok", json!(1)),
        ("ok", json!("maybe-hunter2")),
        ("token", json!("hunter2")),
        ("mood", json!("hunter2")),
        ("mood", json!(1)),
        ("name", json!({"hunter2": 1})),
        ("tags", json!("hunter2")),
        ("tags", json!({"hunter2": 1})),
        ("prices", json!(["hunter2"])),
        ("span", json!([1, 2])),
    ] {
        let problem = bind(column, &value).unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_input"), "{column}");
        assert_eq!(problem.details["column"], column);
        assert!(problem.message.contains(column), "{problem:?}");
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"), "{problem:?}");
    }
}

#[test]
fn a_nul_character_is_refused_wherever_it_hides() {
    for (column, value) in [
        ("name", json!("a\0b")),
        ("doc", json!("a\0b")),
        ("doc", json!({"a": [{"b\0": 1}]})),
        ("raw", json!(["\0"])),
        ("tags", json!(["a", "\0"])),
        ("tags", json!("{\0}")),
        ("email", json!("\0")),
        ("span", json!("\0")),
    ] {
        let problem = bind(column, &value).unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_text_encoding"));
    }
}
