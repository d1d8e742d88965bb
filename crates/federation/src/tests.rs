mod diffs;
mod drafts;
mod matrix;
mod views;

use api_types::ClientName;
use catalog::{
    Column, DataType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind,
    TypeKind,
};

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn client() -> ClientName {
    ClientName::parse("crm").unwrap()
}

fn now() -> String {
    "2026-01-01T00:00:00Z".to_owned()
}

fn base(name: &str) -> DataType {
    DataType { oid: 1, sql: name.to_owned(), kind: TypeKind::Base(name.to_owned()) }
}

fn column(name: &str, base_name: &str) -> Column {
    Column {
        name: ident(name),
        data_type: base(base_name),
        nullable: true,
        default: None,
        generated: Generated::Never,
        comment: None,
    }
}

fn table(schema: &str, name: &str, columns: &[(&str, &str)], key: &[&str]) -> Table {
    Table {
        name: QualifiedName::new(ident(schema), ident(name)),
        kind: TableKind::Table,
        columns: columns.iter().map(|(name, base)| column(name, base)).collect(),
        primary_key: key.iter().map(|name| ident(name)).collect(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

fn pointing(mut table: Table, column: &str, target: (&str, &str), at: &str) -> Table {
    table.foreign_keys.push(ForeignKey {
        name: ident("fk"),
        columns: vec![ident(column)],
        target: QualifiedName::new(ident(target.0), ident(target.1)),
        target_columns: vec![ident(at)],
    });
    table
}

fn catalog(tables: Vec<Table>) -> SchemaCache {
    SchemaCache::new("PostgreSQL 15".to_owned(), vec!["public".to_owned()], tables, Vec::new())
}
