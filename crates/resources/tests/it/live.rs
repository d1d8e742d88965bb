//! A snapshot beside the database it was made from, which has moved on.

use api_types::ClientName;
use catalog::{
    Column, DataType, EnumType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table,
    TableKind, TypeKind,
};
use resources::{ResourceSet, snapshot::Snapshot};
use std::path::Path;

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn public(name: &str) -> QualifiedName {
    QualifiedName::new(ident("public"), ident(name))
}

fn base(sql: &str) -> DataType {
    DataType { oid: 0, sql: sql.to_owned(), kind: TypeKind::Base(sql.to_owned()) }
}

fn column(name: &str, data_type: DataType) -> Column {
    Column {
        name: ident(name),
        data_type,
        nullable: false,
        default: None,
        generated: Generated::Never,
        comment: None,
    }
}

fn table(name: &str, kind: TableKind, columns: Vec<Column>, key: &[&str]) -> Table {
    Table {
        name: public(name),
        kind,
        columns,
        primary_key: key.iter().map(|name| ident(name)).collect(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: Some(7),
        comment: None,
        row_security: false,
    }
}

/// The snapshot has the key in table order, as drizzle-kit's pull leaves it.
const SNAPSHOT: &str = r#"{"version":"7","dialect":"postgresql","tables":{
    "public.parts":{"name":"parts","schema":"","columns":{
        "note":{"name":"note","type":"text","notNull":false},
        "line":{"name":"line","type":"integer","notNull":true},
        "order_id":{"name":"order_id","type":"integer","notNull":true},
        "gone":{"name":"gone","type":"text","notNull":false}},
      "compositePrimaryKeys":{"k":{"name":"k","columns":["line","order_id"]}}},
    "public.dropped":{"name":"dropped","schema":"","columns":{}}}}"#;

fn live() -> SchemaCache {
    let mood = DataType { oid: 0, sql: "mood".into(), kind: TypeKind::Enum(public("mood")) };
    let over_mood =
        DataType { oid: 0, sql: "feeling".into(), kind: TypeKind::Domain(Box::new(mood)) };
    let mut note = column("note", base("text"));
    note.comment = Some("For the warehouse.".into());
    let columns = vec![
        column("line", base("integer")),
        column("order_id", base("integer")),
        note,
        column("feeling", over_mood),
    ];
    let mut parts = table("parts", TableKind::Table, columns, &["order_id", "line"]);
    parts.foreign_keys.push(ForeignKey {
        name: ident("parts_order_fk"),
        columns: vec![ident("order_id")],
        target: public("orders"),
        target_columns: vec![ident("id")],
    });
    let id = || vec![column("id", base("integer"))];
    let tables = vec![
        parts,
        table("orders", TableKind::Partitioned, id(), &["id"]),
        table("newcomer", TableKind::Table, id(), &["id"]),
    ];
    let mood = EnumType { name: public("mood"), values: vec!["sad".into(), "ok".into()] };
    SchemaCache::new("PostgreSQL 15".into(), vec!["public".into()], tables, vec![mood])
}

fn build() -> (ResourceSet, Vec<String>) {
    let (snapshot, _) = Snapshot::parse(SNAPSHOT, Path::new("x.json")).unwrap();
    let client = ClientName::parse("demo").unwrap();
    let (set, problems) = ResourceSet::build(&client, &snapshot, Some(&live()), None);
    (set, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_database_decides_on_keys_and_types_and_the_snapshot_on_order() {
    let (set, _) = build();
    let parts = set.get("parts").unwrap();
    assert_eq!(parts.spec.id_columns, ["order_id", "line"]);
    let names: Vec<_> = parts.spec.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["note", "line", "order_id", "feeling"]);
    assert_eq!(parts.spec.columns[0].help.as_deref(), Some("For the warehouse."));
    assert_eq!(parts.spec.columns[3].options, ["sad", "ok"], "a domain shows what it is over");
    assert_eq!(parts.estimated_rows, Some(7));
}

#[test]
fn a_partitioned_parent_has_a_page_though_no_snapshot_names_it() {
    let (set, problems) = build();
    let order =
        set.get("parts").unwrap().spec.columns.iter().find(|c| c.name == "order_id").unwrap();
    assert_eq!(order.reference.as_ref().unwrap().resource.as_deref(), Some("orders"));
    assert_eq!(set.get("orders").unwrap().related[0].resource, "parts");
    assert!(!problems.iter().any(|told| told.contains("orders")), "{problems:?}");
}

#[test]
fn every_difference_is_told() {
    let (set, problems) = build();
    assert_eq!(
        problems,
        [
            "column gone of public.parts is in the snapshot but not in the database",
            "column feeling of public.parts is in the database but not in the snapshot; pull the snapshot again",
            "public.dropped is in the snapshot but not in the database; it has no page",
            "public.newcomer is in the database but not in the snapshot; pull the snapshot again",
        ]
    );
    assert!(set.get("dropped").is_none());
    assert!(set.get("newcomer").is_some());
}

#[test]
fn without_a_snapshot_the_database_alone_has_pages_and_no_problems() {
    let client = ClientName::parse("demo").unwrap();
    let (set, problems) = ResourceSet::build(&client, &Snapshot::empty(), Some(&live()), None);
    assert_eq!(set.len(), 3);
    assert_eq!(problems, []);
}
