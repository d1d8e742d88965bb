//! One request of the PostgREST surface in one transaction.

use crate::support::{PATIENCE, eventually, permit, settings};
use backend::{
    Backend, BackendError, RestEnd, RestFrame, RestParam, RestRow, RestScript, RestStatement,
    RestStep,
};
use backend_postgres::Postgres;
use bytes::Bytes;
use catalog::{Ident, QualifiedName};
use query::Access;
use std::time::Duration;
use test_support::TestDatabase;

/// One connection of each kind, so that each exchange finds what the one before left.
pub async fn narrow() -> (TestDatabase, Postgres) {
    let database = TestDatabase::create().await;
    let sql = "CREATE TYPE mood AS ENUM ('sad', 'glad');
               CREATE TABLE notes (id int PRIMARY KEY, day date, tags text[], mood mood,
                   next int REFERENCES notes DEFERRABLE INITIALLY DEFERRED);
               INSERT INTO notes VALUES (1, '2026-01-02', '{a,b}', 'glad');
               DO $$ BEGIN CREATE ROLE exchange_reader; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
               GRANT SELECT ON notes TO exchange_reader;
               CREATE FUNCTION check_caller() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                   IF current_setting('request.method', true) = 'BREW' THEN
                       RAISE 'no coffee' USING ERRCODE = 'PT418';
                   END IF; END $$";
    database.run(sql).await;
    let mut settings = settings(&database);
    (settings.read_connections, settings.write_connections) = (1, 1);
    let postgres = Postgres::connect(&settings);
    (database, postgres)
}

/// Runs its statements in order, keeps the rows, and ends as told.
pub struct Steps {
    pub statements: Vec<RestStatement>,
    pub end: RestEnd,
    /// Whether the last statement is said to be the last.
    pub is_known: bool,
    pub at: usize,
    pub rows: Vec<Vec<RestRow>>,
}

impl RestScript for Steps {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep {
        match rows {
            Some(rows) => self.rows.push(rows),
            None => (self.at, self.rows) = (0, Vec::new()),
        }
        self.at += 1;
        let is_last = self.is_known && self.at == self.statements.len();
        match self.statements.get(self.at - 1) {
            Some(statement) if is_last => RestStep::Last(statement.clone(), self.end),
            Some(statement) => RestStep::Run(statement.clone()),
            None => RestStep::End(self.end),
        }
    }
}

pub fn one(sql: &str, params: &[RestParam]) -> Steps {
    let statement = RestStatement { sql: sql.to_owned(), params: params.to_vec() };
    let (end, is_known) = (RestEnd::Commit, true);
    Steps { statements: vec![statement], end, is_known, at: 0, rows: Vec::new() }
}

pub fn unknown(text: &str) -> RestParam {
    RestParam::Unknown(text.to_owned())
}

pub fn set(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn frame(settings: &[(String, String)], access: Access) -> RestFrame<'_> {
    RestFrame { access, isolation: None, settings, before: None, leaves_traces: false }
}

pub async fn exchange(
    postgres: &Postgres,
    frame: RestFrame<'_>,
    mut steps: Steps,
) -> Result<Vec<Vec<String>>, BackendError> {
    postgres.exchange(&permit(), frame, &mut steps, PATIENCE).await?;
    let last = steps.rows.pop().unwrap_or_default();
    let text = |value: Option<Bytes>| {
        value.map_or("(null)".to_owned(), |bytes| String::from_utf8(bytes.to_vec()).unwrap())
    };
    Ok(last.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
}

pub fn refusal(error: &BackendError) -> (&str, &str) {
    let BackendError::Database(error) = error else { panic!("{error:?}") };
    (&error.sqlstate, &error.message)
}

#[tokio::test]
async fn role_and_settings_hold_in_the_transaction_and_are_gone_after_it() {
    let (_database, postgres) = narrow().await;
    let claims = r#"{"who": "O'Neil \\ é"}"#;
    let settings = set(&[("role", "exchange_reader"), ("request.jwt.claims", claims)]);
    let sql = "SELECT current_user::text, current_setting('request.jwt.claims', true)";
    let inside = exchange(&postgres, frame(&settings, Access::ReadOnly), one(sql, &[])).await;
    assert_eq!(inside.unwrap(), [["exchange_reader", claims]]);
    let after = exchange(&postgres, frame(&[], Access::ReadOnly), one(sql, &[])).await.unwrap();
    assert_ne!(after[0][0], "exchange_reader");
    assert_eq!(after[0][1], "");
    let write = "DELETE FROM notes";
    let refused = exchange(&postgres, frame(&settings, Access::ReadWrite), one(write, &[])).await;
    assert_eq!(refusal(&refused.unwrap_err()).0, "42501");
}

#[tokio::test]
async fn a_role_that_is_not_there_is_refused_and_the_session_goes_on() {
    let (_database, postgres) = narrow().await;
    let settings = set(&[("role", "nobody'; SELECT 1")]);
    for _ in 0..2 {
        let asked = exchange(&postgres, frame(&settings, Access::ReadOnly), one("SELECT 1", &[]));
        let error = asked.await.unwrap_err();
        let told = (("22023", "role \"nobody'; SELECT 1\" does not exist"), refusal(&error));
        assert_eq!(told.0, told.1);
    }
    let pid = "SELECT pg_backend_pid(), txid_current_if_assigned()::text";
    let first = exchange(&postgres, frame(&[], Access::ReadOnly), one(pid, &[])).await.unwrap();
    let asked = exchange(&postgres, frame(&settings, Access::ReadOnly), one("SELECT 1", &[]));
    assert!(asked.await.is_err());
    let second = exchange(&postgres, frame(&[], Access::ReadOnly), one(pid, &[])).await.unwrap();
    assert_eq!(first, second, "the same session, in no transaction");
}

#[tokio::test]
async fn a_value_has_the_type_that_its_place_asks_for() {
    let (_database, postgres) = narrow().await;
    for (condition, value) in [
        ("id = $1", "1"),
        ("id = ANY ($1)", "{1,2}"),
        ("day > $1", "2025-12-31"),
        ("tags @> $1", "{a}"),
        ("mood = $1", "glad"),
        ("mood::text = $1", "glad"),
        ("'$1' <> $1 AND id = 1", "x"),
    ] {
        let sql = format!("SELECT id, tags[1], 5::bigint FROM notes WHERE {condition}");
        for _ in 0..2 {
            let steps = one(&sql, &[unknown(value)]);
            let rows = exchange(&postgres, frame(&[], Access::ReadOnly), steps).await.unwrap();
            assert_eq!(rows, [["1", "a", "5"]], "{condition}");
        }
    }
    let steps = one("SELECT 1 FROM notes WHERE id = $1", &[unknown("one")]);
    let error = exchange(&postgres, frame(&[], Access::ReadOnly), steps).await.unwrap_err();
    let told = ("22P02", "invalid input syntax for type integer: \"one\"");
    assert_eq!(refusal(&error), told);
}

#[tokio::test]
async fn one_text_is_prepared_anew_for_values_of_other_types() {
    let (_database, postgres) = narrow().await;
    let sql = "SELECT pg_typeof($1)::text, $1";
    let bytes = || Bytes::from_static(b"[1]");
    for (param, expected) in [
        (RestParam::Json(bytes()), "json"),
        (RestParam::Bytes(bytes()), "bytea"),
        (RestParam::Text("[1]".to_owned()), "text"),
        (RestParam::Json(bytes()), "json"),
    ] {
        let steps = one(sql, std::slice::from_ref(&param));
        let rows = exchange(&postgres, frame(&[], Access::ReadOnly), steps).await.unwrap();
        assert_eq!(rows, [[expected, "[1]"]], "{param:?}");
    }
}

#[tokio::test]
async fn what_is_rolled_back_is_not_there_and_deferred_constraints_are_looked_at_when_wished() {
    let (_database, postgres) = narrow().await;
    let insert = "INSERT INTO notes (id, next) VALUES (2, $1)";
    let writes = || frame(&[], Access::ReadWrite);
    for (next, end, expected, is_known) in [
        ("1", RestEnd::RollBack, None),
        ("9", RestEnd::RollBack, None),
        ("1", RestEnd::RollBackChecked, None),
        ("9", RestEnd::RollBackChecked, Some("23503")),
        ("9", RestEnd::Commit, Some("23503")),
    ]
    .into_iter()
    .flat_map(|(next, end, expected)| [true, false].map(|known| (next, end, expected, known)))
    {
        let steps = Steps { end, is_known, ..one(insert, &[unknown(next)]) };
        let ended = exchange(&postgres, writes(), steps).await;
        assert_eq!(ended.as_ref().err().map(|error| refusal(error).0), expected, "{next}");
        let rows = exchange(&postgres, writes(), one("SELECT count(*) FROM notes", &[])).await;
        assert_eq!(rows.unwrap(), [["1"]]);
    }
}

#[tokio::test]
async fn a_function_before_the_statement_may_refuse_the_request() {
    let (_database, postgres) = narrow().await;
    let name = |text| Ident::parse(text).unwrap();
    let check = QualifiedName::new(name("public"), name("check_caller"));
    for (method, refused) in [("GET", false), ("BREW", true)] {
        let settings = set(&[("request.method", method)]);
        let guarded = RestFrame { before: Some(&check), ..frame(&settings, Access::ReadOnly) };
        let answer = exchange(&postgres, guarded, one("SELECT 1", &[])).await;
        let code = answer.as_ref().err().map(refusal);
        assert_eq!(code, refused.then_some(("PT418", "no coffee")));
    }
}

#[tokio::test]
async fn a_request_nobody_waits_for_is_cancelled_in_the_database() {
    let (database, postgres) = narrow().await;
    let mut steps = one("SELECT 1 FROM pg_sleep(600) /* left behind */", &[]);
    let reads = frame(&[], Access::ReadOnly);
    let asked = postgres.exchange(&permit(), reads, &mut steps, Duration::from_millis(200)).await;
    assert!(matches!(asked.unwrap_err(), BackendError::Timeout));
    let gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE state <> 'idle'
        AND query LIKE '%left behind%' AND pid <> pg_backend_pid())";
    assert!(eventually(&database, gone).await);
    let rows = exchange(&postgres, frame(&[], Access::ReadOnly), one("SELECT 1", &[])).await;
    assert_eq!(rows.unwrap(), [["1"]]);
}

/// An exchange that may answer ten thousand bytes.
async fn short(steps: Steps) -> Result<Vec<Vec<String>>, BackendError> {
    let database = TestDatabase::create().await;
    let mut settings = settings(&database);
    (settings.read_connections, settings.max_result_bytes) = (1, 10_000);
    let postgres = Postgres::connect(&settings);
    let answer = exchange(&postgres, frame(&[], Access::ReadOnly), steps).await;
    let rows = exchange(&postgres, frame(&[], Access::ReadOnly), one("SELECT 1", &[])).await;
    assert_eq!(rows.unwrap(), [["1"]], "the session goes on");
    answer
}

#[tokio::test]
async fn an_answer_as_large_as_the_limit_comes_and_one_byte_more_does_not() {
    let rows = short(one("SELECT repeat('x', 10000)", &[])).await.unwrap();
    assert_eq!(rows[0][0].len(), 10_000);
    let refused = short(one("SELECT repeat('x', 10001)", &[])).await.unwrap_err();
    assert!(matches!(refused, BackendError::TooLarge { limit: 10_000 }), "{refused:?}");
}

#[tokio::test]
async fn the_limit_is_for_all_rows_of_all_statements_together() {
    let sql = "SELECT repeat('x', 2500), repeat('y', 2500) FROM generate_series(1, 3)";
    let refused = short(one(sql, &[])).await.unwrap_err();
    assert!(matches!(refused, BackendError::TooLarge { .. }), "{refused:?}");
    let mut twice = one("SELECT repeat('x', 6000)", &[]);
    twice.statements.push(twice.statements[0].clone());
    let refused = short(twice).await.unwrap_err();
    assert!(matches!(refused, BackendError::TooLarge { .. }), "{refused:?}");
}

/// A statement whose values come in binary form: one that is not in the first message.
fn afterwards(sql: &str) -> Steps {
    let mut steps = one("SELECT 1", &[]);
    steps.statements.push(RestStatement { sql: sql.to_owned(), params: Vec::new() });
    steps
}

#[tokio::test]
async fn a_row_that_is_too_large_is_refused_before_any_of_it_is_copied() {
    // What cannot be written is found while copying, so the size was looked at before.
    let refused = short(afterwards("SELECT repeat('x', 10001), point(1, 2)")).await.unwrap_err();
    assert!(matches!(refused, BackendError::TooLarge { .. }), "{refused:?}");
    let refused = short(afterwards("SELECT point(1, 2)")).await.unwrap_err();
    assert!(!matches!(refused, BackendError::TooLarge { .. }), "{refused:?}");
}
