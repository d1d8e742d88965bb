//! Statements that callers wrote themselves: one alone, or several as one transaction.

mod check;

pub(crate) use check::stands_alone;

use crate::{
    bind,
    declared::Types,
    error::RunError,
    execute,
    pool::Pool,
    row_writer::{RowWriter, column_names},
    transact::{Failure, begin},
};
use backend::{BackendError, ScriptOutcome, ScriptRun, StatementOutcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{
    Access,
    sql::{SqlStatement, StatementKind},
};
use sqlx::{
    AssertSqlSafe, Either, Executor, SqlSafeStr, SqliteConnection, Statement, sqlite::SqliteRow,
};
use tokio::time::{Instant, timeout_at};

/// A script that SQLite cuts where this program cuts it, and that stays in its file.
pub(crate) struct Checked<'a> {
    run: ScriptRun<'a>,
}

/// Whether there was more to read than was asked for.
enum Done {
    Whole,
    CutShort,
}

impl<'a> Checked<'a> {
    pub(crate) fn new(run: ScriptRun<'a>) -> Result<Self, BackendError> {
        if run.access == Access::ReadOnly {
            run.script.must_read()?;
        }
        check::script(run.script, run.params)?;
        Ok(Self { run })
    }

    pub(crate) async fn run(
        &self,
        pool: &Pool,
        types: &Types,
        deadline: Instant,
        limit: usize,
        out: &mut BytesMut,
    ) -> Result<ScriptOutcome, BackendError> {
        let mut lease = pool.acquire(deadline).await?;
        let mut answer = Answer::new(&self.run, types, limit, out);
        let work = self.framed(lease.connection(), &mut answer);
        // Dropping the lease interrupts the statement and rolls back.
        let ran = timeout_at(deadline, work).await.map_err(|_| BackendError::Timeout)?;
        match ran {
            Ok(Done::Whole) if self.leaves_no_trace() => lease.release(),
            Ok(_) => drop(lease),
            Err(failure) => return execute::settle(lease, Access::ReadWrite, Err(failure)).await,
        }
        Ok(answer.finish())
    }

    /// A temporary table would be there for the next caller.
    fn leaves_no_trace(&self) -> bool {
        let is_plain = |one: &SqlStatement| one.is_plain_read() || one.is_plain_change();
        self.run.access == Access::ReadOnly || self.run.script.statements().iter().all(is_plain)
    }

    async fn framed(
        &self,
        connection: &mut SqliteConnection,
        answer: &mut Answer<'_>,
    ) -> Result<Done, Failure> {
        connection.execute(begin(self.run.access)).await?;
        let mut done = Done::Whole;
        for (index, statement) in self.run.script.statements().iter().enumerate() {
            let ran = self.one(connection, statement, answer).await;
            // The number is for scripts; one statement needs none.
            let at = self.run.script.single().is_none().then_some(index);
            done = ran.map_err(|error| Failure { statement: at, error })?;
        }
        let end = match (self.run.access, &done) {
            // The statement still stands; closing the session ends it.
            (Access::ReadOnly, Done::CutShort) => return Ok(done),
            (Access::ReadOnly, Done::Whole) => "ROLLBACK",
            (Access::ReadWrite, _) => "COMMIT",
        };
        connection.execute(end).await?;
        Ok(done)
    }

    async fn one(
        &self,
        connection: &mut SqliteConnection,
        statement: &SqlStatement,
        answer: &mut Answer<'_>,
    ) -> Result<Done, RunError> {
        let text = AssertSqlSafe(statement.text()).into_sql_str();
        let prepared = connection.prepare(text.clone()).await?;
        answer.begin(statement, column_names(prepared.columns()));
        let before = changes(connection, statement).await?;
        let arguments = bind::given(self.run.params)?;
        let query = sqlx::query_with(text, arguments).persistent(false);
        let mut items = connection.fetch_many(query);
        let mut affected = 0;
        while let Some(item) = items.try_next().await? {
            match item {
                Either::Left(done) => affected += done.rows_affected(),
                Either::Right(row) => {
                    let is_full = answer.is_full();
                    answer.take(&row)?;
                    if is_full && statement.kind() == StatementKind::Read {
                        drop(items);
                        answer.end(0);
                        return Ok(Done::CutShort);
                    }
                }
            }
        }
        drop(items);
        let has_changed = before != changes(connection, statement).await?;
        answer.end(if has_changed { affected } else { 0 });
        Ok(Done::Whole)
    }
}

/// Without this, a statement that changes nothing would tell the last change's number of rows.
async fn changes(
    connection: &mut SqliteConnection,
    statement: &SqlStatement,
) -> Result<Option<i64>, RunError> {
    match statement.kind() {
        StatementKind::Read | StatementKind::Show | StatementKind::Explain => Ok(None),
        StatementKind::With | StatementKind::Change | StatementKind::Command => {
            let total = sqlx::query_scalar("SELECT total_changes()").fetch_one(connection).await?;
            Ok(Some(total))
        }
    }
}

/// The rows of the last statement that returns any, and what came of each statement.
struct Answer<'a> {
    run: &'a ScriptRun<'a>,
    types: &'a Types,
    limit: usize,
    out: &'a mut BytesMut,
    start: usize,
    writer: Option<RowWriter>,
    outcome: ScriptOutcome,
    current: StatementOutcome,
}

impl<'a> Answer<'a> {
    fn new(run: &'a ScriptRun<'a>, types: &'a Types, limit: usize, out: &'a mut BytesMut) -> Self {
        let start = out.len();
        let (outcome, current) = Default::default();
        Self { run, types, limit, out, start, writer: None, outcome, current }
    }

    fn begin(&mut self, statement: &SqlStatement, columns: Vec<String>) {
        self.current =
            StatementOutcome { word: statement.word().to_owned(), ..StatementOutcome::default() };
        if !columns.is_empty() {
            self.out.truncate(self.start);
            self.out.put_u8(b'[');
            self.writer = None;
            self.outcome.columns = columns;
            self.outcome.truncated = false;
        }
    }

    fn is_full(&self) -> bool {
        self.current.returned >= self.run.max_rows
    }

    fn take(&mut self, row: &SqliteRow) -> Result<(), RunError> {
        if self.is_full() {
            self.outcome.truncated = true;
            return Ok(());
        }
        if self.current.returned > 0 {
            self.out.put_u8(b',');
        }
        self.current.returned += 1;
        let (rows, types) = (self.run.rows, self.types);
        let writer = self.writer.get_or_insert_with(|| RowWriter::for_row(row, rows, types));
        writer.write(row, self.out)?;
        if self.out.len() - self.start > self.limit {
            return Err(RunError::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    fn end(&mut self, affected: u64) {
        let mut current = std::mem::take(&mut self.current);
        current.rows_affected = affected;
        self.outcome.statements.push(current);
    }

    fn finish(self) -> ScriptOutcome {
        self.out.extend_from_slice(if self.out.len() == self.start { b"[]" } else { b"]" });
        self.outcome
    }
}
