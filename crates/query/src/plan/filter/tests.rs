use super::*;
use crate::plan::samples::cache;
use serde_json::json;

fn leaf(column: &str, operator: Operator, value: Value) -> Filter {
    let (path, column) = ("conditions[0]".to_owned(), column.to_owned());
    Filter::Condition(Condition { path, column, operator, value })
}

fn plan(filter: &Filter) -> Result<PlannedFilter, PlanError> {
    let cache = cache();
    let table = cache.table(None, "things").unwrap();
    resolve(filter, table, &cache)
}

/// Its shape: `null(n)`, `any(n,2)`.
fn shape(filter: &PlannedFilter) -> String {
    let all = |filters: &[PlannedFilter]| filters.iter().map(shape).collect::<Vec<_>>().join(" ");
    match filter {
        PlannedFilter::All => "all".to_owned(),
        PlannedFilter::Never => "never".to_owned(),
        PlannedFilter::And(filters) => format!("and({})", all(filters)),
        PlannedFilter::Or(filters) => format!("or({})", all(filters)),
        PlannedFilter::Not(filter) => format!("not({})", shape(filter)),
        PlannedFilter::Compare { operator, .. } => format!("{operator:?}"),
        PlannedFilter::IsNull { negated: false, .. } => "null".to_owned(),
        PlannedFilter::IsNull { negated: true, .. } => "present".to_owned(),
        PlannedFilter::IsBool { value, .. } => format!("{value:?}"),
        PlannedFilter::Cast { to, filter } => format!("{}:{}", to.name(), shape(filter)),
        PlannedFilter::Among { values, negated, .. } => {
            format!("{}{}", if *negated { "none" } else { "any" }, values.len())
        }
    }
}

#[test]
fn null_and_empty_lists_mean_what_they_say() {
    use Operator::{Eq, In, Is, IsNull, Neq, NotIn, NotNull};
    for (operator, value, expected) in [
        (Eq, json!(null), "null"),
        (Neq, json!(null), "present"),
        (Eq, json!([1, 2]), "any2"),
        (Eq, json!([]), "never"),
        (In, json!([]), "never"),
        (NotIn, json!([]), "all"),
        (In, json!([1, null]), "or(any1 null)"),
        (NotIn, json!([1, null]), "and(none1 present)"),
        (In, json!([null]), "null"),
        (NotIn, json!([null]), "present"),
        (Is, json!(null), "null"),
        (Is, json!("not null"), "present"),
        (IsNull, json!(null), "null"),
        (NotNull, json!(null), "present"),
    ] {
        let planned = plan(&leaf("n", operator, value.clone())).unwrap();
        assert_eq!(shape(&planned), expected, "{operator:?} {value}");
    }
    for (value, expected) in
        [(json!(true), "Some(true)"), (json!("FALSE"), "Some(false)"), (json!("unknown"), "None")]
    {
        assert_eq!(shape(&plan(&leaf("ok", Is, value)).unwrap()), expected);
    }
}

#[test]
fn constants_are_folded_until_every_row_is_seen_as_that() {
    let all = || leaf("n", Operator::NotIn, json!([]));
    let never = || leaf("n", Operator::In, json!([]));
    let one = || leaf("n", Operator::Eq, json!(1));
    for (filter, expected) in [
        (Filter::And(vec![]), "all"),
        (Filter::Or(vec![]), "never"),
        (Filter::And(vec![all(), all()]), "all"),
        (Filter::And(vec![all(), one()]), "Eq"),
        (Filter::And(vec![never(), one()]), "never"),
        (Filter::Or(vec![one(), all()]), "all"),
        (Filter::Or(vec![one(), never()]), "Eq"),
        (Filter::Not(Box::new(never())), "all"),
        (Filter::Not(Box::new(all())), "never"),
        (Filter::Not(Box::new(one())), "not(Eq)"),
        (Filter::Or(vec![one(), Filter::And(vec![one(), one()])]), "or(Eq and(Eq Eq))"),
    ] {
        assert_eq!(shape(&plan(&filter).unwrap()), expected, "{filter:?}");
    }
}

#[test]
fn an_operator_that_does_not_fit_its_column_is_refused_by_its_place() {
    use Operator::{Contained, Contains, Gt, In, Is, Like};
    for (column, operator, value) in [
        ("n", Gt, json!(null)),
        ("n", Is, json!(true)),
        ("ok", Is, json!("perhaps")),
        ("ok", Is, json!(1)),
        ("n", In, json!(1)),
        ("name", Like, json!(1)),
        ("name", Contains, json!("a")),
        ("tags", Contained, json!(null)),
    ] {
        let problem = plan(&leaf(column, operator, value.clone())).unwrap_err().problem();
        let said = (problem.status, problem.code.as_str());
        assert_eq!(said, (400, "invalid_condition"), "{column} {operator:?} {value}");
        assert!(problem.message.contains("conditions[0]"), "{problem:?}");
    }
}

#[test]
fn patterns_suit_every_column() {
    for column in ["id", "name", "token", "doc", "mood", "tags", "day"] {
        let planned = plan(&leaf(column, Operator::Ilike, json!("%7%"))).unwrap();
        assert_eq!(shape(&planned), "Ilike", "{column}");
    }
}

#[test]
fn a_cast_never_hides_that_every_row_is_meant() {
    use crate::request::{CastType, Casts};
    let casts = Casts { column: Some(CastType::TEXT), ..Casts::default() };
    let cast = |column: &str, operator, value| {
        let Filter::Condition(condition) = leaf(column, operator, value) else { panic!("a leaf") };
        shape(&plan(&Filter::Cast(condition, casts)).unwrap())
    };
    assert_eq!(cast("n", Operator::NotIn, json!([])), "all");
    assert_eq!(cast("n", Operator::In, json!([])), "never");
    assert_eq!(cast("n", Operator::Eq, json!("x")), "text:Eq");
    assert_eq!(cast("n", Operator::In, json!(["x", null])), "text:or(any1 null)");
    // To what the column is anyway, and to text for UUIDs, nothing is cast.
    assert_eq!(cast("name", Operator::Eq, json!("x")), "Eq");
    assert_eq!(cast("code", Operator::Eq, json!("x")), "Eq");
    let uuid = json!("6F1E0F0E-0000-4000-8000-00000000BEEF");
    assert_eq!(cast("token", Operator::Eq, uuid), "Eq");
    assert_eq!(cast("token", Operator::Like, json!("6f%")), "text:Like");
}
