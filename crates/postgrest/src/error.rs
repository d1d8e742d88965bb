//! What went wrong, in PostgREST's codes and words.

mod database;
mod raised;

pub use database::DatabaseError;

use crate::schema::SchemaError;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestError {
    #[error("{message}: {details}")]
    QueryParameter { message: String, details: String },
    #[error("method {method} on a routine")]
    RoutineMethod { method: String },
    #[error("the body: {message}")]
    Body { message: String },
    #[error("the limit is negative")]
    NegativeLimit,
    #[error("the range ends before it begins")]
    BackwardRange,
    #[error("an offset of {offset} in {total} rows")]
    OutOfBounds { offset: i64, total: i64 },
    #[error("PUT needs exactly the primary key as its filters")]
    PutFilters,
    #[error("schema {schema} is not exposed")]
    UnexposedSchema { schema: String, exposed: Vec<String> },
    #[error("none of {accepted:?} can be answered")]
    MediaType { accepted: Vec<String> },
    #[error("{name} is not embedded")]
    NotEmbedded { name: String },
    #[error("response.headers is not an array of headers")]
    ResponseHeaders,
    #[error("response.status is not a status")]
    ResponseStatus,
    #[error("PUT has a limit or an offset")]
    PutRange,
    #[error("the payload has another primary key than the address")]
    PutKey,
    #[error("{rows} rows where one was asked for")]
    Singular { rows: i64 },
    #[error("method {method}")]
    Method { method: String },
    #[error("{origin} cannot be ordered by {target}")]
    RelatedOrder { origin: String, target: String },
    #[error("an operator other than is null on the embed {target}")]
    EmbedFilter { target: String },
    #[error("preferences that are not understood: {preferences:?}")]
    Preferences { preferences: Vec<String> },
    #[error("aggregates are off")]
    Aggregates,
    #[error("{rows} rows are more than were allowed")]
    MaxAffected { rows: i64 },
    #[error("no such path")]
    Path,
    #[error("the root's document is off")]
    DocumentOff,
    #[error("not implemented: {details}")]
    NotImplemented { details: &'static str },
    #[error("max-affected on a routine that answers one value")]
    MaxAffectedRoutine,
    #[error("the database answered something else than was asked: {reason}")]
    UnexpectedAnswer { reason: &'static str },
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Database(#[from] Box<DatabaseError>),
}

/// What a caller reads.
#[derive(Debug, Clone, PartialEq)]
pub struct RestProblem {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
    pub details: Option<Value>,
    pub hint: Option<String>,
    /// Besides the content type.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

type Words = (u16, &'static str, String, Option<String>, Option<String>);

impl RestError {
    pub fn problem(&self) -> RestProblem {
        let (status, code, message, details, hint) = match self {
            Self::Schema(error) => return of_schema(error),
            Self::Database(error) => return error.problem(),
            Self::QueryParameter { .. }
            | Self::RoutineMethod { .. }
            | Self::Body { .. }
            | Self::NegativeLimit
            | Self::BackwardRange
            | Self::OutOfBounds { .. }
            | Self::PutFilters
            | Self::UnexposedSchema { .. }
            | Self::MediaType { .. }
            | Self::Method { .. }
            | Self::Preferences { .. }
            | Self::PutRange
            | Self::Path => self.of_request(),
            _ => self.of_plan_or_answer(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let details = details.map(Value::String);
        RestProblem { status, code: code.to_owned(), message, details, hint, headers: Vec::new() }
    }

    /// What the request itself says.
    fn of_request(&self) -> Words {
        match self {
            Self::QueryParameter { message, details } => {
                (400, "PGRST100", message.clone(), Some(details.clone()), None)
            }
            Self::RoutineMethod { method } => {
                (405, "PGRST101", format!("Cannot use the {method} method on RPC"), None, None)
            }
            Self::Body { message } => (400, "PGRST102", message.clone(), None, None),
            Self::NegativeLimit => out_of_range("Limit should be greater than or equal to zero.".to_owned()),
            Self::BackwardRange => out_of_range(
                "The lower boundary must be lower than or equal to the upper boundary in the Range header.".to_owned(),
            ),
            Self::OutOfBounds { offset, total } => out_of_range(format!(
                "An offset of {offset} was requested, but there are only {total} rows."
            )),
            Self::PutFilters => (
                405,
                "PGRST105",
                "Filters must include all and only primary key columns with 'eq' operators".to_owned(),
                None,
                None,
            ),
            Self::UnexposedSchema { schema, exposed } => (
                406,
                "PGRST106",
                format!("Invalid schema: {schema}"),
                None,
                Some(format!("Only the following schemas are exposed: {}", exposed.join(", "))),
            ),
            Self::MediaType { accepted } => (
                406,
                "PGRST107",
                format!("None of these media types are available: {}", accepted.join(", ")),
                None,
                None,
            ),
            Self::PutRange => (
                400,
                "PGRST114",
                "limit/offset querystring parameters are not allowed for PUT".to_owned(),
                None,
                None,
            ),
            Self::Method { method } => {
                (405, "PGRST117", format!("Unsupported HTTP method: {method}"), None, None)
            }
            Self::Preferences { preferences } => (
                400,
                "PGRST122",
                "Invalid preferences given with handling=strict".to_owned(),
                Some(format!("Invalid preferences: {}", preferences.join(", "))),
                None,
            ),
            _ => (404, "PGRST125", "Invalid path specified in request URL".to_owned(), None, None),
        }
    }

    /// What the request means, and what came of it.
    fn of_plan_or_answer(&self) -> Words {
        match self {
            Self::NotEmbedded { name } => (
                400,
                "PGRST108",
                format!("'{name}' is not an embedded resource in this request"),
                None,
                Some(format!("Verify that '{name}' is included in the 'select' query parameter.")),
            ),
            Self::ResponseHeaders => (
                500,
                "PGRST111",
                "response.headers guc must be a JSON array composed of objects with a single key and a string value".to_owned(),
                None,
                None,
            ),
            Self::ResponseStatus => {
                (500, "PGRST112", "response.status guc must be a valid status code".to_owned(), None, None)
            }
            Self::PutKey => (
                400,
                "PGRST115",
                "Payload values do not match URL in primary key column(s)".to_owned(),
                None,
                None,
            ),
            Self::Singular { rows } => (
                406,
                "PGRST116",
                "Cannot coerce the result to a single JSON object".to_owned(),
                Some(format!("The result contains {rows} rows")),
                None,
            ),
            Self::RelatedOrder { origin, target } => (
                400,
                "PGRST118",
                format!("A related order on '{target}' is not possible"),
                Some(format!(
                    "'{origin}' and '{target}' do not form a many-to-one or one-to-one relationship"
                )),
                None,
            ),
            Self::EmbedFilter { target } => (
                400,
                "PGRST120",
                format!("Bad operator on the '{target}' embedded resource"),
                Some("Only is null or not is null filters are allowed on embedded resources".to_owned()),
                None,
            ),
            Self::Aggregates => {
                (400, "PGRST123", "Use of aggregate functions is not allowed".to_owned(), None, None)
            }
            Self::MaxAffected { rows } => (
                400,
                "PGRST124",
                "Query result exceeds max-affected preference constraint".to_owned(),
                Some(format!("The query affects {rows} rows")),
                None,
            ),
            Self::DocumentOff => {
                (404, "PGRST126", "Root endpoint metadata is disabled".to_owned(), None, None)
            }
            Self::NotImplemented { details } => {
                (400, "PGRST127", "Feature not implemented".to_owned(), Some((*details).to_owned()), None)
            }
            Self::MaxAffectedRoutine => (
                400,
                "PGRST128",
                "Function must return SETOF or TABLE when max-affected preference is used with handling=strict".to_owned(),
                None,
                None,
            ),
            _ => (
                500,
                "PGRSTX00",
                "The database answered in another form than was asked for".to_owned(),
                None,
                None,
            ),
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> Bytes {
        self.problem().body()
    }
}

impl RestProblem {
    pub fn body(&self) -> Bytes {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "hint": self.hint,
        });
        Bytes::from(body.to_string())
    }
}

fn out_of_range(details: String) -> Words {
    (416, "PGRST103", "Requested range not satisfiable".to_owned(), Some(details), None)
}

fn of_schema(error: &SchemaError) -> RestProblem {
    let problem = error.problem();
    RestProblem {
        status: StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        code: problem.code.to_owned(),
        message: problem.message,
        details: problem.details,
        hint: problem.hint,
        headers: Vec::new(),
    }
}
