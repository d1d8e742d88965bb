//! Functions and procedures: found in the catalog, chosen, called.

use crate::support::{PATIENCE, backend, call, calling, permit};
use backend::Backend;
use backend_postgres::Postgres;
use bytes::BytesMut;
use catalog::{ReturnShape, RoutineKind, Volatility};
use query::Access;
use serde_json::{Value, json};
use test_support::TestDatabase;

const SQL: &str = r#"
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, mood mood);
INSERT INTO people VALUES (1, 'Ann', 'ok'), (2, 'Bob', 'sad'), (3, 'Cy', NULL);
CREATE FUNCTION add(a int, b int DEFAULT 10) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT a + b';
CREATE FUNCTION pick(a int) RETURNS text STABLE LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION pick(a text) RETURNS text STABLE LANGUAGE sql AS $$ SELECT 'text' $$;
CREATE FUNCTION pick(b uuid) RETURNS text STABLE LANGUAGE sql AS $$ SELECT 'uuid' $$;
CREATE FUNCTION everybody() RETURNS SETOF people STABLE LANGUAGE sql AS 'SELECT * FROM people';
CREATE FUNCTION person(id int) RETURNS people STABLE LANGUAGE sql AS 'SELECT * FROM people p WHERE p.id = $1';
CREATE FUNCTION score(seed text[]) RETURNS TABLE (k text, n int) STABLE LANGUAGE sql
    AS 'SELECT s, length(s) FROM unnest(seed) AS s';
CREATE FUNCTION divide(a int, b int, OUT quotient int, OUT rest int) LANGUAGE sql AS 'SELECT a / b, a % b';
CREATE FUNCTION numbers(n int) RETURNS SETOF int LANGUAGE sql AS 'SELECT generate_series(1, n)';
CREATE FUNCTION total(VARIADIC of numeric[]) RETURNS numeric LANGUAGE sql AS 'SELECT sum(x) FROM unnest(of) x';
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION add_person(id int, name text, mood mood DEFAULT 'ok') RETURNS SETOF people
    LANGUAGE sql AS 'INSERT INTO people VALUES ($1, $2, $3) RETURNING *';
CREATE FUNCTION document(doc jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT doc || '{"seen": true}' $$;
CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE FUNCTION loose() RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION "Odd Name"("a b" int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE AGGREGATE glue(text) (SFUNC = textcat, STYPE = text);
CREATE PROCEDURE rename(id int, name text, OUT before text) LANGUAGE plpgsql AS $$
    BEGIN SELECT p.name INTO before FROM people p WHERE p.id = rename.id;
          UPDATE people p SET name = rename.name WHERE p.id = rename.id; END $$;
CREATE PROCEDURE quiet(id int) LANGUAGE sql AS 'DELETE FROM people p WHERE p.id = $1';
CREATE SCHEMA hidden;
CREATE FUNCTION hidden.secret() RETURNS int LANGUAGE sql AS 'SELECT 42';
"#;

async fn shop() -> (TestDatabase, Postgres) {
    let database = TestDatabase::create().await;
    database.run(SQL).await;
    let postgres = backend(&database);
    (database, postgres)
}

async fn rows(postgres: &Postgres, body: Value) -> Value {
    call(postgres, body).await.0
}

async fn refusal(postgres: &Postgres, body: Value) -> (u16, String) {
    let problem = match calling(postgres, body).await {
        Err(error) => error.problem(),
        Ok(statement) => {
            let mut out = BytesMut::new();
            let ran = postgres.execute(&permit(), &statement, PATIENCE, &mut out).await;
            ran.unwrap_err().problem()
        }
    };
    (problem.status, problem.code)
}

#[tokio::test]
async fn the_catalog_tells_what_can_be_called_and_how() {
    let (_database, postgres) = shop().await;
    let schema = postgres.introspect().await.unwrap();
    let add = &schema.routines("public", "add")[0];
    assert_eq!(add.signature(), "public.add(a integer, b integer = default)");
    assert_eq!((add.kind, add.volatility), (RoutineKind::Function, Volatility::Immutable));
    assert!(matches!(&add.returns.shape, ReturnShape::Scalar(of) if of.sql == "integer"));
    assert_eq!(schema.routines("public", "pick").len(), 3);
    let columns = |name: &str| {
        let ReturnShape::Row(columns) = &schema.routines("public", name)[0].returns.shape else {
            panic!("{name} returns no rows")
        };
        columns.iter().map(|column| column.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(columns("everybody"), ["id", "name", "mood"]);
    assert_eq!(columns("score"), ["k", "n"]);
    assert_eq!(columns("divide"), ["quotient", "rest"]);
    assert_eq!(columns("rename"), ["before"]);
    assert!(schema.routines("public", "everybody")[0].returns.is_set);
    assert!(!schema.routines("public", "person")[0].returns.is_set);
    assert_eq!(schema.routines("public", "nothing")[0].returns.shape, ReturnShape::Nothing);
    assert_eq!(schema.routines("public", "rename")[0].kind, RoutineKind::Procedure);
    for name in ["touch", "glue"] {
        assert!(schema.routines("public", name).is_empty(), "{name}");
    }
    assert!(schema.routines("pg_catalog", "pg_sleep").is_empty());
}

#[tokio::test]
async fn arguments_go_by_name_and_defaults_fill_the_rest() {
    let (_database, postgres) = shop().await;
    for (body, expected) in [
        (json!({"function": "add", "args": {"b": 2, "a": 1}}), json!([3])),
        (json!({"function": "add", "args": {"a": 1}}), json!([11])),
        (json!({"function": "pick", "args": {"a": 1}}), json!(["int"])),
        (json!({"function": "pick", "args": {"a": "x"}}), json!(["text"])),
        (
            json!({"function": "pick", "args": {"b": "6f1e0f0e-0000-4000-8000-00000000beef"}}),
            json!(["uuid"]),
        ),
        (json!({"function": "total", "args": {"of": [1.5, 2]}}), json!([3.5])),
        (json!({"function": "numbers", "args": {"n": 3}}), json!([1, 2, 3])),
        (json!({"function": "numbers", "args": {"n": 0}}), json!([])),
        (json!({"function": "nothing"}), json!([null])),
        (json!({"function": "add", "args": {"a": null}}), json!([null])),
        (json!({"function": "Odd Name", "args": {"a b": 4}}), json!([4])),
        (
            json!({"function": "document", "args": {"doc": {"a": 1}}}),
            json!([{"a": 1, "seen": true}]),
        ),
        (
            json!({"function": "divide", "args": {"a": 7, "b": 2}}),
            json!([{"quotient": 3, "rest": 1}]),
        ),
        (
            json!({"function": "person", "args": {"id": 2}}),
            json!([{"id": 2, "name": "Bob", "mood": "sad"}]),
        ),
        (json!({"function": "rename", "args": {"id": 3, "name": "Di"}}), json!([{"before": "Cy"}])),
        (
            json!({"function": "person", "args": {"id": 3}, "select": "name"}),
            json!([{"name": "Di"}]),
        ),
        (json!({"function": "quiet", "args": {"id": 3}}), json!([])),
        (
            json!({"function": "add_person", "args": {"id": 9, "name": "Eve"}}),
            json!([{"id": 9, "name": "Eve", "mood": "ok"}]),
        ),
    ] {
        assert_eq!(rows(&postgres, body.clone()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn rows_are_chosen_sorted_and_counted_in_the_database() {
    let (_database, postgres) = shop().await;
    let body = json!({
        "function": "score", "args": {"seed": ["a", "bbb", "cc", "dddd"]}, "select": "k",
        "filters": [{"column": "n", "operator": "gt", "value": 1}],
        "order": {"column": "n", "ascending": false}, "limit": 2, "offset": 1, "count": "exact"
    });
    let (found, outcome) = call(&postgres, body).await;
    assert_eq!(found, json!([{"k": "bbb"}, {"k": "cc"}]));
    assert_eq!((outcome.count, outcome.returned), (Some(3), 2));
    let body = json!({"function": "numbers", "args": {"n": 5}, "limit": 2, "count": "exact"});
    let (found, outcome) = call(&postgres, body).await;
    assert_eq!((found, outcome.count), (json!([1, 2]), Some(5)));
    let body = json!({"function": "everybody", "filters": [{"column": "mood", "operator": "is", "value": null}]});
    assert_eq!(rows(&postgres, body).await, json!([{"id": 3, "name": "Cy", "mood": null}]));
}

#[tokio::test]
async fn a_function_that_writes_runs_once_and_only_where_writing_is_allowed() {
    let (_database, postgres) = shop().await;
    let body =
        json!({"function": "add_person", "args": {"id": 7, "name": "Gus"}, "count": "exact"});
    let statement = calling(&postgres, body.clone()).await.unwrap();
    assert_eq!(statement.access(), Access::ReadWrite);
    let (_, outcome) = call(&postgres, body).await;
    assert_eq!(outcome.count, Some(1));
    let body = json!({"function": "everybody", "count": "exact", "limit": 1});
    assert_eq!(call(&postgres, body).await.1.count, Some(4));
    let body = json!({"function": "person", "args": {"id": 1}});
    assert_eq!(calling(&postgres, body).await.unwrap().access(), Access::ReadOnly);
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_in_words() {
    let (_database, postgres) = shop().await;
    for (body, status, code) in [
        (json!({"function": "gone"}), 404, "unknown_function"),
        (json!({"function": "glue", "args": {}}), 404, "unknown_function"),
        (json!({"function": "touch"}), 404, "unknown_function"),
        (json!({"function": "secret", "schema": "hidden"}), 403, "schema_not_allowed"),
        (
            json!({"function": "pg_catalog.pg_sleep", "args": {"seconds": 1}}),
            403,
            "schema_not_allowed",
        ),
        (json!({"function": "add", "args": {"a": 1, "c": 1}}), 400, "no_matching_function"),
        (json!({"function": "add", "args": {"a": "x"}}), 400, "invalid_input"),
        (
            json!({"function": "add_person", "args": {"id": 1, "name": "x", "mood": "odd"}}),
            400,
            "invalid_input",
        ),
        (
            json!({"function": "add_person", "args": {"id": 1, "name": "x"}}),
            409,
            "unique_violation",
        ),
        (json!({"function": "refuse"}), 400, "raised_exception"),
        (json!({"function": "loose"}), 400, "invalid_rpc_request"),
        (json!({"function": "add", "args": {"a": 1}, "select": "x"}), 400, "invalid_rpc_request"),
        (json!({"function": "everybody", "select": "x"}), 400, "unknown_column"),
    ] {
        assert_eq!(refusal(&postgres, body.clone()).await, (status, code.to_owned()), "{body}");
    }
}
