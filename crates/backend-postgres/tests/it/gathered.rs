//! Reads of single rows that come together, answered by one statement and each its own.

use crate::support::{PATIENCE, backend, eventually, permit, planned, settings};
use backend::{Backend, BackendError, Outcome};
use backend_postgres::Postgres;
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{Operation, Statement};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;
use tokio::task::JoinHandle;

const SQL: &str = "
CREATE TABLE goods (id bigint PRIMARY KEY, name text);
INSERT INTO goods SELECT n, 'no ' || n FROM generate_series(1, 100) n;
CREATE TABLE keys (small int2 UNIQUE, n int4 UNIQUE, big int8 UNIQUE, ratio float8 UNIQUE, token uuid UNIQUE,
    word text UNIQUE, code varchar(9) UNIQUE, price numeric UNIQUE, day date UNIQUE, ok bool UNIQUE, note text);
INSERT INTO keys VALUES
    (1, 1, 1, 1.5, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'a', 'a', 1.50, '2024-01-01', true, NULL),
    (2, 2, 2, 2.5, '6ba7b811-9dad-11d1-80b4-00c04fd430c8', E'b''\"\\\\{},名', 'b', 2.50, '2024-01-02', false, 'x');
";

/// One read at a time has a session, so that all others wait for it.
async fn shop() -> (TestDatabase, Arc<Postgres>, SchemaCache) {
    let database = TestDatabase::create().await;
    database.run(SQL).await;
    let mut narrow = settings(&database);
    narrow.read_connections = 2;
    let postgres = Arc::new(Postgres::connect(&narrow));
    let schema = postgres.introspect().await.unwrap();
    (database, postgres, schema)
}

fn reading(postgres: &Postgres, schema: &SchemaCache, body: Value) -> Statement {
    let plan = planned(schema, Operation::Fetch, body);
    let statement = postgres.render(&plan).unwrap();
    let gathered = postgres.render_gathered(&plan, &statement);
    assert!(gathered.is_some(), "{}", statement.text());
    statement.gathered_by(gathered)
}

fn by(table: &str, column: &str, value: &Value) -> Value {
    let conditions = json!([{"operator": "eq", "column": column, "value": value}]);
    json!({"table_name": table, "conditions": conditions, "limit": 1})
}

fn good(postgres: &Postgres, schema: &SchemaCache, id: i64) -> Statement {
    reading(postgres, schema, by("goods", "id", &json!(id)))
}

type Read = Result<(String, Outcome), BackendError>;

async fn read(postgres: &Postgres, statement: &Statement, patience: Duration) -> Read {
    let mut out = BytesMut::from("before");
    let outcome = postgres.execute(&permit(), statement, patience, &mut out).await?;
    Ok((String::from_utf8(out[6..].to_vec()).unwrap(), outcome))
}

fn begun(postgres: &Arc<Postgres>, statement: Statement, patience: Duration) -> JoinHandle<Read> {
    let postgres = Arc::clone(postgres);
    tokio::spawn(async move { read(&postgres, &statement, patience).await })
}

/// Nothing can be read of the table until this ends.
async fn locked(database: &TestDatabase, table: &'static str) -> PgConnection {
    let mut connection = database.connect().await;
    sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
    let lock = sqlx::AssertSqlSafe(format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"));
    sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
    connection
}

const ONE_WAITS: &str = "SELECT count(*) = 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";
const MANY_WERE_READ: &str =
    "SELECT bool_or(query LIKE '%WITH ORDINALITY AS athena_each%') FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'athena'";

async fn given_time() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn reads_that_wait_are_answered_by_one_statement_and_each_its_own() {
    let (database, postgres, schema) = shop().await;
    let lock = locked(&database, "goods").await;
    let first = begun(&postgres, good(&postgres, &schema, 1), PATIENCE);
    assert!(eventually(&database, ONE_WAITS).await);
    // Two ask for the same row, and one for a row that is not there.
    let ids = (2..150).chain([7, 1_000]);
    let others: Vec<_> =
        ids.map(|id| (id, begun(&postgres, good(&postgres, &schema, id), PATIENCE))).collect();
    given_time().await;
    assert!(eventually(&database, ONE_WAITS).await, "the others have no sessions of their own");
    lock.close().await.unwrap();
    assert_eq!(first.await.unwrap().unwrap().0, r#"[{"id":1,"name":"no 1"}]"#);
    for (id, other) in others {
        let (rows, outcome) = other.await.unwrap().unwrap();
        let is_there = id <= 100;
        let expected = format!(r#"[{{"id":{id},"name":"no {id}"}}]"#);
        assert_eq!(rows, if is_there { expected } else { "[]".to_owned() });
        let count = u64::from(is_there);
        assert_eq!(outcome, Outcome { returned: count, affected: count, count: None });
    }
    assert!(eventually(&database, MANY_WERE_READ).await);
}

#[tokio::test]
async fn values_of_every_type_find_what_they_find_alone() {
    let (database, postgres, schema) = shop().await;
    let of = |column: &str| match column {
        "small" | "n" | "big" => [json!(1), json!(2)],
        "ratio" => [json!(1.5), json!(2.5)],
        "token" => [1, 2].map(|n| json!(format!("6ba7b81{}-9dad-11d1-80b4-00c04fd430c8", n - 1))),
        "word" => [json!("a"), json!("b'\"\\{},名")],
        "code" => [json!("a"), json!("b")],
        "price" => [json!("1.50"), json!(2.5)],
        "day" => [json!("2024-01-01"), json!("2024-01-02")],
        _ => [json!(true), json!(false)],
    };
    for column in ["small", "n", "big", "ratio", "token", "word", "code", "price", "day", "ok"] {
        for strip_nulls in [false, true] {
            let statements = of(column).map(|value| {
                let mut body = by("keys", column, &value);
                body["strip_nulls"] = json!(strip_nulls);
                reading(&postgres, &schema, body)
            });
            let mut alone = Vec::new();
            for statement in &statements {
                alone.push(read(&postgres, statement, PATIENCE).await.unwrap().0);
            }
            assert!(alone.iter().all(|rows| rows.contains("\"n\":")), "{column}: {alone:?}");
            let lock = locked(&database, "keys").await;
            let first = begun(&postgres, statements[0].clone(), PATIENCE);
            assert!(eventually(&database, ONE_WAITS).await);
            let more =
                [0, 1, 1, 0].map(|at| (at, begun(&postgres, statements[at].clone(), PATIENCE)));
            given_time().await;
            lock.close().await.unwrap();
            assert_eq!(first.await.unwrap().unwrap().0, alone[0]);
            for (at, read) in more {
                assert_eq!(read.await.unwrap().unwrap().0, alone[at], "{column}");
            }
            assert!(eventually(&database, MANY_WERE_READ).await);
        }
    }
}

#[tokio::test]
async fn who_wants_no_nulls_gets_none_and_nobody_elses_are_left_out() {
    let (database, postgres, schema) = shop().await;
    let of = |n: i64, strip_nulls: bool| {
        let mut body = by("keys", "n", &json!(n));
        body["strip_nulls"] = json!(strip_nulls);
        reading(&postgres, &schema, body)
    };
    let lock = locked(&database, "keys").await;
    let first = begun(&postgres, of(2, false), PATIENCE);
    assert!(eventually(&database, ONE_WAITS).await);
    let reads: Vec<_> = [true, false, true, false, false, true]
        .map(|strips| (strips, begun(&postgres, of(1, strips), PATIENCE)))
        .into();
    given_time().await;
    lock.close().await.unwrap();
    first.await.unwrap().unwrap();
    for (strips, read) in reads {
        let rows = read.await.unwrap().unwrap().0;
        assert_eq!(rows.contains("\"note\":null"), !strips, "{rows}");
    }
}

#[tokio::test]
async fn one_bad_value_spoils_no_other_read() {
    let (database, postgres, schema) = shop().await;
    let day = |value: &str| reading(&postgres, &schema, by("keys", "day", &json!(value)));
    let lock = locked(&database, "keys").await;
    let first = begun(&postgres, day("2024-01-01"), PATIENCE);
    assert!(eventually(&database, ONE_WAITS).await);
    let good = begun(&postgres, day("2024-01-02"), PATIENCE);
    let bad = begun(&postgres, day("2024-02-31"), PATIENCE);
    let other = begun(&postgres, day("2024-01-01"), PATIENCE);
    given_time().await;
    lock.close().await.unwrap();
    for (read, day) in [(first, "2024-01-01"), (good, "2024-01-02"), (other, "2024-01-01")] {
        assert!(read.await.unwrap().unwrap().0.contains(day));
    }
    let error = bad.await.unwrap().unwrap_err();
    assert_eq!(error.problem().details["sql_state"], "22008", "{error}");
}

#[tokio::test]
async fn who_goes_away_or_has_no_time_holds_nobody_up() {
    let (database, postgres, schema) = shop().await;
    let lock = locked(&database, "goods").await;
    let begin = |id, patience| begun(&postgres, good(&postgres, &schema, id), patience);
    let first = begin(1, PATIENCE);
    assert!(eventually(&database, ONE_WAITS).await);
    let gone = begin(2, PATIENCE);
    let short = begin(3, Duration::from_millis(300));
    let patient = begin(4, PATIENCE);
    given_time().await;
    gone.abort();
    let error = short.await.unwrap().unwrap_err();
    assert!(matches!(error, BackendError::Timeout), "{error:?}");
    // The one whose statement runs goes too, and with it the statement.
    first.abort();
    assert!(eventually(&database, ONE_WAITS).await, "the next one has its turn");
    let late = begin(5, PATIENCE);
    given_time().await;
    lock.close().await.unwrap();
    assert_eq!(patient.await.unwrap().unwrap().0, r#"[{"id":4,"name":"no 4"}]"#);
    assert_eq!(late.await.unwrap().unwrap().0, r#"[{"id":5,"name":"no 5"}]"#);
    let read = read(&postgres, &good(&postgres, &schema, 6), PATIENCE).await.unwrap();
    assert_eq!(read.0, r#"[{"id":6,"name":"no 6"}]"#);
}

#[tokio::test]
async fn when_the_one_who_reads_for_many_goes_away_the_others_read_on() {
    let (database, postgres, schema) = shop().await;
    // Prepared now, it takes its lock once, and the next lock cannot come in between.
    read(&postgres, &good(&postgres, &schema, 1), PATIENCE).await.unwrap();
    let lock = locked(&database, "goods").await;
    let begin = |id| begun(&postgres, good(&postgres, &schema, id), PATIENCE);
    let first = begin(1);
    assert!(eventually(&database, ONE_WAITS).await);
    let (leader, led, other) = (begin(2), begin(3), begin(4));
    given_time().await;
    let mut again = locked_after(&database, lock, "goods").await;
    first.await.unwrap().unwrap();
    assert!(eventually(&database, ONE_WAITS).await);
    leader.abort();
    given_time().await;
    sqlx::raw_sql("COMMIT").execute(&mut again).await.unwrap();
    assert_eq!(led.await.unwrap().unwrap().0, r#"[{"id":3,"name":"no 3"}]"#);
    assert_eq!(other.await.unwrap().unwrap().0, r#"[{"id":4,"name":"no 4"}]"#);
}

/// Another lock, asked for while the first one holds, so that it comes right after the read that waits.
async fn locked_after(
    database: &TestDatabase,
    first: PgConnection,
    table: &'static str,
) -> PgConnection {
    let mut next = database.connect().await;
    sqlx::raw_sql("BEGIN").execute(&mut next).await.unwrap();
    let lock = sqlx::AssertSqlSafe(format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"));
    let waiting = tokio::spawn(async move {
        sqlx::raw_sql(lock).execute(&mut next).await.unwrap();
        next
    });
    given_time().await;
    first.close().await.unwrap();
    waiting.await.unwrap()
}

#[tokio::test]
async fn with_sessions_to_spare_nobody_waits_for_another() {
    let database = TestDatabase::create().await;
    database.run(SQL).await;
    let postgres = Arc::new(backend(&database));
    let schema = postgres.introspect().await.unwrap();
    let lock = locked(&database, "goods").await;
    let reads: Vec<_> =
        (1..=3).map(|id| begun(&postgres, good(&postgres, &schema, id), PATIENCE)).collect();
    let three_wait = "SELECT count(*) = 3 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    assert!(eventually(&database, three_wait).await);
    lock.close().await.unwrap();
    for read in reads {
        assert!(read.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn tables_whose_names_could_be_taken_for_the_lists_are_read_one_by_one() {
    let database = TestDatabase::create().await;
    database
        .run(
            "CREATE TABLE athena_each (id int PRIMARY KEY);
             CREATE TABLE odd (id int PRIMARY KEY, athena_each1 int);
             CREATE TABLE fine (id int PRIMARY KEY, v1 int, n int, r int)",
        )
        .await;
    let postgres = backend(&database);
    let schema = postgres.introspect().await.unwrap();
    for (table, is_gathered) in [("athena_each", false), ("odd", false), ("fine", true)] {
        let plan = planned(&schema, Operation::Fetch, by(table, "id", &json!(1)));
        let statement = postgres.render(&plan).unwrap();
        let gathered = postgres.render_gathered(&plan, &statement);
        assert_eq!(gathered.is_some(), is_gathered, "{table}");
    }
}
