//! `resources.yaml` against a real snapshot: what it changes, and what it gets wrong.

use crate::samples::sample;
use api_types::ClientName;
use resources::{ConfigError, ResourceSet, ResourcesConfig, snapshot::Snapshot};

fn build(yaml: &str) -> (ResourceSet, Vec<String>) {
    let (snapshot, _) = Snapshot::read(&sample("invoicing/meta")).unwrap();
    let config = ResourcesConfig::parse(yaml).unwrap();
    let client = ClientName::parse("demo").unwrap();
    let (set, problems) = ResourceSet::build(&client, &snapshot, None, Some(&config));
    (set, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_route_changes_what_it_names_and_nothing_else() {
    let (set, problems) = build(
        "
resources:
  bills:
    table: invoices
    idColumn: id
    page_label: Bills
    icon: receipt
    category: Money
    columns:
      - number
      - {column_name: status, label: State, category: Life}
      - {column_name: notes, hidden: true}
    searchBy: number, notes
    enableNewResourceCreation: true
    edit: {deniedColumns: [status]}
    create:
      required: [customer_id]
      optional: [notes]
      defaultValues: {currency: EUR}
",
    );
    let bills = set.get("bills").unwrap();
    assert_eq!((bills.spec.label.as_str(), bills.spec.singular.as_str()), ("Bills", "Bill"));
    assert_eq!(
        (bills.spec.icon.as_deref(), bills.spec.category.as_str()),
        (Some("receipt"), "Money")
    );
    let shown: Vec<_> =
        bills.spec.columns.iter().filter(|c| c.visible).map(|c| c.label.as_str()).collect();
    assert_eq!(shown, ["Number", "State"]);
    assert_eq!(bills.spec.search_by, ["number", "notes"]);
    assert!(!bills.editable.contains(&"status".to_owned()));
    assert!(bills.editable.contains(&"notes".to_owned()));
    assert!(bills.sections.iter().any(|s| s.title == "Life" && s.columns == ["status"]));
    assert_eq!(bills.create_fields, ["customer_id", "notes"]);
    assert!(set.get("invoices").is_none() && set.get("customers").is_some());
    let leading: Vec<_> = problems.iter().filter(|told| told.starts_with("line")).collect();
    assert!(leading.is_empty(), "{leading:?}");
}

#[test]
fn a_client_of_its_own_wins_over_the_shared_route() {
    let (set, problems) = build(
        "
resources:
  customers: {page_label: Shared}
clients:
  demo:
    customers: {page_label: Ours}
  other:
    customers: {page_label: Theirs}
",
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(set.get("customers").unwrap().spec.label, "Ours");
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let (_, problems) = build(
        "resources:
  invoices:
    idColumm: id
    colums: [id]
    searchBy: [nunber]
  invoicse: {}
  customers:
    idColumn: name
    columns: [name, nmae, name]
    enableSearch: maybe
    rowActions: []
  users: 7
clients:
  no spaces please: {}
extra: 1
",
    );
    let expected = [
        "line 3, column 5: resource invoices has no key \"idColumm\"; did you mean \"idColumn\"?",
        "line 4, column 5: resource invoices has no key \"colums\"; did you mean \"columns\"?",
        "line 5, column 16: table invoices has no column \"nunber\"; did you mean \"number\"?",
        "line 6, column 3: there is no table \"invoicse\"; did you mean \"invoices\"?",
        "line 8, column 15: name does not name one row of customers",
        "line 9, column 21: table customers has no column \"nmae\"; did you mean \"name\"?",
        "line 9, column 27: column \"name\" is listed twice",
        "line 10, column 19: enableSearch of resource customers must be true or false",
        "line 11, column 5: rowActions of resource customers has no effect yet",
        "line 12, column 10: resource users must be a map",
        "line 14, column 3: \"no spaces please\": a client name holds letters, digits, '.', '-' and '_' only",
        "line 15, column 1: the file has no key \"extra\"",
    ];
    for told in expected {
        assert!(problems.iter().any(|problem| problem == told), "{told}\nnot in {problems:#?}");
    }
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
}

#[test]
fn two_resources_cannot_share_a_path() {
    let (set, problems) = build(
        "resources:
  invoices: {path: bills}
  customers: {path: bills}
  users: {path: a/b}
",
    );
    assert!(problems[0].contains("path \"bills\" already leads to"), "{problems:?}");
    assert!(problems[1].contains("\"a/b\" is not one segment"), "{problems:?}");
    assert!(set.get("users").is_some());
}

#[test]
fn broken_yaml_is_refused_with_its_place() {
    let error = ResourcesConfig::parse("resources:\n  a: [\n").unwrap_err();
    assert!(matches!(error, ConfigError::NotYaml { .. }));
    assert!(error.to_string().contains("line"), "{error}");
    let twice = ResourcesConfig::parse("resources: {}\nresources: {}\n").unwrap_err();
    assert!(twice.to_string().contains("uplicate"), "{twice}");
    assert!(ResourcesConfig::parse("").unwrap().problems.is_empty());
}
