//! What is found, and what is said where it is not.

use super::{sample::*, *};
use serde_json::json;

fn hop(origin: &str, target: &str, hint: Option<&str>) -> Result<Relationship, SchemaError> {
    cache().find_relationship("api", origin, target, hint).cloned()
}

/// The name of the key or junction that a way goes through.
fn through(origin: &str, target: &str, hint: Option<&str>) -> String {
    let way = hop(origin, target, hint).unwrap_or_else(|error| panic!("{target}: {error}"));
    match way.cardinality() {
        Some(Cardinality::ManyToMany(junction)) => junction.table.name.to_string(),
        Some(other) => other.key().unwrap().constraint.to_string(),
        None => "computed".to_owned(),
    }
}

fn call<'r>(name: &'r str, arguments: &[&'r str], payload: SinglePayload) -> RoutineCall<'r> {
    RoutineCall { schema: "api", name, arguments: arguments.iter().copied().collect(), payload }
}

fn refused(name: &str, arguments: &[&str], payload: SinglePayload) -> SchemaProblem {
    cache().find_routine(&call(name, arguments, payload)).unwrap_err().problem()
}

#[test]
fn a_target_is_a_table_a_key_a_column_or_a_routine() {
    assert_eq!(through("films", "directors", None), "films_director_fkey");
    assert_eq!(through("directors", "films", None), "films_director_fkey");
    assert_eq!(through("films", "films_director_fkey", None), "films_director_fkey");
    assert_eq!(through("films", "director_id", None), "films_director_fkey");
    assert_eq!(through("films", "actors", None), "roles");
    assert_eq!(through("films", "rivals", None), "computed");
}

#[test]
fn a_hint_is_a_key_a_column_of_either_side_or_the_table_between() {
    assert_eq!(through("films", "studios", Some("films_lender_fkey")), "films_lender_fkey");
    assert_eq!(through("films", "studios", Some("lender_id")), "films_lender_fkey");
    assert_eq!(through("studios", "films", Some("lender_id")), "films_lender_fkey");
    assert_eq!(through("films", "actors", Some("roles")), "roles");
    assert!(hop("films", "actors", Some("films_director_fkey")).is_err());
}

#[test]
fn a_table_that_refers_to_itself_is_its_children_and_its_column_the_parent() {
    let children = hop("films", "films", None).unwrap();
    assert!(!children.is_to_one());
    let parent = hop("films", "first_part", None).unwrap();
    assert!(parent.is_to_one());
    assert_eq!(hop("films", "films", Some("first_part")).unwrap(), children);
    assert!(hop("films", "films_first_part_fkey", None).is_err());
}

#[test]
fn a_way_into_a_schema_that_is_not_exposed_is_not_there() {
    assert!(hop("films", "vaults", None).is_err());
    assert!(hop("films", "vault_id", None).is_err());
    assert_eq!(cache().relation("private", "vaults"), None);
}

#[test]
fn a_table_related_through_a_hidden_junction_is_known_but_the_way_is_not() {
    let mut parts = parts();
    let columns = || vec![(ident("id"), ident("id"))];
    let junction = Junction {
        table: named("private.reviews"),
        source_constraint: ident("one"),
        target_constraint: ident("other"),
        source_columns: columns(),
        target_columns: columns(),
    };
    parts.relationships.push(way("film_critics", "films", Cardinality::ManyToMany(junction)));
    let cache = SchemaCache::new(parts);
    let found = cache.find_relationship("api", "film_critics", "films", None);
    let problem = found.unwrap_err().problem();
    assert_eq!((problem.code, problem.hint), ("PGRST200", None));
}

#[test]
fn a_routine_named_like_a_relation_replaces_the_keys_to_it() {
    let mut parts = parts();
    parts.relationships.push(Relationship::Computed {
        function: named("studios"),
        table: named("films"),
        foreign_table: named("studios"),
        to_one: true,
        is_self: false,
    });
    let cache = SchemaCache::new(parts);
    let way = cache.find_relationship("api", "films", "studios", None).unwrap();
    assert_eq!(way.cardinality(), None);
}

#[test]
fn two_ways_are_listed_with_hints_that_tell_them_apart() {
    let problem = hop("films", "studios", None).unwrap_err().problem();
    let listed = |key: &str, column: &str| {
        json!({
            "cardinality": "many-to-one",
            "embedding": "films with studios",
            "relationship": format!("{key} using films({column}) and studios(id)"),
        })
    };
    assert_eq!((problem.status, problem.code), (300, "PGRST201"));
    assert_eq!(
        problem.message,
        "Could not embed because more than one relationship was found for 'films' and 'studios'"
    );
    assert_eq!(
        problem.details.unwrap(),
        json!([listed("films_lender_fkey", "lender_id"), listed("films_studio_fkey", "studio_id")])
    );
    assert_eq!(
        problem.hint.unwrap(),
        "Try changing 'studios' to one of the following: 'studios!films_lender_fkey', 'studios!films_studio_fkey'. Find the desired relationship in the 'details' key."
    );
}

#[test]
fn a_way_that_is_not_there_is_told_with_the_name_that_was_meant() {
    let problem =
        |origin: &str, target: &str, hint| hop(origin, target, hint).unwrap_err().problem();
    let mistyped = problem("films", "director", None);
    assert_eq!((mistyped.status, mistyped.code), (400, "PGRST200"));
    assert_eq!(
        mistyped.message,
        "Could not find a relationship between 'films' and 'director' in the schema cache"
    );
    assert_eq!(
        mistyped.details.unwrap(),
        "Searched for a foreign key relationship between 'films' and 'director' in the schema 'api', but no matches were found."
    );
    assert_eq!(mistyped.hint.unwrap(), "Perhaps you meant 'directors' instead of 'director'.");
    assert_eq!(
        problem("film", "directors", None).hint.unwrap(),
        "Perhaps you meant 'films' instead of 'film'."
    );
    let wrong_hint = problem("films", "directors", Some("space"));
    assert_eq!(
        wrong_hint.details.unwrap(),
        "Searched for a foreign key relationship between 'films' and 'directors' using the hint 'space' in the schema 'api', but no matches were found."
    );
    assert_eq!(wrong_hint.hint, None);
}

#[test]
fn an_overload_is_chosen_by_the_names_of_the_arguments() {
    let cache = cache();
    let found = |arguments: &[&str]| {
        let found = cache.find_routine(&call("rate", arguments, SinglePayload::Json));
        found.map(|routine| routine.parameters.len()).map_err(|error| error.problem().code)
    };
    assert_eq!(found(&["film", "stars", "note"]), Ok(3));
    assert_eq!(found(&["film", "stars"]), Err("PGRST203"));
    assert_eq!(found(&["film"]), Err("PGRST202"));
    assert_eq!(found(&["film", "stars", "colour"]), Err("PGRST202"));
}

#[test]
fn a_body_goes_whole_to_the_parameter_of_its_type() {
    let cache = cache();
    let takes = |name, payload| cache.find_routine(&call(name, &[], payload)).is_ok();
    assert!(takes("upload", SinglePayload::Bytes));
    assert!(!takes("upload", SinglePayload::Text));
    assert!(!takes("upload", SinglePayload::No));
    assert!(takes("now", SinglePayload::Json));
    assert!(!takes("now", SinglePayload::Bytes));
}

#[test]
fn two_overloads_that_fit_are_named() {
    let problem = refused("log", &["a"], SinglePayload::Json);
    assert_eq!((problem.status, problem.code), (300, "PGRST203"));
    assert_eq!(
        problem.message,
        "Could not choose the best candidate function between: api.log( => json), api.log( => jsonb)"
    );
    assert_eq!(
        problem.hint.unwrap(),
        "Try renaming the parameters or the function itself in the database so function overloading can be resolved"
    );
}

#[test]
fn a_routine_that_is_not_there_is_told_with_what_was_searched() {
    let told = |name, arguments: &[&str], payload| {
        let problem = refused(name, arguments, payload);
        let details = problem.details.unwrap().as_str().unwrap().to_owned();
        (problem.message, details, problem.hint)
    };
    let (message, details, hint) = told("fin", &["words"], SinglePayload::No);
    assert_eq!(message, "Could not find the function api.fin(words) in the schema cache");
    assert_eq!(
        details,
        "Searched for the function api.fin with parameter words, but no matches were found in the schema cache."
    );
    assert_eq!(hint.unwrap(), "Perhaps you meant to call the function api.find");
    let (message, details, hint) = told("rate", &["stars", "film", "not"], SinglePayload::Json);
    assert_eq!(
        message,
        "Could not find the function api.rate(film, not, stars) in the schema cache"
    );
    assert_eq!(
        details,
        "Searched for the function api.rate with parameters film, not, stars or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache."
    );
    assert_eq!(hint.unwrap(), "Perhaps you meant to call the function api.rate(film, note, stars)");
    let (message, details, hint) = told("log", &[], SinglePayload::Text);
    assert_eq!(message, "Could not find the function api.log in the schema cache");
    assert_eq!(
        details,
        "Searched for the function api.log with a single unnamed text parameter, but no matches were found in the schema cache."
    );
    assert_eq!(hint, None);
    let (message, details, _) = told("zzzz", &[], SinglePayload::No);
    assert_eq!(
        message,
        "Could not find the function api.zzzz without parameters in the schema cache"
    );
    assert_eq!(
        details,
        "Searched for the function api.zzzz without parameters, but no matches were found in the schema cache."
    );
}

#[test]
fn an_unknown_table_or_column_is_named_and_a_close_table_suggested() {
    let cache = cache();
    let problem = cache.find_relation("api", "director").unwrap_err().problem();
    assert_eq!((problem.status, problem.code), (404, "PGRST205"));
    assert_eq!(problem.message, "Could not find the table 'api.director' in the schema cache");
    assert_eq!(problem.hint.unwrap(), "Perhaps you meant the table 'api.directors'");
    let distant = cache.find_relation("api", "vaults").unwrap_err().problem();
    assert_eq!((distant.details, distant.hint), (None, None));
    let films = cache.find_relation("api", "films").unwrap();
    let problem = films.find_column("year").unwrap_err().problem();
    assert_eq!((problem.status, problem.code), (400, "PGRST204"));
    assert_eq!(problem.message, "Could not find the 'year' column of 'films' in the schema cache");
}
