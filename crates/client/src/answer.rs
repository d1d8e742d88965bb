//! A whole answer, in an envelope or bare.

use crate::Error;
use bytes::Bytes;
use reqwest::{Response, header::HeaderValue};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// What stands above an answer.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) request_id: String,
    pub(crate) is_cached: Option<bool>,
}

/// An answer, not yet understood.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: Head,
    body: Bytes,
}

/// Rows that were read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// All the rows that match, when that was asked for.
    pub count: Option<u64>,
    /// Whether the gateway had the answer already, if it says so.
    pub is_cached: Option<bool>,
    /// What the answer says under `meta`: `backend`, `rows_affected`, …
    pub meta: Value,
    pub request_id: String,
}

/// Rows that were written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Written<T> {
    /// The rows as they are now; for a delete, as they were.
    pub rows: Vec<T>,
    /// How many rows it was, if the gateway says so or shows them.
    pub affected: Option<u64>,
    /// The key of the one row that was written.
    pub resource_id: Option<String>,
    pub request_id: String,
}

/// The members of an envelope that are understood; all others are passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    /// Null is something that was said, too.
    #[serde(borrow, deserialize_with = "said")]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    rows: Option<&'a RawValue>,
    status: Value,
    message: Value,
    count: Value,
    meta: Value,
    resource_id: Value,
    affected_rows: Value,
    rows_affected: Value,
    deleted_count: Value,
    row_count: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    rows: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Where the rows of an answer are.
enum Found<'a> {
    Many(&'a str),
    /// One row in an envelope.
    One(&'a str),
    /// The answer is an object without the marks of an envelope.
    Bare(&'a str),
    Nowhere,
}

impl Head {
    pub(crate) fn of(response: &Response, sent: &HeaderValue) -> Self {
        let headers = response.headers();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = ["x-request-id", "x-correlation-id", "x-athena-request-id"]
            .into_iter()
            .find_map(text)
            .map_or_else(|| String::from_utf8_lossy(sent.as_bytes()).into_owned(), str::to_owned);
        Self {
            status: response.status().as_u16(),
            request_id,
            is_cached: text("x-athena-cached").and_then(|value| value.parse().ok()),
        }
    }
}

impl Answer {
    pub(crate) fn new(head: Head, body: Bytes) -> Self {
        Self { status: head.status, head, body }
    }

    pub(crate) fn page<T: DeserializeOwned>(&self) -> Result<Page<T>, Error> {
        let envelope = self.envelope()?;
        let rows = match self.found(&envelope) {
            Found::Many(rows) => decode(rows)?,
            Found::One(row) => vec![decode(row)?],
            // A read that is answered bare is answered with a list.
            Found::Bare(_) | Found::Nowhere => {
                return Err(self.unreadable("there are no rows in it"));
            }
        };
        let Head { request_id, is_cached, .. } = self.head.clone();
        Ok(Page {
            rows,
            count: envelope.count.as_u64(),
            is_cached,
            meta: envelope.meta,
            request_id,
        })
    }

    pub(crate) fn written<T: DeserializeOwned>(&self) -> Result<Written<T>, Error> {
        if self.body.trim_ascii().is_empty() {
            let request_id = self.head.request_id.clone();
            return Ok(Written { rows: Vec::new(), affected: None, resource_id: None, request_id });
        }
        let envelope = self.envelope()?;
        let (rows, shown) = match self.found(&envelope) {
            Found::Many(rows) => (decode::<Vec<T>>(rows)?, true),
            Found::One(row) | Found::Bare(row) => (vec![decode(row)?], true),
            Found::Nowhere => (Vec::new(), false),
        };
        let shown = shown.then_some(rows.len() as u64);
        Ok(Written {
            rows,
            affected: envelope.affected().or(shown),
            resource_id: envelope.resource_id(),
            request_id: self.head.request_id.clone(),
        })
    }

    /// The member `data`, or the whole body where there is none.
    pub(crate) fn data<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match self.envelope()?.data {
            Some(data) => decode(data.get()),
            None => decode(self.text()?),
        }
    }

    /// The id under which the gateway put the request into its queue.
    pub(crate) fn queued_id(&self) -> Option<String> {
        if self.status != 202 {
            return None;
        }
        let data: Value = self.data().ok()?;
        data.get("request_id")?.as_str().map(str::to_owned)
    }

    pub(crate) fn unreadable(&self, reason: &str) -> Error {
        Error::Unreadable { status: self.status, reason: reason.to_owned() }
    }

    fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body).map_err(|_utf8| self.unreadable("it is not UTF-8 text"))
    }

    /// The envelope; a bare answer has one without members.
    fn envelope(&self) -> Result<Envelope<'_>, Error> {
        let text = self.text()?;
        let parsed = if is_object(text) {
            serde_json::from_str(text)
        } else {
            serde_json::from_str::<&RawValue>(text).map(|_bare| Envelope::default())
        };
        parsed.map_err(|error| self.unreadable(&format!("it is not JSON: {error}")))
    }

    fn found<'a>(&'a self, envelope: &Envelope<'a>) -> Found<'a> {
        let text = self.text().unwrap_or_default().trim_ascii();
        if text.starts_with('[') {
            return Found::Many(text);
        }
        let lists = [envelope.data, envelope.rows].into_iter().flatten().map(|at| within(at.get()));
        match lists.into_iter().find(|found| envelope.is_one() || found.is_many()) {
            Some(found) => found,
            // An envelope without rows is not a row.
            None if envelope.is_one() => Found::Nowhere,
            None if has_members(text) => Found::Bare(text),
            None => Found::Nowhere,
        }
    }
}

impl Found<'_> {
    fn is_many(&self) -> bool {
        matches!(self, Self::Many(_))
    }
}

impl Envelope<'_> {
    /// Whether it says so itself. A row with a column `data` does not.
    fn is_one(&self) -> bool {
        self.status == "success" && (self.data.is_some() || self.message.is_string())
    }

    fn affected(&self) -> Option<u64> {
        let top = [&self.affected_rows, &self.rows_affected, &self.deleted_count, &self.row_count];
        let meta = ["affected_rows", "rows_affected", "row_count"].map(|key| &self.meta[key]);
        top.into_iter().chain(meta).chain([&self.count]).find_map(Value::as_u64)
    }

    fn resource_id(&self) -> Option<String> {
        match &self.resource_id {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }
}

impl<T> Written<T> {
    pub(crate) fn one(mut self) -> Result<T, Error> {
        let found = self.rows.len();
        self.rows.pop().filter(|_| found == 1).ok_or(Error::NotOneRow { found })
    }
}

fn said<'de, D: Deserializer<'de>>(member: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(member).map(Some)
}

/// Rows in the member that holds them: a list, a list one level further in, or a single row.
fn within(data: &str) -> Found<'_> {
    if data.starts_with('[') {
        return Found::Many(data);
    }
    let inner: Inner<'_> = serde_json::from_str(data).unwrap_or_default();
    let lists = [inner.rows, inner.data].into_iter().flatten().map(RawValue::get);
    match lists.into_iter().find(|list| list.starts_with('[')) {
        Some(list) => Found::Many(list),
        None if is_object(data) => Found::One(data),
        None => Found::Nowhere,
    }
}

fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

fn has_members(text: &str) -> bool {
    is_object(text) && text.trim_ascii_start()[1..].trim_ascii_start().starts_with('"')
}

fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|source| Error::Decode { source })
}
