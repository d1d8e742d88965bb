//! The rows that the statement answered.

use crate::{DatabasePlan, RestError, request::media::MediaType};
use bytes::{BufMut, Bytes, BytesMut};
use serde_json::Value;

/// What came back for the main statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Row(Row),
    /// An execution plan.
    Explained(Bytes),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// All rows there are, where they were counted.
    pub total: Option<i64>,
    /// The rows of this answer.
    pub page_total: i64,
    /// Key columns with what they are equal to.
    pub(crate) location: Option<Vec<(String, String)>>,
    pub(crate) body: Bytes,
    pub(crate) headers: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) inserted: Option<i64>,
}

impl Outcome {
    /// Rows of columns as text or raw bytes.
    pub fn read(plan: &DatabasePlan, rows: Vec<Vec<Option<Bytes>>>) -> Result<Self, RestError> {
        if let MediaType::Plan(_) = plan.media {
            let mut body = BytesMut::new();
            for line in rows.into_iter().flatten().flatten() {
                body.put(line);
                body.put_u8(b'\n');
            }
            return Ok(Self::Explained(body.freeze()));
        }
        let columns = rows.into_iter().next().ok_or(unexpected("no row"))?;
        let columns: [Option<Bytes>; 7] =
            columns.try_into().map_err(|_| unexpected("another number of columns"))?;
        let [total, page_total, location, body, headers, status, inserted] = columns;
        Ok(Self::Row(Row {
            total: number(total)?,
            page_total: number(page_total)?.ok_or(unexpected("no number of rows"))?,
            location: pairs(location)?,
            body: body.unwrap_or_default(),
            headers: text(headers)?,
            status: text(status)?,
            inserted: number(inserted)?,
        }))
    }

    /// The number of rows that were counted.
    pub fn total(&self) -> Option<i64> {
        match self {
            Self::Row(row) => row.total,
            Self::Explained(_) => None,
        }
    }

    /// The number of rows in what the planner answered to an estimate.
    pub fn estimate(rows: &[Vec<Option<Bytes>>]) -> Option<i64> {
        let column = rows.first()?.first()?.as_ref()?;
        let plans: Value = serde_json::from_slice(column).ok()?;
        plans.pointer("/0/Plan/Plan Rows")?.as_i64()
    }
}

fn unexpected(reason: &'static str) -> RestError {
    RestError::UnexpectedAnswer { reason }
}

fn text(column: Option<Bytes>) -> Result<Option<String>, RestError> {
    let text = column.map(|bytes| String::from_utf8(bytes.to_vec()));
    text.transpose().map_err(|_| unexpected("no text"))
}

fn number(column: Option<Bytes>) -> Result<Option<i64>, RestError> {
    let number = text(column)?.map(|text| text.parse());
    number.transpose().map_err(|_| unexpected("no number"))
}

fn pairs(column: Option<Bytes>) -> Result<Option<Vec<(String, String)>>, RestError> {
    let pairs = column.map(|json| serde_json::from_slice(&json));
    pairs.transpose().map_err(|_| unexpected("no pairs"))
}
