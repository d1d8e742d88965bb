//! A plan as text for a backend, with its parameters beside it.

mod error;
mod postgres;
mod sql_text;

pub use error::RenderError;
pub use sql_text::SqlText;

use crate::plan::{Access, BoundValue, Plan};

/// A value bound to `$n`; never part of the text.
pub type Param = BoundValue;

/// Something a backend can execute.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    text: SqlText,
    params: Vec<Param>,
    access: Access,
    rows: RowsWanted,
}

/// What the backend does with the rows it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    pub(crate) fn new(text: SqlText, params: Vec<Param>, access: Access, rows: RowsWanted) -> Self {
        Self { text, params, access, rows }
    }

    pub fn text(&self) -> &str {
        self.text.as_str()
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
