//! The schema that requests are planned against: keys of every kind, views, routines, casts, media.

use catalog::{Ident, QualifiedName};
use postgrest::schema::{
    Cardinality, Column, DataRepresentation, HandlerTarget, Junction, KeyColumns, MediaHandler,
    Parameter, Parts, PgType, Relation, Relationship, ReturnType, Routine, SchemaCache, Volatility,
};
use std::sync::LazyLock;

pub(super) static SCHEMA: LazyLock<SchemaCache> = LazyLock::new(|| SchemaCache::new(parts()));

fn ident(name: &str) -> Ident {
    Ident::parse(name).expect("names here fit")
}

/// In `api`, unless the name says otherwise.
fn named(name: &str) -> QualifiedName {
    let (schema, name) = name.split_once('.').unwrap_or(("api", name));
    QualifiedName::new(ident(schema), ident(name))
}

/// Columns are `name:type`, with a default behind another colon; the first is the key.
fn table(name: &str, columns: &[&str]) -> Relation {
    let columns = columns.iter().map(|column| {
        let mut parts = column.splitn(3, ':');
        let mut next = || parts.next().map(str::to_owned);
        let (name, data_type, default) = (next(), next(), next());
        let name = ident(&name.expect("a column has a name"));
        let data_type = data_type.expect("a column has a type");
        let column = Column {
            name: name.clone(),
            comment: None,
            is_nullable: true,
            nominal_type: data_type.clone(),
            data_type,
            max_length: None,
            default,
            enum_labels: Vec::new(),
        };
        (name, column)
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

fn key(constraint: &str, columns: &[(&str, &str)]) -> KeyColumns {
    let columns = columns.iter().map(|(own, foreign)| (ident(own), ident(foreign)));
    KeyColumns { constraint: ident(constraint), columns: columns.collect() }
}

fn way(from: &str, to: &str, cardinality: Cardinality) -> Relationship {
    Relationship::Keyed {
        table: named(from),
        foreign_table: named(to),
        is_self: from == to,
        cardinality,
        table_is_view: false,
        foreign_table_is_view: false,
    }
}

/// A foreign key of one column, from both sides.
fn reference(from: &str, to: &str, constraint: &str, column: &str) -> [Relationship; 2] {
    let key = key(constraint, &[(column, "id")]);
    let back = way(to, from, Cardinality::OneToMany(key.reversed()));
    [way(from, to, Cardinality::ManyToOne(key)), back]
}

fn between() -> Junction {
    let columns = |own, other| vec![(ident(own), ident(other))];
    Junction {
        table: named("roles"),
        source_constraint: ident("roles_film_fkey"),
        target_constraint: ident("roles_actor_fkey"),
        source_columns: columns("id", "film_id"),
        target_columns: columns("id", "actor_id"),
    }
}

/// Parameters are `name:type`; a name in brackets is optional, one with dots is variadic.
fn routine(name: &str, parameters: &[&str], returns: ReturnType) -> Routine {
    let parameters: Vec<_> = parameters.iter().map(|parameter| of_parameter(parameter)).collect();
    Routine {
        oid: 0,
        name: named(name),
        comment: None,
        is_variadic: parameters.iter().any(|parameter| parameter.is_variadic),
        parameters,
        returns,
        volatility: Volatility::Volatile,
        isolation: None,
        settings: Vec::new(),
    }
}

fn of_parameter(text: &str) -> Parameter {
    let (name, data_type) = text.split_once(':').expect("a parameter has a type");
    let bare = name.trim_matches(['[', ']', '.']);
    Parameter {
        name: Ident::parse(bare).ok(),
        data_type: data_type.to_owned(),
        unbounded_type: data_type.to_owned(),
        is_required: !name.starts_with('['),
        is_variadic: name.starts_with('.'),
    }
}

fn scalar(name: &str) -> ReturnType {
    ReturnType::Single(PgType::Scalar(named(name)))
}

fn rows_of(name: &str) -> ReturnType {
    ReturnType::SetOf(PgType::Composite { name: named(name), is_alias: false })
}

fn relations() -> Vec<Relation> {
    let mut view = table("good films", &["id:integer", "title:text"]);
    view.is_view = true;
    view.is_deletable = false;
    vec![
        table(
            "films",
            &[
                "id:integer:0",
                "title:text",
                "director_id:integer",
                "studio_id:integer",
                "first_part:integer",
                "doc:jsonb",
                "tags:text[]",
                "span:int4range",
                "words:tsvector",
                "hue:color",
                "a \"b\", (名前):text",
                "order:text",
            ],
        ),
        table("directors", &["id:integer", "name:text"]),
        table("actors", &["id:integer", "name:text"]),
        table("studios", &["id:integer", "name:text"]),
        table("roles", &["film_id:integer", "actor_id:integer", "part:text"]),
        view,
        table("side.notes", &["id:uuid", "text:text"]),
    ]
}

fn relationships() -> Vec<Relationship> {
    let badge = key("directors_badge_fkey", &[("id", "id")]);
    let mut all = vec![
        way("films", "actors", Cardinality::ManyToMany(between())),
        way("directors", "actors", Cardinality::OneToOne { key: badge, is_parent: false }),
        Relationship::Computed {
            function: named("rivals"),
            table: named("films"),
            foreign_table: named("films"),
            to_one: false,
            is_self: true,
        },
        Relationship::Computed {
            function: named("owner"),
            table: named("films"),
            foreign_table: named("studios"),
            to_one: true,
            is_self: false,
        },
    ];
    all.extend(reference("films", "directors", "films_director_fkey", "director_id"));
    all.extend(reference("films", "studios", "films_studio_fkey", "studio_id"));
    all.extend(reference("films", "films", "films_first_part_fkey", "first_part"));
    all.extend(reference("roles", "films", "roles_film_fkey", "film_id"));
    all.extend(reference("roles", "actors", "roles_actor_fkey", "actor_id"));
    all
}

fn routines() -> Vec<Routine> {
    let int = || scalar("pg_catalog.int4");
    let mut reads = routine("find", &["words:text", "[many]:integer"], rows_of("films"));
    reads.volatility = Volatility::Stable;
    vec![
        reads,
        routine("rate", &["film:integer", "stars:integer", "[note]:text"], int()),
        routine("rate", &["film:integer", "stars:integer"], int()),
        routine("total", &["..of:integer[]"], int()),
        routine("upload", &[":bytea"], scalar("pg_catalog.void")),
        routine("log", &[":json"], scalar("pg_catalog.json")),
        routine("say", &[":text"], ReturnType::SetOf(PgType::Scalar(named("pg_catalog.text")))),
        routine(
            "best",
            &[],
            ReturnType::Single(PgType::Composite { name: named("films"), is_alias: false }),
        ),
        routine("now", &[], scalar("pg_catalog.timestamptz")),
    ]
}

fn parts() -> Parts {
    let cast = |source: &str, target: &str, function: &str| DataRepresentation {
        source: source.to_owned(),
        target: target.to_owned(),
        function: function.to_owned(),
    };
    let handler = |target, media_type: &str, function: &str| MediaHandler {
        target,
        media_type: media_type.to_owned(),
        resolved: media_type.to_owned(),
        function: named(function),
    };
    Parts {
        schemas: vec![(ident("api"), None), (ident("side"), None)],
        relations: relations(),
        relationships: relationships(),
        routines: routines(),
        representations: vec![
            cast("color", "json", "api.json"),
            cast("json", "color", "api.color"),
            cast("text", "color", "api.color"),
        ],
        media_handlers: vec![
            handler(HandlerTarget::AnyElement, "text/tab-separated-values", "tabs"),
            handler(HandlerTarget::Named(named("films")), "application/x-films", "reel"),
        ],
        time_zones: vec!["UTC".to_owned(), "Europe/Berlin".to_owned()],
    }
}
