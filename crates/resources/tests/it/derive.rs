//! Resources of databases nobody configured, against facts computed by SQL.

use crate::samples::sample;
use api_types::{
    ClientName,
    console::{DataType, FieldType, ResourceKind},
};
use resources::{Resource, ResourceSet, snapshot::Snapshot};
use serde_json::Value;

fn set(name: &str) -> ResourceSet {
    let (snapshot, _) = Snapshot::read(&sample(name)).unwrap();
    let (set, problems) =
        ResourceSet::build(&ClientName::parse("demo").unwrap(), &snapshot, None, None);
    assert_eq!(problems, []);
    set
}

fn get<'a>(set: &'a ResourceSet, key: &str) -> &'a Resource {
    set.get(key).unwrap_or_else(|| panic!("no resource {key}"))
}

/// The facts speak of the contract's field types, which are fewer than ours.
fn plain(field: FieldType) -> &'static str {
    match field {
        FieldType::Number => "number",
        FieldType::Boolean => "boolean",
        FieldType::Select => "select",
        FieldType::Date | FieldType::DateTime => "date",
        FieldType::Text
        | FieldType::Time
        | FieldType::Textarea
        | FieldType::Json
        | FieldType::List
        | FieldType::ReadOnly => "text",
    }
}

fn data(data: DataType) -> String {
    serde_json::to_value(data).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn every_column_is_what_the_facts_say() {
    let mut seen = 0;
    for (folder, facts) in
        [("chinook", "chinook/facts.json"), ("invoicing", "invoicing/facts.json")]
    {
        let set = set(&format!("{folder}/meta"));
        let facts: Value =
            serde_json::from_str(&std::fs::read_to_string(sample(facts)).unwrap()).unwrap();
        for (table, facts) in facts["tables"].as_object().unwrap() {
            let (schema, name) = table.split_once('.').unwrap();
            let resource = set.of_table(schema, name).unwrap_or_else(|| panic!("no {table}"));
            let is_view = facts["kind"] != "table";
            assert_eq!(resource.spec.kind == ResourceKind::View, is_view, "{table}");
            let key: Vec<&str> = facts["primary_key"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(resource.spec.id_columns, key, "{table}");
            for fact in facts["columns"].as_array().unwrap() {
                let name = fact["name"].as_str().unwrap();
                let column = resource.spec.columns.iter().find(|c| c.name == name).unwrap();
                let place = format!("{table}.{name}");
                assert_eq!(data(column.data_type), fact["data_type"], "{place}");
                if column.reference.is_none() {
                    assert_eq!(plain(column.field_type), fact["field_type"], "{place}");
                }
                assert_eq!(column.required, fact["required_on_create"] == true, "{place}");
                let options: Vec<&str> = fact["enum"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                assert_eq!(column.options, options, "{place}");
                seen += 1;
            }
        }
    }
    // Of tables, and of the two views of invoicing.
    assert_eq!(seen, 64 + 125 + 10);
}

#[test]
fn every_foreign_key_of_one_column_leads_somewhere() {
    let set = set("chinook/meta");
    let album = get(&set, "album");
    let artist = album.spec.columns.iter().find(|c| c.name == "artist_id").unwrap();
    let reference = artist.reference.as_ref().unwrap();
    assert_eq!(reference.resource.as_deref(), Some("artist"));
    assert_eq!(
        (reference.value_column.as_str(), reference.label_column.as_str()),
        ("artist_id", "name")
    );
    assert_eq!(artist.label, "Artist");
    let links = set.iter().flat_map(|r| &r.spec.columns).filter(|c| c.reference.is_some()).count();
    assert_eq!(links, 11);
    let related = &get(&set, "artist").related;
    assert_eq!((related[0].resource.as_str(), related[0].column.as_str()), ("album", "artist_id"));
    let reports = &get(&set, "employee").related;
    assert!(reports.iter().any(|list| list.resource == "employee" && list.column == "reports_to"));
}

#[test]
fn a_list_starts_with_few_short_columns() {
    for folder in ["chinook/meta", "invoicing/meta", "types/pulled/meta", "types/generated/meta"] {
        for resource in set(folder).iter() {
            let spec = &resource.spec;
            let shown: Vec<_> = spec.columns.iter().filter(|c| c.visible).collect();
            assert!(shown.len() <= 9, "{}: {}", spec.key, shown.len());
            assert!(!shown.is_empty() || spec.columns.is_empty(), "{}", spec.key);
            let all: usize = resource.sections.iter().map(|section| section.columns.len()).sum();
            assert_eq!(all, spec.columns.len(), "{}: each column stands in one section", spec.key);
        }
    }
    let set = set("invoicing/meta");
    let shown: Vec<_> = get(&set, "invoices").spec.columns.iter().filter(|c| c.visible).collect();
    assert!(shown.iter().any(|c| c.is_status && c.name == "status"));
    assert!(shown.iter().all(|c| c.data_type != DataType::Json));
}

#[test]
fn labels_and_searches_use_what_people_know_rows_by() {
    let set = set("invoicing/meta");
    let label = |key: &str| get(&set, key).label_column.clone().unwrap();
    assert_eq!(label("customers"), "name");
    assert_eq!(label("organizations"), "name");
    assert_eq!(label("users"), "display_name");
    assert_eq!(label("tickets"), "subject");
    assert_eq!(label("invoices"), "number");
    let search = &get(&set, "customers").spec.search_by;
    assert_eq!(search[0], "name");
    assert!(search.contains(&"email".to_owned()), "{search:?}");
}

#[test]
fn what_cannot_be_changed_says_why() {
    let set = set("invoicing/meta");
    let view = get(&set, "open_invoices");
    assert!(view.spec.read_only.as_deref().unwrap().starts_with("A view"));
    assert!(view.editable.is_empty() && !view.spec.can_create);
    let lines = get(&set, "invoice_lines");
    assert_eq!(lines.spec.id_columns, ["invoice_id", "line_no"]);
    let total = lines.spec.columns.iter().find(|c| c.name == "line_total").unwrap();
    assert_eq!(total.read_only.as_deref(), Some("The database computes it."));
    assert!(!lines.editable.contains(&"line_total".to_owned()));
    assert!(!lines.editable.contains(&"line_no".to_owned()), "a key is not edited");
    assert!(lines.create_fields.contains(&"line_no".to_owned()), "but it is filled in");
    let types = self::set("types/pulled/meta");
    let none = get(&types, "keys_none");
    assert!(none.spec.read_only.as_deref().unwrap().contains("no key"));
}

#[test]
fn navigation_has_every_resource_once_and_views_last() {
    let set = set("invoicing/meta");
    let categories = set.categories();
    let count: usize = categories.iter().map(|category| category.resources.len()).sum();
    assert_eq!(count, set.len());
    assert_eq!(categories.last().unwrap().label, "Views");
    assert!(categories.iter().any(|category| category.label == "Billing"));
    let invoices = &get(&set, "invoices").spec;
    assert_eq!((invoices.label.as_str(), invoices.singular.as_str()), ("Invoices", "Invoice"));
    assert_eq!(get(&set, "billing.payments").spec.label, "Payments");
}
