//! Foreign keys become relationships: of tables, of the views over them, and through junctions.

use super::{
    idents, qualified,
    relations::PrimaryKeys,
    rows::{ComputedRow, ForeignKeyRow},
    views::Shown,
};
use catalog::{Ident, QualifiedName};
use postgrest::schema::{Cardinality, Junction, KeyColumns, Relationship};
use std::collections::HashMap;

/// A foreign key between two relations, one or both of which may be views.
struct Key {
    table: End,
    foreign: End,
    columns: KeyColumns,
    is_one_to_one: bool,
}

#[derive(Clone)]
struct End {
    oid: i64,
    name: QualifiedName,
    is_view: bool,
}

pub(super) fn relationships(
    rows: &[ForeignKeyRow],
    shown: &Shown,
    primary_keys: &PrimaryKeys,
) -> Vec<Relationship> {
    let keys: Vec<Key> = rows.iter().flat_map(|row| keys(row, shown)).collect();
    let mut all: Vec<Relationship> = keys.iter().flat_map(Key::both_ways).collect();
    all.extend(through_junctions(&keys, primary_keys));
    all
}

pub(super) fn computed(row: &ComputedRow) -> Option<Relationship> {
    let table = qualified(&row.own_schema, &row.own_name)?;
    let foreign_table = qualified(&row.other_schema, &row.other_name)?;
    Some(Relationship::Computed {
        function: qualified(&row.function_schema, &row.function_name)?,
        is_self: table == foreign_table,
        to_one: row.to_one,
        table,
        foreign_table,
    })
}

/// The key itself, and the same between every view that shows one side and what the other side is.
fn keys(row: &ForeignKeyRow, shown: &Shown) -> Vec<Key> {
    let (own, other) = (
        ends(row.relation, (&row.own_schema, &row.own_name), &row.columns, &row.positions, shown),
        ends(
            row.foreign_relation,
            (&row.other_schema, &row.other_name),
            &row.foreign_columns,
            &row.foreign_positions,
            shown,
        ),
    );
    let Ok(constraint) = Ident::parse(&row.name) else { return Vec::new() };
    let pairs = own.iter().flat_map(|own| other.iter().map(move |other| (own, other)));
    let keys = pairs.map(|((table, names), (foreign, foreign_names))| Key {
        table: table.clone(),
        foreign: foreign.clone(),
        columns: KeyColumns {
            constraint: constraint.clone(),
            columns: names.iter().cloned().zip(foreign_names.iter().cloned()).collect(),
        },
        is_one_to_one: row.is_one_to_one,
    });
    keys.collect()
}

/// A table and the views over it, each with its names for the columns of a key.
fn ends(
    oid: i64,
    (schema, name): (&str, &str),
    columns: &[String],
    positions: &[i16],
    shown: &Shown,
) -> Vec<(End, Vec<Ident>)> {
    let table = qualified(schema, name).map(|name| End { oid, name, is_view: false });
    let mut ends: Vec<(End, Vec<Ident>)> = table.zip(idents(columns)).into_iter().collect();
    for view in shown.of(oid) {
        let end = End { oid: view.oid, name: view.view.clone(), is_view: true };
        ends.extend(view.all_names(positions).into_iter().map(|names| (end.clone(), names)));
    }
    ends
}

impl Key {
    fn both_ways(&self) -> [Relationship; 2] {
        let (there, back) = if self.is_one_to_one {
            let side = |key, is_parent| Cardinality::OneToOne { key, is_parent };
            (side(self.columns.clone(), false), side(self.columns.reversed(), true))
        } else {
            (
                Cardinality::ManyToOne(self.columns.clone()),
                Cardinality::OneToMany(self.columns.reversed()),
            )
        };
        [way(&self.table, &self.foreign, there), way(&self.foreign, &self.table, back)]
    }
}

fn way(table: &End, foreign: &End, cardinality: Cardinality) -> Relationship {
    Relationship::Keyed {
        table: table.name.clone(),
        foreign_table: foreign.name.clone(),
        is_self: table.name == foreign.name,
        cardinality,
        table_is_view: table.is_view,
        foreign_table_is_view: foreign.is_view,
    }
}

/// Two keys of one relation whose columns all belong to its primary key relate their two targets.
fn through_junctions(keys: &[Key], primary_keys: &PrimaryKeys) -> Vec<Relationship> {
    let mut of_junction: HashMap<i64, Vec<&Key>> = HashMap::new();
    for key in keys.iter().filter(|key| !key.is_one_to_one) {
        let Some(primary_key) = primary_keys.get(&key.table.oid) else { continue };
        if key.columns.columns.iter().all(|(own, _)| primary_key.contains(own)) {
            of_junction.entry(key.table.oid).or_default().push(key);
        }
    }
    let mut all = Vec::new();
    for keys in of_junction.values() {
        for source in keys {
            let others = keys.iter();
            let others = others.filter(|key| key.columns.constraint != source.columns.constraint);
            all.extend(others.map(|target| through(source, target)));
        }
    }
    all
}

fn through(source: &Key, target: &Key) -> Relationship {
    let junction = Junction {
        table: source.table.name.clone(),
        source_constraint: source.columns.constraint.clone(),
        target_constraint: target.columns.constraint.clone(),
        source_columns: source.columns.reversed().columns,
        target_columns: target.columns.reversed().columns,
    };
    way(&source.foreign, &target.foreign, Cardinality::ManyToMany(junction))
}
