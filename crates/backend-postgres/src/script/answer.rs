//! What a script answers with, growing statement by statement.

use super::Done;
use crate::{
    error::RunError,
    execute::trusted,
    row_writer::{RowWriter, column_names},
};
use backend::{ScriptOutcome, ScriptRun, StatementOutcome};
use bytes::{BufMut, BytesMut};
use futures_util::TryStreamExt;
use query::{
    Access,
    sql::{SqlStatement, StatementKind},
};
use sqlx::{
    Either, Executor, PgConnection, Row, Statement,
    postgres::{PgArguments, PgRow},
};

/// A statement longer than this is not worth a place among the prepared ones.
const WORTH_KEEPING: usize = 16 << 10;

pub(super) struct Answer<'a> {
    script: ScriptRun<'a>,
    out: &'a mut BytesMut,
    /// Where the rows begin; those of an earlier statement are overwritten.
    start: usize,
    limit: usize,
    pub(super) outcome: ScriptOutcome,
}

impl<'a> Answer<'a> {
    pub(super) fn new(script: ScriptRun<'a>, limit: usize, out: &'a mut BytesMut) -> Self {
        let start = out.len();
        out.extend_from_slice(b"[]");
        Self { script, out, start, limit, outcome: ScriptOutcome::default() }
    }

    pub(super) async fn read(
        &mut self,
        connection: &mut PgConnection,
        statement: &SqlStatement,
        text: &str,
        arguments: PgArguments,
    ) -> Result<Done, RunError> {
        let query = sqlx::query_with(trusted(text), arguments);
        let query = query.persistent(text.len() <= WORTH_KEEPING);
        let mut came =
            StatementOutcome { word: statement.word().to_owned(), ..StatementOutcome::default() };
        let mut writer = None;
        let mut items = connection.fetch_many(query);
        while let Some(item) = items.try_next().await? {
            let row = match item {
                Either::Left(done) => {
                    came.rows_affected += done.rows_affected();
                    continue;
                }
                Either::Right(row) => row,
            };
            if writer.is_none() {
                writer = Some(self.begin(&row)?);
            }
            if came.returned < self.script.max_rows {
                self.write(writer.as_ref(), &row, came.returned == 0)?;
                came.returned += 1;
                continue;
            }
            self.outcome.truncated = true;
            if self.may_cut(statement) {
                came.rows_affected = came.returned;
                self.finish(came);
                return Ok(Done::CutShort);
            }
        }
        drop(items);
        if writer.is_none() && returns_rows(statement.kind()) {
            self.begin_empty(connection, text).await?;
        }
        self.finish(came);
        Ok(Done::Read)
    }

    /// What changes something must run to its end, however few of its rows are wanted.
    fn may_cut(&self, statement: &SqlStatement) -> bool {
        let is_harmless = self.script.access == Access::ReadOnly || statement.is_plain_read();
        is_harmless && self.script.script.single().is_some()
    }

    fn begin(&mut self, row: &PgRow) -> Result<RowWriter, RunError> {
        let writer = RowWriter::for_row(row, self.script.rows, 0).map_err(RunError::Unwritable)?;
        self.outcome.columns = column_names(row.columns());
        self.outcome.truncated = false;
        self.out.truncate(self.start);
        self.out.extend_from_slice(b"[]");
        Ok(writer)
    }

    /// Rows that do not come have columns all the same; the statement was prepared just now.
    async fn begin_empty(
        &mut self,
        connection: &mut PgConnection,
        text: &str,
    ) -> Result<(), RunError> {
        let prepared = connection.prepare(trusted(text)).await?;
        if !prepared.columns().is_empty() {
            self.outcome.columns = column_names(prepared.columns());
            self.outcome.truncated = false;
            self.out.truncate(self.start);
            self.out.extend_from_slice(b"[]");
        }
        Ok(())
    }

    fn write(
        &mut self,
        writer: Option<&RowWriter>,
        row: &PgRow,
        is_first: bool,
    ) -> Result<(), RunError> {
        let Some(writer) = writer else { return Ok(()) };
        self.out.truncate(self.out.len() - 1);
        if !is_first {
            self.out.put_u8(b',');
        }
        writer.write(row, self.out).map_err(RunError::Unwritable)?;
        self.out.put_u8(b']');
        if self.out.len() > self.limit {
            return Err(RunError::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    fn finish(&mut self, came: StatementOutcome) {
        self.outcome.statements.push(came);
    }
}

fn returns_rows(kind: StatementKind) -> bool {
    match kind {
        StatementKind::Read
        | StatementKind::With
        | StatementKind::Show
        | StatementKind::Explain
        | StatementKind::Change => true,
        StatementKind::Command => false,
    }
}
