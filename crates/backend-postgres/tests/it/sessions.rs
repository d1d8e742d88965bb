//! Nothing of one caller's raw SQL or call is left in the session for the next.

use crate::support::{PATIENCE, backend, call, eventually, permit, rendered, script, settings};
use backend::{Backend, TransactionOptions};
use backend_postgres::Postgres;
use futures_util::poll;
use query::{Access, Operation};
use serde_json::{Value, json};
use std::{
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use test_support::TestDatabase;

/// One connection of each kind, so that the next caller gets the same one.
async fn narrow() -> (TestDatabase, Postgres) {
    let database = TestDatabase::create().await;
    let sql = "CREATE TABLE notes (id int PRIMARY KEY, body text);
               INSERT INTO notes VALUES (1, 'a');
               CREATE SEQUENCE tickets;
               CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM notes RETURNING 1';
               CREATE FUNCTION mark(name text) RETURNS text LANGUAGE sql STABLE
                   AS $$ SELECT set_config('app.who', name, false) $$;
               CREATE FUNCTION keep(name text) RETURNS text LANGUAGE sql
                   AS $$ SELECT pg_advisory_lock(99); SELECT set_config('app.who', name, false) $$";
    database.run(sql).await;
    let mut settings = settings(&database);
    (settings.read_connections, settings.write_connections) = (1, 1);
    let postgres = Postgres::connect(&settings);
    (database, postgres)
}

async fn value(postgres: &Postgres, access: Access, expression: &str) -> Value {
    let text = format!("SELECT {expression} AS v");
    script(postgres, access, &text, &[]).await.unwrap().0[0]["v"].take()
}

const NO_LOCKS: &str = "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

#[tokio::test]
async fn settings_locks_and_temporary_tables_end_with_the_script() {
    let (database, postgres) = narrow().await;
    for text in [
        "SELECT set_config('app.who', 'me', false)",
        "SET app.who = 'me'",
        "SET search_path = pg_catalog",
        "SET ROLE pg_read_all_data",
        "SELECT pg_advisory_lock(7)",
        "CREATE TEMP TABLE notes (id int, secret text)",
        "SELECT set_config('default_transaction_read_only', 'on', false)",
        "WITH x AS (SELECT set_config('app.who', 'me', false)) INSERT INTO notes SELECT 5, 'b' FROM x ON CONFLICT DO NOTHING",
    ] {
        script(&postgres, Access::ReadWrite, text, &[]).await.unwrap();
        assert!(eventually(&database, NO_LOCKS).await, "{text}");
        let w = Access::ReadWrite;
        let user = value(&postgres, w, "current_setting('app.who', true)").await;
        assert!(user == Value::Null || user == "", "{text}: {user}");
        assert_eq!(
            value(&postgres, w, "current_user::text = session_user::text").await,
            true,
            "{text}"
        );
        let (rows, _) =
            script(&postgres, w, "SELECT body FROM notes WHERE id = 1", &[]).await.unwrap();
        assert_eq!(rows, json!([{"body": "a"}]), "{text}");
    }
}

#[tokio::test]
async fn nothing_hides_where_only_postgresql_would_read_it() {
    let (_database, postgres) = narrow().await;
    for text in [
        "SELECT 1 AS n --\r, set_config('app.who', 'me', false) AS s\n, 2 AS m",
        "SELECT E'a'\n'\\' ' AS e, set_config($$app.who$$, $$me$$, false) AS s, '--'\n, 2 AS m",
        "SELECT E'a' -- b\n'\\' ' AS e, set_config($$app.who$$, $$me$$, false) AS s, '--'\n, 2 AS m",
    ] {
        let (rows, _) = script(&postgres, Access::ReadOnly, text, &[]).await.unwrap();
        assert_eq!((&rows[0]["s"], &rows[0]["m"]), (&json!("me"), &json!(2)), "{text}");
        let left = value(&postgres, Access::ReadOnly, "current_setting('app.who', true)").await;
        assert!(left == Value::Null || left == "", "{text}: {left}");
    }
}

#[tokio::test]
async fn a_readers_functions_leave_nothing_either() {
    let (database, postgres) = narrow().await;
    for text in [
        "SELECT set_config('app.who', 'me', false)",
        "SELECT pg_advisory_lock(7)",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT mark('me')",
    ] {
        script(&postgres, Access::ReadOnly, text, &[]).await.unwrap();
        assert!(eventually(&database, NO_LOCKS).await, "{text}");
        let user = value(&postgres, Access::ReadOnly, "current_setting('app.who', true)").await;
        assert!(user == Value::Null || user == "", "{text}: {user}");
        let setting = "current_setting('default_transaction_read_only')";
        assert_eq!(value(&postgres, Access::ReadOnly, setting).await, "on", "{text}");
        let setting = "current_setting('statement_timeout')";
        assert_eq!(value(&postgres, Access::ReadOnly, setting).await, "1min", "{text}");
    }
}

#[tokio::test]
async fn a_called_function_leaves_nothing_either() {
    let (database, postgres) = narrow().await;
    for (function, access) in [("mark", Access::ReadOnly), ("keep", Access::ReadWrite)] {
        let (rows, _) =
            call(&postgres, json!({"function": function, "args": {"name": "me"}})).await;
        assert_eq!(rows, json!(["me"]));
        let user = value(&postgres, access, "current_setting('app.who', true)").await;
        assert!(user == Value::Null || user == "", "{function}: {user}");
        assert!(eventually(&database, NO_LOCKS).await, "{function}");
    }
}

#[tokio::test]
async fn a_reader_finds_no_way_to_write() {
    let (database, postgres) = narrow().await;
    for text in [
        "SELECT wipe()",
        "VALUES (wipe())",
        "SELECT * FROM wipe()",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('transaction_read_only', 'off', true); SELECT wipe()",
        "SELECT set_config('default_transaction_read_only', 'off', false); SELECT wipe()",
        "SET transaction_read_only = off; SELECT wipe()",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SELECT wipe()",
        "COMMIT; DELETE FROM notes",
        "ROLLBACK; DELETE FROM notes",
        "END; DELETE FROM notes",
        "SHOW all; DELETE FROM notes",
        "WITH gone AS (DELETE FROM notes RETURNING *) SELECT * FROM gone",
        "DO $$ BEGIN DELETE FROM notes; END $$",
        "EXPLAIN ANALYZE DELETE FROM notes",
        "EXPLAIN (ANALYZE) SELECT wipe()",
        "SELECT * INTO other FROM notes",
        "SELECT * FROM notes FOR UPDATE",
        "SELECT nextval('tickets')",
        "SELECT setval('tickets', 50)",
        "CREATE TEMP TABLE t (a int)",
        "/* SELECT */ DELETE FROM notes",
        "PREPARE p AS DELETE FROM notes; EXECUTE p",
        "COPY notes FROM PROGRAM 'echo 5'",
        "SELECT 1; CALL wipe()",
    ] {
        let refused = script(&postgres, Access::ReadOnly, text, &[]).await;
        let Err(error) = refused else { panic!("{text} was run") };
        let problem = error.problem();
        assert!(matches!(problem.status, 400 | 403), "{text}: {problem:?}");
        let (rows, _) =
            script(&postgres, Access::ReadOnly, "SELECT id FROM notes", &[]).await.unwrap();
        assert_eq!(rows, json!([{"id": 1}]), "{text}");
    }
    // Nor once a session was told that it may write.
    let first = "SELECT set_config('default_transaction_read_only', 'off', false)";
    script(&postgres, Access::ReadOnly, first, &[]).await.unwrap();
    assert!(script(&postgres, Access::ReadOnly, "SELECT wipe()", &[]).await.is_err());
    assert!(eventually(&database, "SELECT count(*) = 1 FROM notes").await);
}

/// Until all sessions are idle; one that is left in a transaction never is.
const NONE_IS_IN_USE: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'athena' AND state <> 'idle')";

#[tokio::test]
async fn a_transaction_given_up_at_any_moment_leaves_no_session_in_it() {
    let database = TestDatabase::create().await;
    database.run("CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, note text)").await;
    let postgres = backend(&database);
    let body = json!({"table_name": "notes", "insert_body": {"note": "one"}});
    let insert = rendered(&postgres, Operation::Insert, body).await;
    postgres.ping().await.unwrap();
    let (mut made, mut micros) = (0, 0);
    // Later and later, until it is done before anybody gives up.
    while made < 10 {
        let (began, time) = (Instant::now(), Duration::from_micros(micros));
        {
            let (permit, steps) = (permit(), vec![insert.clone()]);
            let options = TransactionOptions::default();
            let mut work = pin!(postgres.transact(&permit, steps, options, PATIENCE));
            // Timers are too coarse for this.
            made += u32::from(loop {
                match poll!(work.as_mut()) {
                    Poll::Ready(done) => break done.is_ok(),
                    Poll::Pending if began.elapsed() >= time => break false,
                    Poll::Pending => tokio::task::yield_now().await,
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(eventually(&database, NONE_IS_IN_USE).await, "given up after {micros} µs");
        micros += 10 + micros / 20;
    }
}
