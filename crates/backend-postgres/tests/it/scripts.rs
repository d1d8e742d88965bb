//! Callers' own SQL, beyond what every backend does.

use crate::support::{backend, script, settings};
use api_types::Problem;
use backend_postgres::Postgres;
use query::Access;
use serde_json::{Value, json};
use test_support::TestDatabase;

async fn read(postgres: &Postgres, text: &str, params: &[Value]) -> Value {
    script(postgres, Access::ReadOnly, text, params).await.unwrap().0
}

async fn write(postgres: &Postgres, text: &str) -> Value {
    script(postgres, Access::ReadWrite, text, &[]).await.unwrap().0
}

async fn refusal(postgres: &Postgres, text: &str, params: &[Value]) -> Problem {
    script(postgres, Access::ReadOnly, text, params).await.unwrap_err().problem()
}

#[tokio::test]
async fn json_values_become_what_their_places_are() {
    let database = TestDatabase::create().await;
    database.run("CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE SCHEMA s; CREATE DOMAIN s.small AS numeric(4,1)").await;
    let postgres = backend(&database);
    for (type_name, value, expected) in [
        ("int", json!("7"), json!(7)),
        ("int8", json!(9007199254740993_i64), json!(9007199254740993_i64)),
        ("float4", json!(0.5), json!(0.5)),
        ("float8", json!(1e300), json!(1e300)),
        ("bool", json!("yes"), json!(true)),
        (
            "uuid",
            json!("6F1E0F0E-0000-4000-8000-00000000BEEF"),
            json!("6f1e0f0e-0000-4000-8000-00000000beef"),
        ),
        ("text", json!(5), json!("5")),
        ("varchar(3)", json!("abc"), json!("abc")),
        ("numeric(12,2)", json!(12.55), json!(12.55)),
        ("date", json!("2024-02-29"), json!("2024-02-29")),
        ("timestamptz", json!("2024-02-29T12:00:00+02:00"), json!("2024-02-29T10:00:00+00:00")),
        ("interval", json!("1 day 02:00"), json!("1 day 02:00:00")),
        ("int[]", json!([1, null, [2]]), json!(null)),
        ("int[]", json!([[1, null], [2, 3]]), json!([[1, null], [2, 3]])),
        ("text[]", json!(["a,b", "q\"{}", null, "NULL"]), json!(["a,b", "q\"{}", null, "NULL"])),
        ("text[]", json!("{a,b}"), json!(["a", "b"])),
        ("jsonb", json!("text"), json!("text")),
        ("jsonb", json!({"a": [1, "x"]}), json!({"a": [1, "x"]})),
        ("json", json!([1]), json!([1])),
        ("jsonb[]", json!([{"a": 1}, "x"]), json!([{"a": 1}, "x"])),
        ("mood", json!("sad"), json!("sad")),
        ("mood[]", json!(["ok"]), json!(["ok"])),
        ("inet", json!("10.0.0.1"), json!("10.0.0.1")),
        ("int4range", json!("[1,5)"), json!("[1,5)")),
        ("bytea", json!("\\x00ff"), json!("\\x00ff")),
        ("bit(5)", json!("10101"), json!("10101")),
        ("s.small", json!(1.5), json!(1.5)),
        ("date", Value::Null, Value::Null),
        ("int", Value::Null, Value::Null),
    ] {
        let text = format!("SELECT $1::{type_name} AS v");
        let ran = script(&postgres, Access::ReadOnly, &text, std::slice::from_ref(&value)).await;
        if expected.is_null() && !value.is_null() {
            assert_eq!(ran.unwrap_err().problem().status, 400, "{type_name} {value}");
            continue;
        }
        assert_eq!(ran.unwrap().0, json!([{"v": expected}]), "{type_name} {value}");
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_by_its_place() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    for (text, params, index) in [
        ("SELECT $1::int", json!(["x"]), 0),
        ("SELECT $1::int2", json!([70_000]), 0),
        ("SELECT $1::uuid", json!(["x"]), 0),
        ("SELECT $1::float8", json!(["1e999"]), 0),
        ("SELECT $1::bool", json!([7]), 0),
        ("SELECT $1::text", json!([{"a": 1}]), 0),
        ("SELECT $1::date, $2::numeric, $3::date", json!(["2024-01-01", "x", "2024-01-01"]), 1),
        ("SELECT $1::date, $2::date", json!(["2024-01-01", "2024-02-30"]), 1),
        ("SELECT $2::int[] , $1::timestamptz", json!(["2024-01-01", ["x"]]), 1),
    ] {
        let problem = refusal(&postgres, text, params.as_array().unwrap()).await;
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_parameters"), "{text}");
        assert_eq!(problem.details["field"], format!("params[{index}]"), "{text}");
    }
    // The statement's own fault is not blamed on a parameter.
    let problem = refusal(&postgres, "SELECT 'x'::date, $1::date", &[json!("2024-01-01")]).await;
    assert_eq!(problem.code, "invalid_input");
}

#[tokio::test]
async fn a_dollar_in_quotes_is_no_parameter() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let text = "SELECT '$1' AS a, $$ $2 $$ AS b, $1::date AS c -- $3";
    let rows = read(&postgres, text, &[json!("2024-01-01")]).await;
    assert_eq!(rows, json!([{"a": "$1", "b": " $2 ", "c": "2024-01-01"}]));
}

#[tokio::test]
async fn names_that_stand_twice_are_numbered() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let text = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4, 5";
    let (rows, outcome) = script(&postgres, Access::ReadOnly, text, &[]).await.unwrap();
    assert_eq!(rows, json!([{"a": 1, "a_3": 2, "a_2": 3, "?column?": 4, "?column?_2": 5}]));
    assert_eq!(outcome.columns, ["a", "a_3", "a_2", "?column?", "?column?_2"]);
}

#[tokio::test]
async fn plans_and_settings_are_rows_too() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let rows = read(&postgres, "EXPLAIN SELECT 1", &[]).await;
    assert!(rows[0]["QUERY PLAN"].as_str().unwrap().contains("Result"));
    let rows = read(&postgres, "EXPLAIN (FORMAT JSON) SELECT 1", &[]).await;
    assert!(rows[0]["QUERY PLAN"][0]["Plan"].is_object());
    let rows = read(&postgres, "SHOW standard_conforming_strings", &[]).await;
    assert_eq!(rows, json!([{"standard_conforming_strings": "on"}]));
}

#[tokio::test]
async fn values_of_odd_types_are_written_as_the_database_shows_them() {
    let database = TestDatabase::create().await;
    database.run("CREATE TYPE pair AS (a int, \"b c\" text)").await;
    let postgres = backend(&database);
    for expression in [
        "interval '1 year 2 mons -3 days 04:05:06.7'",
        "interval '-1 mon +2 days -00:00:01'",
        "interval '0'",
        "interval '1 day'",
        "interval '-13 months'",
        "interval '100:00:00'",
        "inet '10.0.0.1/8'",
        "inet '::1'",
        "cidr '10.0.0.0/8'",
        "cidr '10.0.0.1/32'",
        "inet '2001:db8::/32'",
        "macaddr '08:00:2b:01:02:03'",
        "macaddr8 '08:00:2b:01:02:03:04:05'",
        "bit '10110'",
        "varbit '101101011'",
        "varbit ''",
        "int4range(1, 5)",
        "int8range(NULL, 5)",
        "numrange(1.5, 2.25, '[]')",
        "daterange('2024-01-01', NULL)",
        "'empty'::int4range",
        "tsrange('2024-01-01', '2024-01-02 03:04:05.5')",
        "tstzrange('2024-01-01+00', NULL)",
        "ROW(1, 'x')::pair",
        "ROW(NULL, NULL)::pair",
        "ARRAY[ROW(1, 'x')::pair]",
        "ROW(1, 'x'::text, NULL)",
        "xmlcomment('x')",
        "NULL::point",
    ] {
        let text = format!("SELECT {expression} AS v");
        let ours = script(&postgres, Access::ReadOnly, &text, &[]).await;
        let text = format!("SELECT to_json({expression}) AS v");
        let theirs = read(&postgres, &text, &[]).await;
        match ours {
            Ok((ours, _)) => assert_eq!(ours, theirs, "{expression}"),
            Err(error) => {
                assert_eq!(expression, "NULL::point", "{error:?}");
                assert_eq!(error.problem().code, "column_decode_error");
            }
        }
    }
}

#[tokio::test]
async fn a_type_without_a_writer_is_named_and_the_session_survives() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let problem = refusal(&postgres, "SELECT 1 AS a, point(1, 2) AS \"where\"", &[]).await;
    assert_eq!(problem.code, "column_decode_error");
    assert_eq!(
        (&problem.details["column"], &problem.details["type"]),
        (&json!("where"), &json!("POINT"))
    );
    assert!(problem.hint.unwrap().contains("text"));
    let rows = read(&postgres, "SELECT point(1, 2)::text AS p", &[]).await;
    assert_eq!(rows, json!([{"p": "(1,2)"}]));
}

#[tokio::test]
async fn a_statement_is_prepared_once_for_each_session() {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    settings.read_connections = 1;
    let postgres = Postgres::connect(&settings);
    for day in ["2024-01-01", "2024-01-02", "2024-01-03"] {
        read(&postgres, "select 1 as one", &[]).await;
        read(&postgres, "select $1::date as day", &[json!(day)]).await;
    }
    let text =
        "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement ILIKE 'select 1 as one'";
    assert_eq!(read(&postgres, text, &[]).await, json!([{"n": 1}]));
    let text = "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%as day'";
    assert_eq!(read(&postgres, text, &[]).await, json!([{"n": 2}]), "the typed text and its cast");
}

#[tokio::test]
async fn tables_are_made_changed_and_vacuumed() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    let text = "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
                ALTER TABLE t ADD b int DEFAULT 5; SELECT a, b FROM t ORDER BY a";
    assert_eq!(write(&postgres, text).await, json!([{"a": 1, "b": 5}, {"a": 2, "b": 5}]));
    write(&postgres, "VACUUM t").await;
    write(&postgres, "CREATE INDEX CONCURRENTLY ON t (a)").await;
    let text =
        "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT $1 * 2; END";
    write(&postgres, text).await;
    assert_eq!(write(&postgres, "SELECT twice(4) AS v").await, json!([{"v": 8}]));
    let text = "INSERT INTO t VALUES (9); VACUUM t";
    let problem = script(&postgres, Access::ReadWrite, text, &[]).await.unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_transaction_state"));
    assert_eq!(problem.details["statement"], 1);
    let text = "SELECT count(*) AS n FROM t WHERE a = 9";
    assert_eq!(write(&postgres, text).await, json!([{"n": 0}]));
}

#[tokio::test]
async fn a_constraint_checked_at_the_end_undoes_the_script() {
    let database = TestDatabase::create().await;
    let sql =
        "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t DEFERRABLE INITIALLY DEFERRED)";
    database.run(sql).await;
    let postgres = backend(&database);
    let text = "INSERT INTO t VALUES (1, 2); SELECT 1";
    let problem = script(&postgres, Access::ReadWrite, text, &[]).await.unwrap_err().problem();
    assert_eq!(problem.code, "foreign_key_violation");
    assert_eq!(write(&postgres, "SELECT * FROM t").await, json!([]));
}

#[tokio::test]
async fn mistakes_are_the_callers_and_no_server_error() {
    let database = TestDatabase::create().await;
    let postgres = backend(&database);
    for text in [
        "SELEC 1",
        "SELECT FROM nowhere",
        "SELECT nope",
        "SELECT nope()",
        "SELECT 1 +",
        "SELECT 1/0",
        "SELECT a FROM (VALUES (1)) AS v(a) GROUP BY ()",
        "SELECT 'x'::int",
        "SELECT 1::nope",
        "SELECT count(count(1))",
        "TABLE nope.nope",
        "SELECT 1 UNION SELECT 'x'",
        "SHOW nope",
        "EXPLAIN nope",
        "SELECT generate_series(1, 2, 0)",
        "SELECT (SELECT 1 UNION SELECT 2)",
    ] {
        let problem = refusal(&postgres, text, &[]).await;
        assert!(problem.status < 500, "{text}: {problem:?}");
    }
}

#[tokio::test]
async fn a_changed_table_does_not_break_a_callers_statement() {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await;
    let mut settings = settings(&database);
    settings.read_connections = 1;
    let postgres = Postgres::connect(&settings);
    assert_eq!(read(&postgres, "SELECT * FROM t", &[]).await, json!([{"a": 1}]));
    database.run("ALTER TABLE t ALTER a TYPE text, ADD b int").await;
    assert_eq!(read(&postgres, "SELECT * FROM t", &[]).await, json!([{"a": "1", "b": null}]));
}
