use super::*;
use crate::request::{Condition, Operator};
use serde_json::json;

fn options() -> ParseOptions {
    ParseOptions::default()
}

fn body(value: &Value) -> Result<CallRequest, RequestError> {
    CallRequest::parse(value.to_string().as_bytes(), &options())
}

fn query(text: &[(&str, &str)]) -> Result<CallRequest, RequestError> {
    let pairs: Vec<_> = text.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    CallRequest::of_query("score", &pairs, &options())
}

#[test]
fn a_body_says_what_to_call_and_what_becomes_of_the_rows() {
    let request = body(&json!({
        "function": "billing.score", "schema": "public", "args": {"seed": null}, "select": "k, n",
        "filters": [{"column": "k", "operator": "i_like", "value": "a%"}],
        "order": {"column": "k", "ascending": false}, "limit": 5, "offset": 2, "count": "exact"
    }))
    .unwrap();
    assert_eq!(request.routine.schema.as_deref(), Some("billing"));
    assert_eq!(request.routine.name, "score");
    assert_eq!(request.args["seed"], Value::Null);
    assert_eq!(request.columns, Some(vec!["k".to_owned(), "n".to_owned()]));
    assert_eq!((request.limit, request.offset, request.count), (Some(5), 2, true));
    assert!(request.order[0].descending);
    let Filter::And(filters) = &request.filter else { panic!("{:?}", request.filter) };
    let Filter::Condition(Condition { operator, path, .. }) = &filters[0] else { panic!() };
    assert_eq!((*operator, path.as_str()), (Operator::Ilike, "filters[0]"));
}

#[test]
fn a_body_under_the_functions_own_address_is_its_arguments_unless_it_wraps_them() {
    let named = |text: &str| CallRequest::parse_named("f", text.as_bytes(), &options());
    assert_eq!(
        named("{\"a\":null,\"b\":1}").unwrap().args,
        *json!({"a": null, "b": 1}).as_object().unwrap()
    );
    assert_eq!(named("").unwrap().args, Map::new());
    let wrapped = named("{\"args\":{\"a\":1},\"limit\":3}").unwrap();
    assert_eq!((wrapped.limit, wrapped.args.len()), (Some(3), 1));
    assert!(named("{\"a\":1,\"a\":2}").is_err());
    assert!(named("{\"limit\":3,\"a\":1}").is_err());
    assert!(named("[1]").is_err());
}

#[test]
fn an_address_holds_arguments_filters_and_reserved_words() {
    let request =
        query(&[("select", "k"), ("seed", "{1,2}"), ("k", "in.{a,\"b,c\"}"), ("order", "k.desc")])
            .unwrap();
    assert_eq!(request.args["seed"], json!(["1", "2"]));
    assert_eq!(request.columns, Some(vec!["k".to_owned()]));
    assert!(request.order[0].descending);
    let Filter::And(filters) = &request.filter else { panic!("{:?}", request.filter) };
    let Filter::Condition(condition) = &filters[0] else { panic!() };
    assert_eq!((condition.operator, &condition.value), (Operator::In, &json!(["a", "b,c"])));
    let request = query(&[("at", "3.5"), ("doc", "{\"a\":1}"), ("none", "null"), ("head", "true")]);
    let request = request.unwrap();
    assert_eq!(request.args["at"], json!("3.5"));
    assert_eq!(request.args["doc"], json!({"a": 1}));
    assert_eq!(request.args["none"], Value::Null);
    assert_eq!((request.limit, request.count), (Some(0), true));
}

#[test]
fn what_is_not_understood_is_named() {
    for (value, named) in [
        (json!({}), "function"),
        (json!({"function": " "}), "function"),
        (json!({"function": "f", "args": [1]}), "args"),
        (json!({"function": "f", "select": [1]}), "select"),
        (json!({"function": "f", "filters": [{"column": "a", "operator": "??"}]}), "filters[0]"),
        (json!({"function": "f", "filters": [{"column": "a", "x": 1}]}), "filters[0].x"),
        (json!({"function": "f", "limit": -1}), "limit"),
        (json!({"function": "f", "count": "roughly"}), "count"),
        (json!({"function": "f", "surprise": 1}), "surprise"),
    ] {
        let problem = body(&value).unwrap_err().problem();
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(problem.status, 400, "{value}");
        assert!(text.contains(named), "{value}: {text}");
    }
    assert!(query(&[("limit", "many")]).is_err());
    assert!(query(&[("a", "1"), ("a", "2")]).is_err());
}
