//! What was asked, in the words of the request; nothing here knows the schema.

mod action;
mod csv;
mod cursor;
mod filter;
mod logic;
pub mod media;
mod members;
mod names;
mod order;
mod payload;
pub mod prefer;
mod profile;
mod query;
pub mod range;
mod select;
mod urlencoded;

#[cfg(test)]
mod tests;

pub(crate) use urlencoded::encoded;

pub use action::{Action, Call, Mutation};
pub use filter::{Comparison, Filter, FtsOperator, IsValue, Operation, Quantifier, SimpleOperator};
pub use logic::{Connective, Logic};
pub use names::{Field, JsonKey, JsonStep};
pub use order::{Direction, Nulls, OrderBy, OrderTerm};
pub use payload::Payload;
pub use query::Query;
pub use select::{Aggregate, Embed, Join, Selected, SelectedField};

use crate::{RestConfig, RestError};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use media::MediaType;
use prefer::Preferences;
use range::Range;
use std::collections::BTreeSet;

/// A path of embeds from the root, by their names or aliases.
pub type EmbedPath = Vec<String>;

/// What the path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Root,
    Relation(String),
    Routine(String),
}

#[derive(Debug, Clone, Copy)]
pub struct RawRequest<'r> {
    pub method: &'r Method,
    pub kind: &'r Kind,
    /// Without the question mark, still percent-encoded.
    pub query: &'r str,
    pub headers: &'r HeaderMap,
    pub body: &'r Bytes,
}

/// A request that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub action: Action,
    pub schema: String,
    /// Whether the request named the schema, so that the answer does too.
    pub is_profiled: bool,
    pub query: Query,
    /// The rows of the root.
    pub range: Range,
    pub payload: Option<Payload>,
    /// The columns or arguments that the body gives.
    pub columns: BTreeSet<String>,
    pub preferences: Preferences,
    pub accepts: Vec<MediaType>,
    pub content_type: MediaType,
}

impl Request {
    pub fn parse(raw: &RawRequest<'_>, config: &RestConfig) -> Result<Self, RestError> {
        let preferences = Preferences::parse(raw.headers, config.tx_end.may_override());
        let (schema, is_profiled) = profile::chosen(raw.method, raw.headers, &config.schemas)?;
        let action = Action::of(raw.method, raw.kind)?;
        let mut query = Query::parse(raw.query, action.is_call_by_address())?;
        let range = query.restrict(raw.method, raw.headers)?;
        let content_type = content_type(raw.headers);
        let (payload, columns) = payload::read(raw.body, &content_type, &query, &action)?;
        let accepts = media::accepted(raw.headers);
        Ok(Self {
            action,
            schema,
            is_profiled,
            query,
            range,
            payload,
            columns,
            preferences,
            accepts,
            content_type,
        })
    }
}

fn content_type(headers: &HeaderMap) -> MediaType {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sent.map_or(MediaType::Json, MediaType::parse)
}
