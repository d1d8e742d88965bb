use super::*;
use crate::{
    plan::{PlanLimits, samples::cache},
    request::{Operation, ParseOptions, parse},
};
use proptest::prelude::*;

const LIMITS: PlanLimits = PlanLimits { max_rows: 1_000 };

fn planned(body: &[u8]) -> Option<(Plan, Statement)> {
    planned_as(Operation::Fetch, body)
}

fn planned_as(operation: Operation, body: &[u8]) -> Option<(Plan, Statement)> {
    let request = parse(operation, body, &ParseOptions::default()).ok()?;
    let plan = Plan::resolve(request, &cache(), LIMITS).ok()?;
    let statement = Statement::postgres(&plan).ok()?;
    Some((plan, statement))
}

fn learnt(body: &[u8]) -> Option<Pattern> {
    learnt_as(Operation::Fetch, body)
}

fn members(operation: Operation) -> Members {
    match operation {
        Operation::Fetch => Members::Compared,
        _ => Members::Written,
    }
}

fn learnt_as(operation: Operation, body: &[u8]) -> Option<Pattern> {
    let (plan, statement) = planned_as(operation, body)?;
    let cut = Cut::of(body, members(operation))?;
    Pattern::learn(&plan, &statement, &cut, |body| Some(planned_as(operation, body)?.1))
}

fn filled_as(operation: Operation, pattern: &Pattern, body: &[u8]) -> Option<Statement> {
    pattern.filled(Cut::of(body, members(operation))?.literals())
}

fn filled(pattern: &Pattern, body: &[u8]) -> Option<Statement> {
    pattern.filled(Cut::of(body, Members::Compared)?.literals())
}

fn body(conditions: &[(&str, &str, &str)]) -> String {
    let each = conditions.iter().map(|(column, operator, value)| {
        let column = serde_json::Value::from(*column);
        format!(r#"{{"operator":"{operator}","column":{column},"value":{value}}}"#)
    });
    let each: Vec<String> = each.collect();
    format!(r#"{{"table_name":"things","conditions":[{}],"limit":10}}"#, each.join(","))
}

/// The same conditions, named by their columns and operators.
fn tree(conditions: &[(&str, &str, &str)]) -> String {
    let each = conditions.iter().map(|(column, operator, value)| {
        let column = serde_json::Value::from(*column);
        format!(r#"{column}:{{"{operator}":{value}}}"#)
    });
    let each: Vec<String> = each.collect();
    format!(r#"{{"table_name":"things","where":{{{}}},"limit":10}}"#, each.join(","))
}

#[test]
fn pages_of_a_known_request_differ_in_how_many_rows_they_pass_over() {
    let page = |offset: &str, n: &str| {
        format!(
            r#"{{"table_name":"things","where":{{"n":{{"gt":{n}}}}},"sort_by":{{"n":"desc"}},"limit":50,"offset":{offset}}}"#
        )
    };
    let pattern = learnt(page("100", "5").as_bytes()).unwrap();
    for (offset, n) in [("1", "6"), ("9223372036854775807", "-3")] {
        let other = page(offset, n);
        let expected = planned(other.as_bytes()).unwrap().1;
        assert_eq!(filled(&pattern, other.as_bytes()), Some(expected), "{other}");
    }
    // A page from the first row on is another statement.
    let first = page("0", "5");
    let cut = Cut::of(first.as_bytes(), Members::Compared).unwrap();
    assert_eq!(pattern.filled(cut.literals()), None);
}

#[test]
fn a_page_by_its_number_is_as_many_rows_as_the_planner_makes_of_it() {
    let page = |number: &str, more: &str| {
        format!(r#"{{"table_name":"things","current_page":{number},"page_size":40{more}}}"#)
    };
    for more in ["", r#","limit":20"#] {
        let pattern = learnt(page("3", more).as_bytes()).unwrap();
        for number in ["2", "3", "4", "1000000"] {
            let other = page(number, more);
            let expected = planned(other.as_bytes()).unwrap().1;
            assert_eq!(filled(&pattern, other.as_bytes()), Some(expected), "{other}");
        }
        // Nobody gets there, which the planner says.
        for number in ["9223372036854775807", "230584300921369397"] {
            let other = page(number, more);
            assert!(planned(other.as_bytes()).is_none(), "{other}");
            assert_eq!(filled(&pattern, other.as_bytes()), None, "{other}");
        }
    }
    // Pages without rows all begin at the first.
    assert_eq!(learnt(page("3", "").replace("40", "0").as_bytes()), None);
    // Only one of two can decide a parameter.
    let pattern = learnt(page("3", r#","offset":5"#).as_bytes()).unwrap();
    let other = page("4", r#","offset":5"#);
    let expected = planned(other.as_bytes()).unwrap().1;
    assert_eq!(filled(&pattern, other.as_bytes()), Some(expected));
    assert_eq!(filled(&pattern, page("3", r#","offset":6"#).as_bytes()), None);
}

#[test]
fn other_values_of_a_known_request_are_put_in_their_places() {
    let first = body(&[("n", "gt", "5"), ("name", "eq", "\"a\"")]);
    let pattern = learnt(first.as_bytes()).unwrap();
    let second = body(&[("n", "gt", "-70"), ("name", "eq", "\"it's; --\"")]);
    let expected = planned(second.as_bytes()).unwrap().1;
    assert_eq!(filled(&pattern, second.as_bytes()), Some(expected));
}

#[test]
fn a_value_that_is_none_for_its_column_is_left_to_those_who_can_say_why() {
    let pattern = learnt(body(&[("n", "eq", "5")]).as_bytes()).unwrap();
    for value in ["3000000000000", "\"5\"", "null", "5.5", "\"five\""] {
        let other = body(&[("n", "eq", value)]);
        let cut = Cut::of(other.as_bytes(), Members::Compared).unwrap();
        let is_other_body = cut.rest()
            != Cut::of(body(&[("n", "eq", "5")]).as_bytes(), Members::Compared).unwrap().rest();
        assert!(is_other_body || pattern.filled(cut.literals()).is_none(), "{value}");
    }
}

#[test]
fn what_depends_on_its_value_is_not_learnt() {
    for (column, operator, value) in
        [("price", "eq", "\"12\""), ("doc", "contains", "\"[1]\""), ("name", "is", "\"null\"")]
    {
        assert_eq!(learnt(body(&[(column, operator, value)]).as_bytes()), None, "{column} {value}");
    }
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (-40_000_i64..40_000).prop_map(|number| number.to_string()),
        "[a-z'\"%*\\\\{}\\[\\],. 0-9é-]{0,8}"
            .prop_map(|text| serde_json::Value::from(text).to_string()),
        Just("\"550e8400-e29b-41d4-a716-446655440000\"".to_owned()),
        Just("\"6ba7b812-9dad-11d1-80b4-00c04fd430c8\"".to_owned()),
        Just("\"{550E8400-e29b-41d4-a716-446655440000}\"".to_owned()),
        Just("\"550e8400e29b41d4a716446655440000\"".to_owned()),
        Just("\"true\"".to_owned()),
        Just("\"2024-05-01\"".to_owned()),
        Just("20240501".to_owned()),
        Just("\"a*\"".to_owned()),
        Just("\"42\"".to_owned()),
        Just("\"{1,2}\"".to_owned()),
        Just("\"null\"".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1.5".to_owned()),
        (-1_000_000_i64..1_000_000).prop_map(|n| (n as f64 / 8.0).to_string()),
    ]
}

/// Two values, mostly of a kind: only those share a shape.
fn pair() -> impl Strategy<Value = (String, String)> {
    let whole = || any::<i64>().prop_map(|number| number.to_string());
    let small = || (-40_000_i64..40_000).prop_map(|number| number.to_string());
    let text = || "[a-z'%*{}, é-]{0,8}".prop_map(|text| serde_json::Value::from(text).to_string());
    let part = || (1_i64..1_000_000).prop_map(|n| (n as f64 / 100.0).to_string());
    prop_oneof![(small(), whole()), (text(), text()), (part(), part()), (literal(), literal())]
}

fn offset() -> impl Strategy<Value = String> {
    let odd = ["0", "-1", "1.5", "\"7\"", "9223372036854775807", "9223372036854775808", "null"];
    prop_oneof![
        (1_i64..10_000).prop_map(|offset| offset.to_string()),
        any::<i64>().prop_map(|offset| offset.to_string()),
        prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
    ]
}

fn shape() -> impl Strategy<Value = (String, String)> {
    let columns: Vec<String> = cache()
        .table(None, "things")
        .map(|table| table.columns.iter().map(|column| column.name.to_string()).collect())
        .unwrap_or_default();
    let operators = [
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "like",
        "ilike",
        "is",
        "in",
        "contains",
        "contained",
    ];
    (prop::sample::select(columns), prop::sample::select(operators.to_vec()))
        .prop_map(|(column, operator)| (column, operator.to_owned()))
}

#[test]
fn rows_that_differ_in_their_values_are_written_by_one_pattern() {
    let row = |n: &str, name: &str, price: &str| {
        format!(
            r#"{{"table_name":"things","insert_body":{{"n":{n},"name":"{name}","price":{price},"ratio":{price},"ok":true,"at":"2024-05-01T10:00:00Z"}}}}"#
        )
    };
    let set = |n: &str, name: &str, price: &str| {
        format!(
            r#"{{"table_name":"things","set":{{"name":"{name}","price":{price}}},"conditions":[{{"operator":"eq","column":"n","value":{n}}}]}}"#
        )
    };
    for (operation, of) in [
        (Operation::Insert, &row as &dyn Fn(&str, &str, &str) -> String),
        (Operation::Update, &set),
    ] {
        let (first, second) = (of("5", "a", "1.25"), of("-70", "it's; --", "1000.5"));
        let pattern = learnt_as(operation, first.as_bytes()).unwrap();
        let (plan, expected) = planned_as(operation, second.as_bytes()).unwrap();
        assert_eq!(filled_as(operation, &pattern, second.as_bytes()), Some(expected));
        let values = format!("{:?}", plan.without_values());
        assert!(!values.contains("1000.5") && !values.contains("it's"), "{values}");
        // A whole number is no decimal, so it is another shape, and one that is too large fits nowhere.
        let large = of("3000000000", "a", "1.25");
        assert_eq!(filled_as(operation, &pattern, large.as_bytes()), None);
    }
}

#[test]
fn a_value_that_the_planner_looks_at_is_for_itself_only() {
    let row = |mood: &str, n: u8| {
        format!(r#"{{"table_name":"things","insert_body":{{"mood":"{mood}","n":{n}}}}}"#)
    };
    let first = row("happy", 1);
    let pattern = learnt_as(Operation::Insert, first.as_bytes()).unwrap();
    let same = row("happy", 9);
    let expected = planned_as(Operation::Insert, same.as_bytes()).map(|(_, statement)| statement);
    assert_eq!(filled_as(Operation::Insert, &pattern, same.as_bytes()), expected);
    for other in ["sad", "no such mood"] {
        let other = row(other, 9);
        assert_eq!(filled_as(Operation::Insert, &pattern, other.as_bytes()), None);
    }
}

#[test]
fn what_a_dialect_or_a_cast_makes_of_a_value_is_found_out() {
    let sqlite = |body: &[u8]| Statement::sqlite(&planned(body)?.0).ok();
    let of = |column: &str, operator: &str, value: &str, more: &str| {
        format!(
            r#"{{"table_name":"things","conditions":[{{"column":"{column}","operator":"{operator}","value":{value}{more}}}]}}"#
        )
    };
    // SQLite has other signs in its patterns.
    let like = of("name", "like", "\"abc\"", "");
    let (plan, _) = planned(like.as_bytes()).unwrap();
    let cut = Cut::of(like.as_bytes(), Members::Compared).unwrap();
    assert!(learnt(like.as_bytes()).is_some());
    assert_eq!(Pattern::learn(&plan, &sqlite(like.as_bytes()).unwrap(), &cut, sqlite), None);
    for (column, value, cast) in
        [("id", "5", "float8"), ("id", "5", "int2"), ("id", "5", "int4"), ("name", "2.5", "float8")]
    {
        let body = of(column, "eq", value, &format!(r#","value_cast":"{cast}""#));
        assert!(planned(body.as_bytes()).is_some(), "{body}");
        assert_eq!(learnt(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn a_body_of_very_many_literals_is_planned_each_time() {
    let of = |count: usize| {
        let each: Vec<String> = (0..count)
            .map(|n| format!(r#"{{"operator":"neq","column":"n","value":{n}}}"#))
            .collect();
        format!(r#"{{"table_name":"things","conditions":[{}]}}"#, each.join(","))
    };
    assert!(learnt(of(MOST_LITERALS).as_bytes()).is_some());
    assert_eq!(learnt(of(MOST_LITERALS + 1).as_bytes()), None);
}

#[test]
fn what_may_write_several_rows_or_tells_its_values_is_not_learnt() {
    for (operation, body) in [
        (Operation::Insert, r#"{"table_name":"things","insert_body":[{"n":1},{"n":2}]}"#),
        (
            Operation::Insert,
            r#"{"table_name":"things","insert_body":{"id":1,"n":1},"on_conflict":["id"]}"#,
        ),
        (Operation::Delete, r#"{"table_name":"things","resource_id":7}"#),
    ] {
        assert!(planned_as(operation, body.as_bytes()).is_some(), "{body}");
        assert_eq!(learnt_as(operation, body.as_bytes()), None, "{body}");
    }
}

/// In SQLite's dialect, a pattern that was learnt from one body says what the whole way says of the
/// other, or nothing.
fn agrees_in_sqlite(operation: Operation, one: &str, other: &str) -> bool {
    let sqlite = |body: &[u8]| Statement::sqlite(&planned_as(operation, body)?.0).ok();
    let Some((plan, _)) = planned_as(operation, one.as_bytes()) else { return true };
    let (Some(statement), Some(own), Some(same)) = (
        sqlite(one.as_bytes()),
        Cut::of(one.as_bytes(), members(operation)),
        Cut::of(other.as_bytes(), members(operation)),
    ) else {
        return true;
    };
    let Some(pattern) = Pattern::learn(&plan, &statement, &own, sqlite) else { return true };
    let made = pattern.filled(same.literals());
    pattern.filled(own.literals()) == Some(statement)
        && (own.rest() != same.rest() || made.is_none() || made == sqlite(other.as_bytes()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A pattern either says what the whole way would have said, or nothing.
    #[test]
    fn a_filled_pattern_is_the_statement_of_the_whole_way(
        shapes in prop::collection::vec((shape(), pair()), 1..3),
        offsets in prop::option::of((offset(), offset())),
        (is_tree, is_page) in any::<(bool, bool)>(),
    ) {
        let of = |second: bool| {
            let each: Vec<(&str, &str, &str)> = shapes
                .iter()
                .map(|((column, operator), (one, other))| {
                    (column.as_str(), operator.as_str(), if second { other } else { one }.as_str())
                })
                .collect();
            let mut body = if is_tree { tree(&each) } else { body(&each) };
            if let Some((one, other)) = &offsets {
                let (name, size) = (if is_page { "current_page" } else { "offset" }, 20);
                let offset = if second { other } else { one };
                body.insert_str(1, &format!(r#""{name}":{offset},"page_size":{size},"#));
            }
            body
        };
        let (one, other) = (of(false), of(true));
        prop_assert!(agrees_in_sqlite(Operation::Fetch, &one, &other), "{one} {other}");
        if let Some(pattern) = learnt(one.as_bytes()) {
            let own = planned(one.as_bytes()).map(|(_, statement)| statement);
            prop_assert_eq!(filled(&pattern, one.as_bytes()), own);
            let same = Cut::of(one.as_bytes(), Members::Compared).unwrap().rest() == Cut::of(other.as_bytes(), Members::Compared).unwrap().rest();
            if same && let Some(made) = filled(&pattern, other.as_bytes()) {
                prop_assert_eq!(Some(made), planned(other.as_bytes()).map(|(_, statement)| statement));
            }
        }
    }

    /// So it is for rows that are written.
    #[test]
    fn a_filled_pattern_of_a_write_is_the_statement_of_the_whole_way(
        members in prop::collection::vec((shape(), pair()), 1..4),
        is_insert in any::<bool>(),
    ) {
        let operation = if is_insert { Operation::Insert } else { Operation::Update };
        let of = |second: bool| {
            let each = members.iter().map(|((column, _), (one, other))| {
                let column = serde_json::Value::from(column.as_str());
                format!("{column}:{}", if second { other } else { one })
            });
            let row = each.collect::<Vec<_>>().join(",");
            if is_insert {
                format!(r#"{{"table_name":"things","insert_body":{{{row}}}}}"#)
            } else {
                let key = if second { 2 } else { 1 };
                format!(
                    r#"{{"table_name":"things","set":{{{row}}},"conditions":[{{"operator":"eq","column":"id","value":{key}}}]}}"#
                )
            }
        };
        let (one, other) = (of(false), of(true));
        prop_assert!(agrees_in_sqlite(operation, &one, &other), "{one} {other}");
        if let Some(pattern) = learnt_as(operation, one.as_bytes()) {
            let statement = |body: &str| planned_as(operation, body.as_bytes()).map(|(_, made)| made);
            prop_assert_eq!(filled_as(operation, &pattern, one.as_bytes()), statement(&one));
            let cut = |body: &str| Cut::of(body.as_bytes(), Members::Written).unwrap().rest().to_vec();
            if cut(&one) == cut(&other)
                && let Some(made) = filled_as(operation, &pattern, other.as_bytes())
            {
                prop_assert_eq!(Some(made), statement(&other));
            }
        }
    }
}
