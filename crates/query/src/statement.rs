//! A plan as text for a backend, with its parameters beside it.

mod error;
mod postgres;
mod sql_text;
mod sqlite;

pub use error::RenderError;
pub use sql_text::SqlText;

use crate::plan::{Access, BoundValue, CallPlan, LoneRow, Plan, RowShape};
use crate::sql::SqlStatement;
use std::sync::Arc;

/// A value bound to `$n`; never part of the text.
pub type Param = BoundValue;

/// Something a backend can execute.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    text: Arc<str>,
    params: Vec<Param>,
    access: Access,
    rows: RowsWanted,
    effects: Effects,
    counts: bool,
    gathered: Option<Arc<str>>,
}

/// What a statement may leave behind in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    None,
    /// Code of the database's own may have changed settings or taken locks: clean up afterwards.
    Possible,
}

/// What the backend does with the rows it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowsWanted {
    /// Write each as a JSON object.
    Objects,
    /// The same, leaving null members out.
    ObjectsWithoutNulls,
    /// Write the first column's value alone: the result of a function that is no row.
    Values,
}

impl Statement {
    /// The plan in PostgreSQL's dialect.
    pub fn postgres(plan: &Plan) -> Result<Self, RenderError> {
        postgres::render(plan)
    }

    /// `SELECT count(*)` over the same rows, when the plan asks for a count.
    pub fn postgres_count(plan: &Plan) -> Result<Option<Self>, RenderError> {
        postgres::render_count(plan)
    }

    /// Rows of one shape in PostgreSQL's dialect. The text depends on the shape alone, and the rows are
    /// answered in the order they are given in.
    pub fn postgres_rows(shape: &RowShape, rows: &[LoneRow]) -> Result<Self, RenderError> {
        postgres::render_together(shape, rows)
    }

    /// The plan in SQLite's dialect.
    pub fn sqlite(plan: &Plan) -> Result<Self, RenderError> {
        sqlite::render(plan)
    }

    /// `SELECT count(*)` over the same rows, when the plan asks for a count.
    pub fn sqlite_count(plan: &Plan) -> Result<Option<Self>, RenderError> {
        sqlite::render_count(plan)
    }

    pub(crate) fn new(text: SqlText, params: Vec<Param>, access: Access, rows: RowsWanted) -> Self {
        let (text, effects) = (text.into(), Effects::None);
        Self { text, params, access, rows, effects, counts: false, gathered: None }
    }

    /// The plan's statement for many lists of values at once, in PostgreSQL's dialect: each parameter is
    /// an array, and the first column says which list a row is for, from 1 on. `None` unless the plan
    /// names a single row by a key, which takes the database next to no time for any of them.
    pub fn postgres_gathered(&self, plan: &Plan) -> Option<Arc<str>> {
        postgres::render_gathered(plan, &self.params)
    }

    /// The same, able to be run together with others that have this gathered text.
    pub fn gathered_by(self, text: Option<Arc<str>>) -> Self {
        Self { gathered: text, ..self }
    }

    /// The text by which others like it can be run with it.
    pub fn gathered(&self) -> Option<&Arc<str>> {
        self.gathered.as_ref()
    }

    /// A routine's call in PostgreSQL's dialect.
    pub fn postgres_call(plan: &CallPlan) -> Result<Self, RenderError> {
        postgres::render_call(plan)
    }

    /// A query that a caller wrote and that only reads, as it stands. `None` is any other.
    pub fn plain_read(written: &SqlStatement, strip_nulls: bool) -> Option<Self> {
        let rows = if strip_nulls { RowsWanted::ObjectsWithoutNulls } else { RowsWanted::Objects };
        let text = SqlText::written_by_caller(written)?;
        Some(Self::new(text, Vec::new(), Access::ReadOnly, rows))
    }

    /// A call runs code that nobody here has read.
    pub(crate) fn of_call(self, counts: bool) -> Self {
        Self { effects: Effects::Possible, counts, ..self }
    }

    pub fn effects(&self) -> Effects {
        self.effects
    }

    /// The first column of each row is the number of all rows, and no part of the answer.
    pub fn counts(&self) -> bool {
        self.counts
    }

    /// The same text for other values.
    pub(crate) fn with_params(&self, params: Vec<Param>) -> Self {
        let (text, gathered) = (Arc::clone(&self.text), self.gathered.clone());
        Self { text, params, gathered, ..*self }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
    /// The text for whoever keeps it.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
    pub fn params(&self) -> &[Param] {
        &self.params
    }
    pub fn access(&self) -> Access {
        self.access
    }
    pub fn rows(&self) -> RowsWanted {
        self.rows
    }
}
