use super::*;
use crate::request::Granularity;
use serde_json::{Value, json};

fn plan(by: &str, sum: Option<&str>) -> GroupingPlan {
    GroupingPlan {
        by: by.to_owned(),
        granularity: None,
        sum: sum.map(str::to_owned),
        is_cumulative: false,
        is_distinct: false,
    }
}

const ROWS: &str = r#"[{"at":"2025-01-02T10:05:00Z","v":2.50,"k":"b"},{"at":"2025-01-02T10:59:00Z","v":"2.5","k":"a"},{"at":"2025-01-01T00:00:00Z","v":null,"k":"a"},{"k":null,"v":12345678901234567890.10}]"#;

fn text(plan: &GroupingPlan, rows: &str) -> String {
    String::from_utf8(grouped(plan, rows.as_bytes()).unwrap()).unwrap()
}

#[test]
fn groups_have_exactly_the_contracts_shape_and_keep_every_digit() {
    assert_eq!(
        text(&plan("k", Some("v")), ROWS),
        r#"[{"label":"a","rows":[{"at":"2025-01-02T10:59:00Z","v":"2.5","k":"a"},{"at":"2025-01-01T00:00:00Z","v":null,"k":"a"}],"aggregation":"2.5","aggregation_value":2.5,"dedup_count":null},{"label":"b","rows":[{"at":"2025-01-02T10:05:00Z","v":2.50,"k":"b"}],"aggregation":"2.50","aggregation_value":2.50,"dedup_count":null},{"label":"null","rows":[{"k":null,"v":12345678901234567890.10}],"aggregation":"12345678901234567890.10","aggregation_value":12345678901234567890.10,"dedup_count":null}]"#
    );
    assert_eq!(
        text(&plan("k", None), r#"[{"k":1}]"#),
        r#"[{"label":"1","rows":[{"k":1}],"aggregation":null,"aggregation_value":null,"dedup_count":null}]"#
    );
    assert_eq!(text(&plan("k", None), "[]"), "[]");
}

#[test]
fn a_running_total_follows_the_labels_and_equal_values_count_once_in_each() {
    let plan = GroupingPlan {
        granularity: Some(Granularity::Hour),
        is_cumulative: true,
        is_distinct: true,
        ..plan("at", Some("v"))
    };
    let groups: Value = serde_json::from_str(&text(&plan, ROWS)).unwrap();
    let seen: Vec<(&Value, &Value, &Value)> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (&group["label"], &group["aggregation"], &group["dedup_count"]))
        .collect();
    assert_eq!(
        seen,
        [
            (&json!("2025-01-01 00:00"), &json!("0"), &json!(0)),
            (&json!("2025-01-02 10:00"), &json!("2.50"), &json!(1)),
            (&json!("null"), &json!("12345678901234567892.60"), &json!(1)),
        ]
    );
}

#[test]
fn a_value_that_cannot_be_summed_or_read_as_a_time_is_named() {
    let sum = grouped(&plan("k", Some("k")), ROWS.as_bytes()).unwrap_err();
    assert_eq!(sum.to_string(), "the value of 'k' in row 0 is not a number");
    let by_time = GroupingPlan { granularity: Some(Granularity::Day), ..plan("k", None) };
    let time = grouped(&by_time, ROWS.as_bytes()).unwrap_err();
    assert_eq!(time.to_string(), "the value of 'k' in row 0 is not a time");
}
