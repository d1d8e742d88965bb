use super::*;
use serde_json::json;

const ID: &str = "7f1d0c2a-0000-4000-8000-0000003e4f00";

fn read(text: &str) -> ReadRequest {
    recognise(text).unwrap_or_else(|| panic!("not recognised: {text}"))
}

fn conditions(text: &str) -> Vec<(String, Operator, Value)> {
    let Filter::And(filters) = read(text).filter else { panic!("{text}") };
    let each = filters.into_iter().map(|filter| match filter {
        Filter::Condition(condition) | Filter::Cast(condition, _) => {
            (condition.column, condition.operator, condition.value)
        }
        other => panic!("{other:?}"),
    });
    each.collect()
}

#[test]
fn the_captured_text_is_a_read_by_key() {
    let text = format!(
        r#"SELECT "id" FROM "ships" WHERE "ship_id"::text = '{ID}' ORDER BY "id" ASC LIMIT 3;"#
    );
    let found = read(&text);
    assert_eq!(found.relation, RelationName { schema: None, name: "ships".into() });
    assert_eq!(found.columns, Selection::named(["id"]));
    assert_eq!(found.window, Window { limit: 3, offset: 0 });
    let order = OrderTerm { column: "id".into(), descending: false, nulls_first: None };
    assert_eq!(found.order, [order]);
    assert_eq!(conditions(&text), [("ship_id".to_owned(), Operator::Eq, json!(ID))]);
    let Filter::And(filters) = found.filter else { panic!("{text}") };
    let as_text = Casts { column: Some(CastType::TEXT), value: None, is_automatic: false };
    assert!(matches!(&filters[..], [Filter::Cast(_, casts)] if *casts == as_text), "{filters:?}");
}

#[test]
fn every_form_of_the_grammar_is_understood() {
    let text = r#"select * from "a ""b"""."T" where N >= -1.5 and "s" LIKE 'it''s%' and x is null
        and y is true and "n" != null and z = NULL and "in" in (1, 'b') and b = FALSE offset 7"#;
    let request = read(text);
    assert_eq!(request.relation, RelationName { schema: Some("a \"b\"".into()), name: "T".into() });
    assert_eq!(
        (request.columns, request.window),
        (Selection::every(), Window { limit: u64::MAX, offset: 7 })
    );
    let expected = [
        ("n", Operator::Gte, "-1.5".parse().map(Value::Number).unwrap()),
        ("s", Operator::Like, json!("it's%")),
        ("x", Operator::IsNull, Value::Null),
        ("y", Operator::Is, json!(true)),
        ("n", Operator::NotNull, Value::Null),
        ("z", Operator::IsNull, Value::Null),
        ("in", Operator::In, json!([1, "b"])),
        ("b", Operator::Eq, json!(false)),
    ];
    let expected = expected.map(|(column, operator, value)| (column.to_owned(), operator, value));
    assert_eq!(conditions(text), expected);
}

#[test]
fn an_empty_list_is_written_as_false_and_finds_nothing() {
    let text = format!(r#"SELECT * FROM "ships" WHERE "id"::text = '{ID}' AND FALSE;"#);
    let Filter::And(filters) = read(&text).filter else { panic!("{text}") };
    assert!(matches!(&filters[..], [Filter::Cast(..), Filter::Or(none)] if none.is_empty()));
    let column = r#"select a from t where "false" = 1"#;
    assert_eq!(conditions(column), [("false".to_owned(), Operator::Eq, json!(1))]);
}

#[test]
fn whatever_else_it_may_be_is_left_to_the_database() {
    for text in [
        "",
        "select",
        "select 1",
        "select count(*) from t",
        "select a from t where a = 1 or b = 2",
        "select a from t where not a",
        "select a from t where (a = 1)",
        "select a from t, u",
        "select a from t join u on true",
        "select a from t t2",
        "select a, a from t",
        "select a, b as a from t",
        "select a from t where a::money = '5'",
        "select a from t where a in ('x'::date, 'y')",
        "select distinct a from t",
        "select a from t where a = b",
        "select a from t where a = $1",
        "select a from t where a = e'\\n'",
        "select a from t where a::text[] = 'x'",
        "select a from t where a in (select 1)",
        "select a from t where a in (1, null)",
        "select a from t where a in ()",
        "select a from t where a > null",
        "select a from t order by a, b",
        "select a from t order by 1",
        "select a from t limit all",
        "select a from t limit 1.5",
        "select a from t limit 1; select b from t",
        "select a from t for update",
        "select a from t where a = 'x' union select b from u",
        "delete from t",
        "select a from x.y.t",
        "with t as (select 1) select a from t",
    ] {
        assert_eq!(recognise(text), None, "{text}");
    }
}
