//! What holds for any request: nothing panics, no value becomes text, no condition is lost.

use super::{
    Plan, PlanLimits,
    samples::{cache, shop},
};
use crate::request::{
    CastType, Casts, Condition, Filter, Operation, Operator, ParseOptions, ReadRequest, Window,
    parse,
};
use crate::statement::{Param, Statement};
use proptest::prelude::*;
use serde_json::{Value, json};

const LIMITS: PlanLimits = PlanLimits { max_rows: 1_000 };
const OPERATIONS: [Operation; 4] =
    [Operation::Fetch, Operation::Insert, Operation::Update, Operation::Delete];

/// Text that no keyword or name of ours contains.
fn secret() -> impl Strategy<Value = String> {
    "[a-z'\";()$ é名-]{0,6}".prop_map(|text| format!("zq{text}qz"))
}

/// A condition that plans to one comparison, with the column it is on.
fn condition() -> impl Strategy<Value = Filter> {
    let columns = prop_oneof![Just("name"), Just("code"), Just("doc"), Just("a \"b\" 名前")];
    let operators = prop_oneof![
        Just(Operator::Eq),
        Just(Operator::Neq),
        Just(Operator::Ilike),
        Just(Operator::In)
    ];
    (columns, operators, secret()).prop_map(|(column, operator, text)| {
        let value = if operator == Operator::In { json!([text]) } else { json!(text) };
        Filter::Condition(Condition {
            path: String::new(),
            column: column.to_owned(),
            operator,
            value,
        })
    })
}

/// The same, with a column of another type seen as text, or a value read as such.
fn cast() -> impl Strategy<Value = Filter> {
    (condition(), prop_oneof![Just("price"), Just("day"), Just("code")], any::<bool>()).prop_map(
        |(filter, column, of_column)| {
            let Filter::Condition(condition) = filter else { return filter };
            let text = Some(CastType::TEXT);
            match of_column {
                true => {
                    let casts = Casts { column: text, ..Casts::default() };
                    Filter::Cast(Condition { column: column.to_owned(), ..condition }, casts)
                }
                false => Filter::Cast(condition, Casts { value: text, ..Casts::default() }),
            }
        },
    )
}

fn tree() -> impl Strategy<Value = Filter> {
    prop_oneof![condition(), cast()].prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn leaves(filter: &Filter) -> usize {
    match filter {
        Filter::All => 0,
        Filter::And(filters) | Filter::Or(filters) => filters.iter().map(leaves).sum(),
        Filter::Not(filter) => leaves(filter),
        Filter::Condition(_) | Filter::Cast(..) => 1,
    }
}

fn read(filter: Filter) -> Statement {
    let relation = crate::request::RelationName { schema: None, name: "things".to_owned() };
    let window = Window { limit: 1, offset: 0 };
    let request = ReadRequest { filter, window, ..ReadRequest::of(relation) };
    Statement::postgres(&Plan::resolve(request.into(), &cache(), LIMITS).unwrap()).unwrap()
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = prop_oneof![
            Just("column".to_owned()),
            Just("operator".to_owned()),
            Just("value".to_owned()),
            Just("and".to_owned()),
            Just("or".to_owned()),
            Just("not".to_owned()),
            Just("id".to_owned()),
            ".{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "conditions",
        "where",
        "columns",
        "limit",
        "offset",
        "sort_by",
        "insert_body",
        "update_body",
        "on_conflict",
        "data",
        "set",
        "resource_id",
        "count",
        "head",
        "current_page",
        "schema",
        "select",
        "group_by",
        "aggregation_column",
        "time_granularity",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn no_condition_inside_a_relation_is_lost(own in 0..4_usize, inner in prop::collection::vec(secret(), 0..4), is_inner in any::<bool>()) {
        let condition = |column: &str, value: &str| json!({"column": column, "operator": "eq", "value": value});
        let mut conditions: Vec<Value> = (0..own).map(|_| condition("full_name", "zq")).collect();
        conditions.extend(inner.iter().map(|value| condition("orders.status", value)));
        let word = if is_inner { "!inner" } else { "" };
        let body = json!({"table_name": "users", "select": format!("id,orders!buyer_id{word}(id)"), "conditions": conditions, "count": "exact"});
        let request = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
        let plan = Plan::resolve(request, &shop(), LIMITS).unwrap();
        let statement = Statement::postgres(&plan).unwrap();
        prop_assert!(!statement.text().contains("zq"), "{}", statement.text());
        // An inner relation is asked for twice.
        let times = if is_inner { 2 } else { 1 };
        prop_assert_eq!(statement.params().len(), own + inner.len() * times);
        let count = Statement::postgres_count(&plan).unwrap().unwrap();
        prop_assert_eq!(count.params().len(), own + inner.len() * (times - 1));
    }

    #[test]
    fn no_value_ever_stands_in_the_text(filter in tree()) {
        let statement = read(filter);
        prop_assert!(!statement.text().contains("zq"), "{}", statement.text());
        let bound = statement.params().iter().filter(|param| matches!(param, Param::Text(_)));
        prop_assert!(bound.count() > 0);
    }

    #[test]
    fn no_condition_is_lost(filter in tree()) {
        let expected = leaves(&filter);
        let statement = read(filter);
        prop_assert_eq!(statement.params().len(), expected);
        for number in 1..=expected {
            prop_assert!(statement.text().contains(&format!("${number}::")), "{}", statement.text());
        }
    }

    #[test]
    fn written_values_never_stand_in_the_text(name in secret(), doc in secret(), tag in secret()) {
        let row = json!({"name": name, "doc": {"k": doc}, "tags": [tag], "code": name});
        for (operation, body) in [
            (Operation::Insert, json!({"table_name": "things", "insert_body": row, "update_body": row})),
            (Operation::Update, json!({"table_name": "things", "set": row, "where": {"name": name}})),
        ] {
            let request = parse(operation, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
            let statement = Statement::postgres(&Plan::resolve(request, &cache(), LIMITS).unwrap()).unwrap();
            prop_assert!(!statement.text().contains("zq"), "{}", statement.text());
        }
    }

    #[test]
    fn a_statement_is_the_same_for_other_values(n in any::<i32>(), list in prop::collection::vec(any::<i32>(), 1..50), limit in 0..1_000_u32, offset in 1..1_000_000_u32) {
        let text = |n: Value, list: Value, limit: u32, offset: u32| {
            let body = json!({"table_name": "things", "limit": limit, "offset": offset, "where": {"n": {"gt": n, "in": list}}});
            let request = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default()).unwrap();
            let statement = Statement::postgres(&Plan::resolve(request, &cache(), LIMITS).unwrap()).unwrap();
            statement.text().to_owned()
        };
        // A limit that many ask for stands in the text, any other does not.
        let other = if limit <= 100 || limit % 100 == 0 { limit } else { 101 };
        prop_assert_eq!(text(json!(n), json!(list), limit, offset), text(json!(0), json!([0]), other, 7));
    }

    #[test]
    fn no_bytes_make_parsing_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for operation in OPERATIONS {
            let _either_way = parse(operation, &body, &ParseOptions::default());
        }
    }

    #[test]
    fn no_expression_makes_parsing_panic(text in "[a-c.,()\"\\\\néinotrqsu1]{0,60}") {
        for word in ["or", "not"] {
            let body = json!({"table_name": "things", "conditions": [{"operator": word, "value": text}]});
            let _either_way = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default());
        }
    }

    #[test]
    fn no_body_makes_any_stage_panic(members in prop::collection::vec((member(), json_value()), 0..4)) {
        let mut body: serde_json::Map<String, Value> = members.into_iter().collect();
        body.insert("table_name".to_owned(), json!("things"));
        let body = Value::Object(body).to_string();
        for operation in OPERATIONS {
            let Ok(request) = parse(operation, body.as_bytes(), &ParseOptions::default()) else { continue };
            match Plan::resolve(request, &cache(), LIMITS) {
                Ok(plan) => drop(Statement::postgres(&plan)),
                Err(error) => prop_assert!(matches!(error.problem().status, 400 | 404)),
            }
        }
    }
}
