use super::*;
use crate::plan::{CallLimits, samples};
use crate::request::CallRequest;
use crate::statement::{Effects, Param};
use serde_json::{Value, json};

fn statement(body: Value) -> Statement {
    let request = CallRequest::parse(body.to_string().as_bytes(), &Default::default()).unwrap();
    let limits = CallLimits { max_rows: 1_000, schemas: &["public".to_owned()] };
    render(&CallPlan::resolve(request, &samples::routines(), limits).unwrap()).unwrap()
}

#[test]
fn a_function_that_returns_rows_stands_where_a_table_does() {
    let made = statement(json!({
        "function": "score", "args": {"seed": ["a", null], "top": 3}, "select": "k",
        "filters": [{"column": "n", "operator": "gt", "value": 1}],
        "order": {"column": "n", "ascending": false}, "limit": 5, "count": "exact"
    }));
    assert_eq!(
        made.text(),
        r#"SELECT count(*) OVER (), "k" FROM "public"."score"("top" => $1::int4, VARIADIC "seed" => $2::text::text[]) AS "result" WHERE "n" > $3::int4 ORDER BY "n" DESC LIMIT 5"#
    );
    assert_eq!(made.params()[1], Param::Text("{\"a\",NULL}".to_owned()));
    assert_eq!((made.counts(), made.effects()), (true, Effects::Possible));
    assert_eq!(made.access(), crate::Access::ReadOnly);
}

#[test]
fn a_count_alone_still_asks_for_the_row_it_stands_beside() {
    let args = json!({"seed": [], "top": 3});
    let made = statement(json!({"function": "score", "args": args, "head": true, "offset": 9}));
    assert!(made.text().starts_with("SELECT count(*) OVER (), "), "{}", made.text());
    assert!(made.text().ends_with(" LIMIT 1"), "{}", made.text());
}

#[test]
fn a_single_value_is_answered_bare() {
    let made = statement(json!({"function": "add", "args": {"b": 2, "a": 1}}));
    assert_eq!(
        made.text(),
        r#"SELECT "value" FROM "public"."add"("a" => $1::int4, "b" => $2::int4) AS "result"("value") LIMIT 1000"#
    );
    assert_eq!((made.rows(), made.counts()), (RowsWanted::Values, false));
    assert_eq!(made.access(), crate::Access::ReadWrite);
}

#[test]
fn a_procedure_is_called_with_a_place_for_what_comes_back() {
    let made = statement(json!({"function": "pay", "args": {"id": 7}}));
    assert_eq!(
        made.text(),
        r#"CALL "public"."pay"("id" => $1::int8, "left \"over\"" => NULL)"#.replace("\\\"", "\"\"")
    );
    assert_eq!(made.rows(), RowsWanted::Objects);
}
