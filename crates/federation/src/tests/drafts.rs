use super::{client, now, table};
use crate::{Draft, DraftError, DraftInput, FieldType, NoteKind, Snapshot, draft, suggested_name};
use serde_json::json;

fn orders() -> catalog::Table {
    let columns = [("tenant", "int4"), ("no", "int8"), ("total", "numeric"), ("shape", "polygon")];
    table("sales", "Orders", &columns, &["tenant", "no"])
}

fn drafted(input: serde_json::Value) -> Result<Draft, DraftError> {
    let input: DraftInput = serde_json::from_value(input).unwrap();
    draft(&client(), &orders(), &input, now())
}

#[test]
fn a_draft_keeps_every_column_of_the_key_and_suggests_a_name() {
    let draft = drafted(json!({})).unwrap();
    assert_eq!(draft.name.as_str(), "orders");
    let key: Vec<&str> = draft.resource.primary_key.iter().map(catalog::Ident::as_str).collect();
    assert_eq!(key, ["tenant", "no"]);
    assert!(!draft.resource.key_is_declared);
    assert!(!draft.resource.writable);
}

#[test]
fn what_does_not_survive_is_noted_by_column() {
    let draft = drafted(json!({"types": {"total": "rating"}})).unwrap();
    let notes: Vec<_> = draft.notes.iter().map(|n| (n.column.as_deref(), n.kind)).collect();
    assert_eq!(
        notes,
        [(Some("total"), NoteKind::LossyType), (Some("shape"), NoteKind::UnknownType)]
    );
}

#[test]
fn a_type_that_cannot_be_refuses_the_draft() {
    let refused = drafted(json!({"types": {"total": "vector"}})).unwrap_err();
    assert!(matches!(&refused, DraftError::Incompatible { column, .. } if column == "total"));
    assert_eq!(refused.problem().code, "EXTERNAL_IMPORT_ERROR");
}

#[test]
fn columns_are_left_out_and_renamed() {
    let asked = json!({"exclude": ["shape"], "rename": {"no": "number"}, "name": "sales_orders"});
    let draft = drafted(asked).unwrap();
    let shown = draft.shown();
    assert_eq!(shown["definition"]["columnMap"]["no"], "number");
    assert_eq!(shown["definition"]["ignoreColumns"], json!(["shape"]));
    assert_eq!(draft.name.as_str(), "sales_orders");
}

#[test]
fn what_is_not_there_or_would_be_there_twice_is_refused() {
    let refused = [
        json!({"include": ["tenant", "nope"]}),
        json!({"rename": {"nope": "a"}}),
        json!({"rename": {"no": "total"}}),
        json!({"exclude": ["no"]}),
        json!({"include": []}),
        json!({"name": "Orders"}),
        json!({"name": ""}),
        json!({"rename": {"no": ""}}),
        json!({"primaryKey": ["nope"]}),
    ];
    for asked in refused {
        assert_eq!(drafted(asked.clone()).unwrap_err().problem().status, 400, "{asked}");
    }
    // Without its key it is fine where another key is named.
    assert!(drafted(json!({"exclude": ["no"], "primaryKey": ["tenant"]})).is_ok());
}

#[test]
fn unknown_members_of_the_wish_are_refused() {
    let odd = serde_json::from_value::<DraftInput>(json!({"colums": []})).unwrap_err();
    assert!(odd.to_string().contains("colums"), "{odd}");
}

#[test]
fn the_config_text_is_the_draft_again_whatever_the_names_hold() {
    let odd = table("odd\nschema: x", "t\"able", &[("a: b", "text")], &["a: b"]);
    let input = DraftInput { name: Some("odd".to_owned()), ..DraftInput::default() };
    let draft = draft(&client(), &odd, &input, now()).unwrap();
    let mut lines = draft.config.lines();
    assert!(lines.next().unwrap().starts_with('#'));
    let members: serde_json::Map<String, serde_json::Value> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(key, value)| (key.to_owned(), serde_json::from_str(value).unwrap()))
        .collect();
    let again: DraftInput = serde_json::from_value(members.into()).unwrap();
    let again = super::super::draft(&client(), &odd, &again, now()).unwrap();
    assert_eq!(again.resource, crate::Resource { ..draft.resource });
    assert_eq!(again.resource.fields[0].field_type, FieldType::Text);
}

#[test]
fn names_are_made_of_what_tables_are_called() {
    for (remote, name) in [
        ("Orders", "orders"),
        ("OrderLines", "order_lines"),
        ("9 lives", "_9_lives"),
        ("ORDERS", "orders"),
        ("é", "_"),
    ] {
        assert_eq!(suggested_name(remote), name);
    }
}

#[test]
fn a_snapshot_has_what_is_allowed_and_whole_keys() {
    let hidden = table("secret", "plans", &[("id", "int4")], &["id"]);
    let cache = super::catalog(vec![orders(), hidden]);
    let snapshot = Snapshot::of(&client(), &cache, Some(&["sales".to_owned()]), now());
    assert_eq!(snapshot.name, "crm_catalog");
    let [only] = snapshot.tables.as_slice() else { panic!("{snapshot:?}") };
    assert_eq!((only.remote_schema.as_str(), only.remote_name.as_str()), ("sales", "Orders"));
    assert_eq!(only.primary_key, ["tenant", "no"]);
    let keyed: Vec<bool> = only.columns.iter().map(|column| column.primary_key).collect();
    assert_eq!(keyed, [true, true, false, false]);
    let again: Snapshot = serde_json::from_value(serde_json::to_value(&snapshot).unwrap()).unwrap();
    assert_eq!(again, snapshot);
}
