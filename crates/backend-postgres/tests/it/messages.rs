//! A transaction as one message, and the statements that a session keeps for it.

use crate::{
    exchanges::{Steps, exchange, frame, narrow, one, refusal, set, unknown},
    support::{PATIENCE, eventually, permit, settings},
};
use backend::{Backend, BackendError, RestFrame, RestParam};
use backend_postgres::Postgres;
use bytes::Bytes;
use query::Access;
use std::time::Duration;
use test_support::TestDatabase;

const KEPT: &str = "SELECT count(*), coalesce(sum(length(statement)), 0)
    FROM pg_prepared_statements WHERE name LIKE 'athena%'";

async fn ask(postgres: &Postgres, steps: Steps) -> Result<Vec<Vec<String>>, BackendError> {
    exchange(postgres, frame(&[], Access::ReadOnly), steps).await
}

/// How many statements the one session keeps, and how long they are together.
async fn kept(postgres: &Postgres) -> (usize, usize) {
    let rows = ask(postgres, one(KEPT, &[])).await.unwrap();
    (rows[0][0].parse().unwrap(), rows[0][1].parse().unwrap())
}

#[tokio::test]
async fn every_character_arrives_as_it_was_sent() {
    let (_database, postgres) = narrow().await;
    let odd = "x'; SELECT 1; --\\ \\x41 \\n\n\t\"$1\" $$ % é€😀\u{7f}\u{80}\u{ffff}\u{10ffff}";
    let bytes = Bytes::from((0..=255).collect::<Vec<u8>>());
    let hexadecimal = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let json = Bytes::from(serde_json::json!({ "a": odd }).to_string());
    let params =
        [unknown(odd), RestParam::Text(odd.to_owned()), RestParam::Json(json), RestParam::Null];
    let sql = "SELECT $1::text, $2, $3->>'a', $4::int, current_setting('request.x')";
    let settings = set(&[("request.x", odd)]);
    let rows = exchange(&postgres, frame(&settings, Access::ReadOnly), one(sql, &params)).await;
    assert_eq!(rows.unwrap(), [[odd, odd, odd, "(null)", odd]]);
    for output in ["hex", "escape"] {
        let settings = set(&[("bytea_output", output)]);
        let steps = one("SELECT encode($1, 'hex'), $1", &[RestParam::Bytes(bytes.clone())]);
        let mut steps = Steps { is_known: true, ..steps };
        let framed = frame(&settings, Access::ReadOnly);
        postgres.exchange(&permit(), framed, &mut steps, PATIENCE).await.unwrap();
        let row = &steps.rows[0][0];
        assert_eq!(row[0].as_deref(), Some(hexadecimal.as_bytes()), "{output}");
        assert_eq!(row[1].as_ref(), Some(&bytes), "{output}");
    }
    let error = ask(&postgres, one("SELECT $1::text", &[unknown("a\0b")])).await.unwrap_err();
    assert_eq!(refusal(&error).0, "22021");
    assert_eq!(ask(&postgres, one("SELECT 1", &[])).await.unwrap(), [["1"]]);
}

#[tokio::test]
async fn so_they_do_in_databases_of_other_encodings() {
    let database = TestDatabase::create().await;
    for (encoding, told) in [("LATIN1", "ÿé'"), ("SQL_ASCII", "ÿé€'")] {
        let name = format!("{}_{}", database.name(), encoding.to_lowercase());
        let made = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        database.run(&made).await;
        let uri = database.uri().replacen(database.name(), &name, 1);
        let postgres = Postgres::connect(&backend_postgres::PostgresSettings::parse(&uri).unwrap());
        let sql =
            "SELECT $1::text, current_setting('request.x'), current_setting('server_encoding')";
        let settings = set(&[("request.x", told)]);
        for _ in 0..2 {
            let steps = one(sql, &[unknown(told)]);
            let rows = exchange(&postgres, frame(&settings, Access::ReadOnly), steps).await;
            assert_eq!(rows.unwrap(), [[told, told, encoding]]);
        }
        if encoding == "LATIN1" {
            let error = ask(&postgres, one(sql, &[unknown("€")])).await.unwrap_err();
            assert_eq!(refusal(&error).0, "22P05");
        }
        postgres.close().await;
        database.run(&format!("DROP DATABASE {name}")).await;
    }
}

#[tokio::test]
async fn a_session_keeps_only_so_many_statements_and_so_much_text() {
    let (_database, postgres) = narrow().await;
    for number in 0..130 {
        ask(&postgres, one(&format!("SELECT {number}"), &[])).await.unwrap();
    }
    let (count, _) = kept(&postgres).await;
    assert!((90..=102).contains(&count), "{count}");
    for number in 0..70 {
        let long = format!("SELECT {number}, '{}'", "x".repeat(12_000));
        ask(&postgres, one(&long, &[])).await.unwrap();
    }
    let (count, bytes) = kept(&postgres).await;
    assert!(count > 20 && bytes < 600_000, "{count}, {bytes}");
    let before = kept(&postgres).await.0;
    for number in 0..5 {
        let longer = format!("SELECT {number}, '{}'", "x".repeat(40_000));
        ask(&postgres, one(&longer, &[])).await.unwrap();
    }
    assert!(kept(&postgres).await.0 <= before + 1, "for once, and not kept");
}

#[tokio::test]
async fn a_statement_that_fails_is_kept_all_the_same_and_one_that_cannot_be_is_not() {
    let (_database, postgres) = narrow().await;
    kept(&postgres).await;
    let (before, _) = kept(&postgres).await;
    for value in ["one", "two"] {
        let error = ask(&postgres, one("SELECT $1::int", &[unknown(value)])).await.unwrap_err();
        assert_eq!(refusal(&error).0, "22P02");
    }
    assert_eq!(kept(&postgres).await.0, before + 1);
    for _ in 0..2 {
        let error = ask(&postgres, one("SELECT nothing", &[])).await.unwrap_err();
        assert_eq!(refusal(&error).0, "42703");
    }
    assert_eq!(kept(&postgres).await.0, before + 1);
}

#[tokio::test]
async fn what_a_function_threw_away_is_prepared_anew() {
    let (database, postgres) = narrow().await;
    database
        .run("CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        .await;
    for access in [Access::ReadOnly, Access::ReadWrite] {
        for _ in 0..2 {
            let rows = exchange(&postgres, frame(&[], access), one("SELECT 1", &[])).await;
            assert_eq!(rows.unwrap(), [["1"]], "{access:?}");
            let forgetting = RestFrame { leaves_traces: true, ..frame(&[], access) };
            exchange(&postgres, forgetting, one("SELECT forget()", &[])).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_column_of_another_type_is_met_with_another_statement() {
    let (database, postgres) = narrow().await;
    let asked = || ask(&postgres, one("SELECT day FROM notes WHERE id = $1", &[unknown("1")]));
    assert_eq!(asked().await.unwrap(), [["2026-01-02"]]);
    database.run("ALTER TABLE notes ALTER COLUMN day TYPE text USING 'a day'").await;
    assert_eq!(asked().await.unwrap(), [["a day"]]);
    assert_eq!(asked().await.unwrap(), [["a day"]]);
}

#[tokio::test]
async fn names_are_resolved_with_the_rights_and_the_path_of_each_role() {
    let (database, postgres) = narrow().await;
    let sql = "CREATE SCHEMA one; CREATE SCHEMA two;
        CREATE TABLE one.t AS SELECT 1 AS v; CREATE TABLE two.t AS SELECT 2 AS v;
        DO $$ BEGIN CREATE ROLE messages_in; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        DO $$ BEGIN CREATE ROLE messages_out; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        GRANT SELECT ON one.t, two.t TO messages_in, messages_out;
        GRANT USAGE ON SCHEMA one, two TO messages_in;
        ALTER TABLE one.t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON one.t USING (current_user = 'messages_in')";
    database.run(sql).await;
    let asked = async |role: &str, path: &str, sql: &str| {
        let settings = set(&[("search_path", path), ("role", role)]);
        exchange(&postgres, frame(&settings, Access::ReadOnly), one(sql, &[])).await
    };
    for _ in 0..2 {
        assert_eq!(asked("messages_in", "one", "SELECT v FROM t").await.unwrap(), [["1"]]);
        assert_eq!(asked("messages_in", "two", "SELECT v FROM t").await.unwrap(), [["2"]]);
        let named = "SELECT v FROM one.t";
        assert_eq!(asked("messages_in", "two", named).await.unwrap(), [["1"]]);
        let refused = asked("messages_out", "two", named).await.unwrap_err();
        assert_eq!(refusal(&refused), ("42501", "permission denied for schema one"));
    }
    database.run("GRANT USAGE ON SCHEMA one TO messages_out").await;
    let hidden = asked("messages_out", "two", "SELECT v FROM one.t").await.unwrap();
    assert!(hidden.is_empty(), "{hidden:?}");
    database.run("REVOKE USAGE ON SCHEMA one FROM messages_in").await;
    let refused = asked("messages_in", "two", "SELECT v FROM one.t").await.unwrap_err();
    assert_eq!(refusal(&refused).0, "42501");
}

#[tokio::test]
async fn a_message_broken_off_leaves_neither_its_changes_nor_its_transaction() {
    let (database, postgres) = narrow().await;
    let pid = "SELECT pg_backend_pid()";
    let writes = || frame(&[], Access::ReadWrite);
    let before = exchange(&postgres, writes(), one(pid, &[])).await.unwrap();
    let slow = "WITH new AS (INSERT INTO notes (id) VALUES (7) RETURNING id)
        SELECT id FROM new, pg_sleep(600) /* broken off */";
    for is_known in [true, false] {
        let mut steps = Steps { is_known, ..one(slow, &[]) };
        let patience = Duration::from_millis(200);
        let asked = postgres.exchange(&permit(), writes(), &mut steps, patience).await;
        assert!(matches!(asked.unwrap_err(), BackendError::Timeout));
        let gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE state <> 'idle'
            AND query LIKE '%broken off%' AND pid <> pg_backend_pid())";
        assert!(eventually(&database, gone).await);
        let rows = exchange(&postgres, writes(), one("SELECT count(*) FROM notes", &[])).await;
        assert_eq!(rows.unwrap(), [["1"]]);
    }
    let after = exchange(&postgres, writes(), one(pid, &[])).await.unwrap();
    assert_eq!(before, after, "the session lives on");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_and_the_session_goes_on() {
    let database = TestDatabase::create().await;
    let mut narrow = settings(&database);
    (narrow.read_connections, narrow.write_connections) = (1, 1);
    narrow.max_result_bytes = 10_000;
    let postgres = Postgres::connect(&narrow);
    let pid = "SELECT pg_backend_pid()";
    let before = ask(&postgres, one(pid, &[])).await.unwrap();
    for is_known in [true, false] {
        let large = "SELECT repeat('x', 400) FROM generate_series(1, 100000)";
        let error = ask(&postgres, Steps { is_known, ..one(large, &[]) }).await.unwrap_err();
        assert!(matches!(error, BackendError::TooLarge { limit: 10_000 }), "{error:?}");
        assert_eq!(ask(&postgres, one(pid, &[])).await.unwrap(), before);
    }
}

#[tokio::test]
async fn large_values_are_bound() {
    let (_database, postgres) = narrow().await;
    let text = "é".repeat(300_000);
    let json = Bytes::from(format!("[\"{text}\"]"));
    let sql = "SELECT length($1), json_array_length($2), length($3::text)";
    let params = [RestParam::Text(text.clone()), RestParam::Json(json), unknown(&text)];
    for _ in 0..2 {
        let rows = ask(&postgres, one(sql, &params)).await.unwrap();
        assert_eq!(rows, [["300000", "1", "300000"]]);
    }
}
