//! A small schema cache for tests: who made which film.

use super::{
    Cardinality, Column, Junction, KeyColumns, Parameter, Parts, PgType, Relation, Relationship,
    ReturnType, Routine, SchemaCache, Volatility,
};
use catalog::{Ident, QualifiedName};

pub(crate) fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

pub(crate) fn named(name: &str) -> QualifiedName {
    let (schema, name) = name.split_once('.').unwrap_or(("api", name));
    QualifiedName::new(ident(schema), ident(name))
}

/// A table whose columns are `name:type`; the first is its key.
pub(crate) fn table(name: &str, columns: &[&str]) -> Relation {
    let columns = columns.iter().map(|column| {
        let (name, data_type) = column.split_once(':').unwrap();
        let column = Column {
            name: ident(name),
            comment: None,
            is_nullable: true,
            data_type: data_type.to_owned(),
            nominal_type: data_type.to_owned(),
            max_length: None,
            default: None,
            enum_labels: Vec::new(),
        };
        (ident(name), column)
    });
    let columns: indexmap::IndexMap<_, _> = columns.collect();
    Relation {
        name: named(name),
        comment: None,
        is_view: false,
        is_insertable: true,
        is_updatable: true,
        is_deletable: true,
        primary_key: columns.keys().take(1).cloned().collect(),
        columns,
    }
}

pub(crate) fn key(constraint: &str, columns: &[(&str, &str)]) -> KeyColumns {
    let columns = columns.iter().map(|(own, foreign)| (ident(own), ident(foreign)));
    KeyColumns { constraint: ident(constraint), columns: columns.collect() }
}

pub(crate) fn way(from: &str, to: &str, cardinality: Cardinality) -> Relationship {
    Relationship::Keyed {
        table: named(from),
        foreign_table: named(to),
        is_self: from == to,
        cardinality,
        table_is_view: false,
        foreign_table_is_view: false,
    }
}

/// A foreign key of one column, seen from both sides.
pub(crate) fn reference(from: &str, to: &str, constraint: &str, column: &str) -> [Relationship; 2] {
    let key = key(constraint, &[(column, "id")]);
    let back = way(to, from, Cardinality::OneToMany(key.reversed()));
    [way(from, to, Cardinality::ManyToOne(key)), back]
}

/// Parameters are `name:type`; a name in brackets is optional, none is unnamed.
pub(crate) fn routine(name: &str, parameters: &[&str]) -> Routine {
    let parameters = parameters.iter().map(|parameter| {
        let (name, data_type) = parameter.split_once(':').unwrap();
        let bare = name.trim_matches(['[', ']']);
        Parameter {
            name: Ident::parse(bare).ok(),
            data_type: data_type.to_owned(),
            unbounded_type: data_type.to_owned(),
            is_required: bare == name,
            is_variadic: false,
        }
    });
    Routine {
        oid: 0,
        name: named(name),
        comment: None,
        parameters: parameters.collect(),
        returns: ReturnType::Single(PgType::Scalar(named("pg_catalog.int4"))),
        volatility: Volatility::Volatile,
        is_variadic: false,
        isolation: None,
        settings: Vec::new(),
    }
}

fn junction() -> Junction {
    let columns = |own, other| vec![(ident(own), ident(other))];
    Junction {
        table: named("roles"),
        source_constraint: ident("roles_film_fkey"),
        target_constraint: ident("roles_actor_fkey"),
        source_columns: columns("id", "film_id"),
        target_columns: columns("id", "actor_id"),
    }
}

pub(crate) fn parts() -> Parts {
    let mut relationships = vec![
        way("films", "actors", Cardinality::ManyToMany(junction())),
        Relationship::Computed {
            function: named("rivals"),
            table: named("films"),
            foreign_table: named("films"),
            to_one: false,
            is_self: true,
        },
    ];
    relationships.extend(reference("films", "directors", "films_director_fkey", "director_id"));
    relationships.extend(reference("roles", "films", "roles_film_fkey", "film_id"));
    relationships.extend(reference("films", "studios", "films_studio_fkey", "studio_id"));
    relationships.extend(reference("films", "studios", "films_lender_fkey", "lender_id"));
    relationships.extend(reference("films", "films", "films_first_part_fkey", "first_part"));
    relationships.extend(reference("films", "private.vaults", "films_vault_fkey", "vault_id"));
    Parts {
        schemas: vec![(ident("api"), None)],
        relations: vec![
            table("films", &["id:integer", "title:text", "director_id:integer"]),
            table("directors", &["id:integer", "name:text"]),
            table("private.vaults", &["id:integer"]),
        ],
        relationships,
        routines: vec![
            routine("rate", &["film:integer", "stars:integer", "[note]:text"]),
            routine("rate", &["film:integer", "stars:integer"]),
            routine("find", &["words:text"]),
            routine("upload", &[":bytea"]),
            routine("log", &[":json"]),
            routine("log", &[":jsonb"]),
            routine("now", &[]),
        ],
        ..Parts::default()
    }
}

pub(crate) fn cache() -> SchemaCache {
    SchemaCache::new(parts())
}
