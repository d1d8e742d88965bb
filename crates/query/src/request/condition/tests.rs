use super::*;
use serde_json::json;

fn parse(list: Value) -> Result<Filter, RequestError> {
    Conditions::new(&ParseOptions::default()).all(Some(list), None)
}

fn by_columns(object: Value) -> Result<Filter, RequestError> {
    Conditions::new(&ParseOptions::default()).all(None, Some(object))
}

/// `(status Eq "paid")`
fn shape(filter: &Filter) -> String {
    let all = |filters: &[Filter]| filters.iter().map(shape).collect::<Vec<_>>().join(" ");
    match filter {
        Filter::All => "all".to_owned(),
        Filter::And(filters) => format!("and({})", all(filters)),
        Filter::Or(filters) => format!("or({})", all(filters)),
        Filter::Not(filter) => format!("not({})", shape(filter)),
        Filter::Condition(Condition { column, operator, value, .. }) => {
            format!("{column}:{operator:?}:{value}")
        }
        Filter::Cast(Condition { column, operator, value, .. }, casts) => {
            let cast = |cast: Option<CastType>| cast.map_or("", CastType::name);
            format!("{column}::{}:{operator:?}:{value}::{}", cast(casts.column), cast(casts.value))
        }
    }
}

#[test]
fn every_spelling_of_a_condition_is_understood() {
    for (condition, expected) in [
        (json!({"eq_column": "a", "eq_value": 1}), "a:Eq:1"),
        (json!({"column": "a", "operator": "gt", "value": 1}), "a:Gt:1"),
        (json!({"column": "a", "op": "!=", "value": "x"}), "a:Neq:\"x\""),
        (json!({"column": "a", "operator": "eq", "value": null}), "a:Eq:null"),
        (json!({"column": "a", "operator": "in", "values": [1, 2]}), "a:In:[1,2]"),
        (json!({"column": "a", "operator": "not_in", "value": [1]}), "a:NotIn:[1]"),
        (json!({"column": "a", "operator": "not.in", "value": [1]}), "not(a:In:[1])"),
        (
            json!({"column": "a", "operator": "not.eq", "value": 1, "negated": true}),
            "not(not(a:Eq:1))",
        ),
        (json!({"column": "a", "operator": "ilike", "value": "%x%"}), "a:Ilike:\"%x%\""),
        (json!({"column": "a", "operator": "is", "value": null}), "a:Is:null"),
        (json!({"column": "a", "operator": "is_null"}), "a:IsNull:null"),
        (json!({"column": "a", "operator": "not_null"}), "a:NotNull:null"),
        (json!({"column": "a", "operator": "containedBy", "value": ["x"]}), "a:Contained:[\"x\"]"),
        (json!({"column": "a", "operator": "cs", "value": {"k": 1}}), "a:Contains:{\"k\":1}"),
        (
            json!({"column": "a", "operator": "eq", "value": 1, "eq_column": "a", "eq_value": 1, "column_cast": "text"}),
            "a::text:Eq:1::",
        ),
        (
            json!({"column": "a", "operator": "gt", "value": 1, "value_cast": "BIGINT"}),
            "a:::Gt:1::int8",
        ),
        (json!({"operator": "or", "value": "a.eq.1,b.gt.2"}), "or(a:Eq:1 b:Gt:2)"),
        (json!({"operator": "not", "value": "a.in.1,2"}), "not(and(a:In:[1,2]))"),
        (
            json!({"operator": "not", "value": "a.in.(1,x),b.eq.2"}),
            "not(and(a:In:[1,\"x\"] b:Eq:2))",
        ),
        (
            json!({"operator": "or", "value": "and(a.eq.1,not.b.is.null),not(c.lt.-2.50),(d.like.x.y)"}),
            "or(and(a:Eq:1 not(b:Is:null)) not(and(c:Lt:-2.50)) and(d:Like:\"x.y\"))",
        ),
        (
            json!({"operator": "or", "value": "a.eq.\"x,y)\",b.not.eq.007"}),
            "or(a:Eq:\"x,y)\" not(b:Eq:\"007\"))",
        ),
        (
            json!({"or": [{"eq_column": "a", "eq_value": 1}, {"not": {"column": "b", "operator": "eq", "value": 2}}]}),
            "or(a:Eq:1 not(b:Eq:2))",
        ),
        (json!({"and": [{"or": [{"eq_column": "a", "eq_value": 1}]}]}), "and(or(a:Eq:1))"),
        (json!({"not": {"a": {"gt": 1, "lt": 5}}}), "not(and(a:Gt:1 a:Lt:5))"),
    ] {
        let parsed = parse(json!([condition])).unwrap();
        assert_eq!(shape(&parsed), format!("and({expected})"), "{condition}");
    }
}

#[test]
fn conditions_by_column_are_understood() {
    for (object, expected) in [
        (json!({"a": 1}), "and(a:Eq:1)"),
        (json!({"a": {"gt": 1, "lte": 5}, "b": null}), "and(a:Gt:1 a:Lte:5 b:Eq:null)"),
        (json!({"a": {"not.eq": 1}}), "and(not(a:Eq:1))"),
        (json!({"or": [{"column": "a", "operator": "eq", "value": 1}]}), "and(or(a:Eq:1))"),
        (json!({"or": {"a": 1, "b": 2}, "not": {"c": 3}}), "and(or(a:Eq:1 b:Eq:2) not(c:Eq:3))"),
        (
            json!({"or": [{"a": {"gt": 1}}, {"b": {"in": [2]}, "not": {"c": {"eq": 3}}}]}),
            "and(or(a:Gt:1 and(b:In:[2] not(c:Eq:3))))",
        ),
        (json!({}), "all"),
    ] {
        assert_eq!(shape(&by_columns(object.clone()).unwrap()), expected, "{object}");
    }
}

#[test]
fn what_is_no_condition_is_refused_by_its_place() {
    for (condition, code) in [
        (json!({}), "invalid_condition"),
        (json!(7), "invalid_condition"),
        (json!({"eq_column": "a"}), "invalid_condition"),
        (json!({"eq_value": 1}), "invalid_condition"),
        (json!({"column": "a", "value": 1}), "invalid_condition"),
        (json!({"column": "a", "operator": "eq"}), "invalid_condition"),
        (json!({"column": "", "operator": "eq", "value": 1}), "invalid_condition"),
        (json!({"column": "a", "operator": 7, "value": 1}), "invalid_condition"),
        (json!({"column": 7, "operator": "eq", "value": 1}), "invalid_field"),
        (json!({"column": "a", "operator": "in", "value": "1,2"}), "invalid_condition"),
        (json!({"column": "a", "operator": "like", "value": 7}), "invalid_condition"),
        (json!({"column": "a", "operator": "resembles", "value": 1}), "unknown_operator"),
        (json!({"column": "a", "operator": "eq", "value": 1, "eq_value": 2}), "invalid_field"),
        (json!({"column": "a", "operator": "eq", "value": 1, "valeu": 2}), "unknown_field"),
        (
            json!({"column": "a", "operator": "gt", "value": 1, "column_cast": "regclass"}),
            "invalid_condition",
        ),
        (
            json!({"column": "a", "operator": "eq", "value": 1, "value_cast": "int; --"}),
            "invalid_condition",
        ),
        (json!({"operator": "or", "value": "a.eq.1", "value_cast": "text"}), "invalid_condition"),
        (json!({"or": []}), "invalid_condition"),
        (json!({"and": 7}), "invalid_condition"),
        (json!({"not": {}}), "invalid_condition"),
        (json!({"or": [{"eq_column": "a", "eq_value": 1}], "column": "b"}), "unknown_field"),
        (json!({"operator": "or", "value": 7}), "invalid_condition"),
        (json!({"operator": "or"}), "invalid_condition"),
        (json!({"operator": "or", "value": ""}), "invalid_condition"),
        (json!({"operator": "or", "value": "a.eq.1,"}), "invalid_condition"),
        (json!({"operator": "or", "value": "a.eq.1)"}), "invalid_condition"),
        (json!({"operator": "or", "value": "and(a.eq.1"}), "invalid_condition"),
        (json!({"operator": "or", "value": "a.eq"}), "invalid_condition"),
        (json!({"operator": "or", "value": "a.resembles.1"}), "unknown_operator"),
    ] {
        let problem = parse(json!([condition])).unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, code), "{condition}");
        assert!(problem.message.contains("conditions[0]"), "{problem:?}");
    }
    for object in [json!(7), json!([]), json!({"a": {}}), json!({"a": {"resembles": 1}})] {
        assert_eq!(by_columns(object).unwrap_err().problem().status, 400);
    }
}

#[test]
fn conditions_have_limits() {
    let one = json!({"eq_column": "a", "eq_value": 1});
    assert!(parse(Value::Array(vec![one.clone(); 100])).is_ok());
    let many = parse(Value::Array(vec![one.clone(); 101])).unwrap_err().problem();
    assert_eq!((many.code.as_str(), &many.details["limit"]), ("too_many", &json!(100)));
    let values = |count: usize| json!([{"column": "a", "operator": "in", "value": vec![1; count]}]);
    assert!(parse(values(1_000)).is_ok());
    assert_eq!(parse(values(1_001)).unwrap_err().problem().code, "too_many");
    let nested = |depth: usize| (0..depth).fold(one.clone(), |inner, _| json!({"and": [inner]}));
    assert!(parse(json!([nested(8)])).is_ok());
    assert_eq!(parse(json!([nested(9)])).unwrap_err().problem().code, "invalid_condition");
    for word in ["not.", "not(", "and("] {
        let text = format!(
            "{}a.eq.1{}",
            word.repeat(5_000),
            if word == "not." { String::new() } else { ")".repeat(5_000) }
        );
        let deep = parse(json!([{"operator": "or", "value": text}])).unwrap_err().problem();
        assert_eq!(deep.code, "invalid_condition", "{word}");
    }
}
