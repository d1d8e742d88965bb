//! Writes that are noted before they can be committed, and what is known of them later.

use crate::support::{PATIENCE, backend, permit, rendered};
use async_trait::async_trait;
use backend::{Backend, BackendError, Fate, Mark, Marks, NotNoted, ScriptOutcome, ScriptRun};
use backend_postgres::Postgres;
use bytes::BytesMut;
use query::{Access, Operation, sql::Script, statement::RowsWanted};
use serde_json::json;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering::SeqCst},
};
use test_support::TestDatabase;
use tokio::sync::Semaphore;

/// Remembers what it was given; on wish it keeps a write waiting, or refuses.
#[derive(Debug)]
struct Notes {
    marks: Mutex<Vec<Mark>>,
    refuses: AtomicBool,
    passes: Semaphore,
}

impl Notes {
    fn new() -> Self {
        let passes = Semaphore::new(100);
        Self { marks: Mutex::default(), refuses: AtomicBool::new(false), passes }
    }

    fn transaction(&self) -> String {
        match self.marks.lock().unwrap().last() {
            Some(Mark::Transaction(id)) => id.clone(),
            other => panic!("no transaction: {other:?}"),
        }
    }
}

#[async_trait]
impl Marks for Notes {
    async fn note(&self, mark: Mark) -> Result<(), NotNoted> {
        if self.refuses.load(SeqCst) {
            return Err(NotNoted);
        }
        self.marks.lock().unwrap().push(mark);
        self.passes.acquire().await.unwrap().forget();
        Ok(())
    }
}

async fn ships() -> (TestDatabase, Postgres) {
    let database = TestDatabase::create().await;
    database.run("create table ships (id int primary key check (id < 100), name text)").await;
    let postgres = backend(&database);
    (database, postgres)
}

async fn insert(postgres: &Postgres, id: i32, notes: &Notes) -> Result<String, BackendError> {
    let body = json!({ "table_name": "ships", "insert_body": { "id": id } });
    let statement = rendered(postgres, Operation::Insert, body).await;
    let mut out = BytesMut::new();
    postgres.execute_noted(&permit(), &statement, notes, PATIENCE, &mut out).await?;
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

async fn script(
    postgres: &Postgres,
    text: &str,
    notes: &Notes,
) -> Result<ScriptOutcome, BackendError> {
    let script = Script::parse(text)?;
    let (access, rows) = (Access::ReadWrite, RowsWanted::Objects);
    let run = ScriptRun { script: &script, params: &[], access, max_rows: 10, rows };
    postgres.run_script_noted(&permit(), run, notes, PATIENCE, &mut BytesMut::new()).await
}

async fn count(database: &TestDatabase) -> i64 {
    let mut connection = database.connect().await;
    sqlx::query_scalar("select count(*) from ships").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn the_database_tells_later_how_a_noted_write_ended() {
    let (database, postgres) = ships().await;
    let notes = Notes::new();
    assert_eq!(insert(&postgres, 1, &notes).await.unwrap(), r#"[{"id":1,"name":null}]"#);
    assert_eq!(postgres.fate(&notes.transaction()).await.unwrap(), Fate::Committed);
    insert(&postgres, 1, &notes).await.unwrap_err();
    assert_eq!(postgres.fate(&notes.transaction()).await.unwrap(), Fate::RolledBack);
    for text in [
        "insert into ships values (2)",
        "insert into ships values (3); insert into ships values (4)",
    ] {
        script(&postgres, text, &notes).await.unwrap();
        assert_eq!(postgres.fate(&notes.transaction()).await.unwrap(), Fate::Committed, "{text}");
    }
    script(&postgres, "insert into ships values (5); insert into ships values (500)", &notes)
        .await
        .unwrap_err();
    assert_eq!(postgres.fate(&notes.transaction()).await.unwrap(), Fate::RolledBack);
    assert_eq!(count(&database).await, 4);
    // A number of another database, and no number at all.
    for odd in ["999999999999", "x", ""] {
        assert_eq!(postgres.fate(odd).await.unwrap(), Fate::Unknown, "{odd}");
    }
}

#[tokio::test]
async fn a_write_that_cannot_be_noted_is_not_begun() {
    let (database, postgres) = ships().await;
    let notes = Notes::new();
    notes.refuses.store(true, SeqCst);
    let refused = insert(&postgres, 1, &notes).await;
    assert!(matches!(refused, Err(BackendError::NotNoted(_))), "{refused:?}");
    for text in
        ["insert into ships values (2)", "vacuum ships", "select 1; insert into ships values (3)"]
    {
        let refused = script(&postgres, text, &notes).await;
        assert!(matches!(refused, Err(BackendError::NotNoted(_))), "{refused:?}");
    }
    assert_eq!(count(&database).await, 0);
}

#[tokio::test]
async fn a_write_under_way_is_told_apart_from_one_that_ended_with_its_session() {
    let (database, postgres) = ships().await;
    let notes = Notes::new();
    notes.passes.forget_permits(100);
    let mut working = Box::pin(insert(&postgres, 1, &notes));
    let transaction = loop {
        let waited = tokio::time::timeout(std::time::Duration::from_millis(20), &mut working).await;
        assert!(waited.is_err(), "it waits for the note");
        if !notes.marks.lock().unwrap().is_empty() {
            break notes.transaction();
        }
    };
    assert_eq!(postgres.fate(&transaction).await.unwrap(), Fate::Running);
    // As when the process is killed: the session ends without a word.
    drop(working);
    for _ in 0..200 {
        if postgres.fate(&transaction).await.unwrap() == Fate::RolledBack {
            assert_eq!(count(&database).await, 0);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it never ends");
}

#[tokio::test]
async fn a_command_that_refuses_transactions_is_noted_without_one() {
    let (_database, postgres) = ships().await;
    let notes = Notes::new();
    script(&postgres, "vacuum ships", &notes).await.unwrap();
    assert_eq!(*notes.marks.lock().unwrap(), [Mark::Blind]);
}
