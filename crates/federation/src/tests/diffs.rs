use super::{client, column, now, table};
use crate::{
    Diff, DiffKind, DraftInput, Resource, Severity, diff, draft, fingerprint, has_error, is_drift,
};
use serde_json::json;

fn imported() -> (Resource, catalog::Table) {
    let columns = [("id", "int4"), ("name", "text"), ("spare", "text")];
    let table = table("public", "people", &columns, &["id"]);
    let input: DraftInput = serde_json::from_value(json!({"exclude": ["spare"]})).unwrap();
    (draft(&client(), &table, &input, now()).unwrap().resource, table)
}

fn kinds(diffs: &[Diff]) -> Vec<(DiffKind, Option<&str>, Severity)> {
    diffs.iter().map(|diff| (diff.kind, diff.column.as_deref(), diff.severity)).collect()
}

#[test]
fn what_is_as_it_was_has_no_differences() {
    let (resource, table) = imported();
    assert_eq!(diff(&resource, Some(&table)), []);
}

#[test]
fn a_table_that_is_gone_is_one_difference() {
    let (resource, _) = imported();
    let diffs = diff(&resource, None);
    assert_eq!(kinds(&diffs), [(DiffKind::MissingTable, None, Severity::Error)]);
    assert!(has_error(&diffs));
}

#[test]
fn each_way_to_differ_is_told_with_its_weight() {
    let (resource, mut table) = imported();
    table.columns.remove(2);
    table.columns[0].nullable = false;
    table.columns[1] = column("name", "bytea");
    table.columns.push(column("age", "int4"));
    table.primary_key.clear();
    let expected = [
        (DiffKind::NullabilityMismatch, Some("id"), Severity::Warning),
        // Bytes can be told as a text, though not all of them.
        (DiffKind::TypeMismatch, Some("name"), Severity::Warning),
        (DiffKind::PkMismatch, None, Severity::Error),
        (DiffKind::UnmappedColumn, Some("age"), Severity::Warning),
    ];
    assert_eq!(kinds(&diff(&resource, Some(&table))), expected);
    table.columns[1] = column("name", "bool");
    let diffs = diff(&resource, Some(&table));
    assert_eq!(diffs[1].severity, Severity::Error);
    assert_eq!(diffs[1].expected.as_deref(), Some("text (text)"));
    assert_eq!(diffs[1].actual.as_deref(), Some("bool"));
    table.columns.remove(1);
    let diffs = diff(&resource, Some(&table));
    assert_eq!(kinds(&diffs)[1], (DiffKind::MissingColumn, Some("name"), Severity::Error));
}

#[test]
fn a_loss_that_was_accepted_is_told_but_nothing_moved() {
    let odd = table("public", "shapes", &[("id", "int4"), ("shape", "polygon")], &["id"]);
    let resource = draft(&client(), &odd, &DraftInput::default(), now()).unwrap().resource;
    let diffs = diff(&resource, Some(&odd));
    assert_eq!(kinds(&diffs), [(DiffKind::TypeMismatch, Some("shape"), Severity::Warning)]);
    assert!(!is_drift(&diffs));
    let mut moved = odd.clone();
    moved.columns[1] = column("shape", "circle");
    assert!(is_drift(&diff(&resource, Some(&moved))));
}

#[test]
fn a_declared_key_is_measured_against_no_other() {
    let view = table("public", "totals", &[("month", "date"), ("sum", "numeric")], &[]);
    let input: DraftInput = serde_json::from_value(json!({"primaryKey": ["month"]})).unwrap();
    let resource = draft(&client(), &view, &input, now()).unwrap().resource;
    assert_eq!(diff(&resource, Some(&view)), []);
}

#[test]
fn the_same_differences_have_the_same_fingerprint_and_others_another() {
    let (resource, mut table) = imported();
    let gone = fingerprint(&diff(&resource, None));
    assert_eq!(gone, fingerprint(&diff(&resource, None)));
    table.columns.remove(1);
    let column = fingerprint(&diff(&resource, Some(&table)));
    assert_ne!(gone, column);
    assert_ne!(column, fingerprint(&[]));
}
