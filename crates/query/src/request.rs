//! What a caller said, before anyone looked whether it exists.

mod body;
mod call;
mod condition;
mod error;
mod expression;
mod fields;
mod operator;
mod order;
mod relation;

pub use call::CallRequest;
pub use error::RequestError;
pub(crate) use error::shown;

use serde_json::{Map, Value};

/// The five things a caller can ask of a relation (raw SQL is not one of them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Fetch,
    Insert,
    Update,
    Delete,
}

/// What a request may hold at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseOptions {
    pub max_conditions: usize,
    /// Members of one IN list.
    pub max_values: usize,
    /// How deep `and`, `or` and `not` may stand in each other.
    pub max_depth: usize,
    /// Rows of one insert.
    pub max_rows: usize,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self { max_conditions: 100, max_values: 1_000, max_depth: 8, max_rows: 10_000 }
    }
}

/// A JSON body as a request; everything in it is understood or named in the refusal.
pub fn parse(
    operation: Operation,
    body: &[u8],
    options: &ParseOptions,
) -> Result<ApiRequest, RequestError> {
    body::parse(operation, body, options)
}

/// A request of any operation.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiRequest {
    Read(ReadRequest),
    Insert(InsertRequest),
    Update(UpdateRequest),
    Delete(DeleteRequest),
}

impl ApiRequest {
    pub fn operation(&self) -> Operation {
        match self {
            Self::Read(_) => Operation::Fetch,
            Self::Insert(_) => Operation::Insert,
            Self::Update(_) => Operation::Update,
            Self::Delete(_) => Operation::Delete,
        }
    }

    pub fn relation(&self) -> &RelationName {
        match self {
            Self::Read(request) => &request.relation,
            Self::Insert(request) => &request.relation,
            Self::Update(request) => &request.relation,
            Self::Delete(request) => &request.relation,
        }
    }
}

impl From<ReadRequest> for ApiRequest {
    fn from(request: ReadRequest) -> Self {
        Self::Read(request)
    }
}

/// A relation as typed: `invoices`, or `billing` and `invoices`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelationName {
    pub schema: Option<String>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReadRequest {
    pub relation: RelationName,
    /// `None` is every column.
    pub columns: Option<Vec<String>>,
    pub filter: Filter,
    pub order: Vec<OrderTerm>,
    pub window: Window,
    /// Also count all matching rows.
    pub count: bool,
    /// Leave null members out of each row.
    pub strip_nulls: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InsertRequest {
    pub relation: RelationName,
    /// At least one. Columns missing from a row take their default.
    pub rows: Vec<Map<String, Value>>,
    pub on_conflict: Option<OnConflict>,
    pub representation: Representation,
}

/// How the rows that were written are answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Representation {
    /// `None` is every column.
    pub columns: Option<Vec<String>>,
    /// Leave null members out of each row.
    pub strip_nulls: bool,
    pub shape: Shape,
}

/// One object for one row that was sent as an object, an array for everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    #[default]
    Rows,
    Row,
}

/// What to do with a row whose key is already there.
#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict {
    /// Empty means the primary key.
    pub columns: Vec<String>,
    pub action: ConflictAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConflictAction {
    /// Leave the row that is there.
    Keep,
    /// Write these columns of the row that is there.
    Set(Map<String, Value>),
    /// Write everything that was sent, but for the key.
    Replace,
}

#[derive(Debug, Clone, PartialEq)]
pub struct UpdateRequest {
    pub relation: RelationName,
    pub set: Map<String, Value>,
    /// Never [`Filter::All`] when it came from outside.
    pub filter: Filter,
    pub representation: Representation,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeleteRequest {
    pub relation: RelationName,
    pub target: DeleteTarget,
    pub representation: Representation,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeleteTarget {
    /// The value of the single-column primary key.
    Id(Value),
    Filter(Filter),
}

/// A tree of conditions. Nothing in it is ever dropped.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Filter {
    /// No condition was given.
    #[default]
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Condition(Condition),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Where it stood in the request, for error texts: `conditions[2]`.
    pub path: String,
    pub column: String,
    pub operator: Operator,
    /// One value; an array for [`Operator::In`] and [`Operator::NotIn`]; `Null` for the null tests.
    pub value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Like,
    Ilike,
    In,
    NotIn,
    Is,
    IsNull,
    NotNull,
    Contains,
    Contained,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTerm {
    pub column: String,
    pub descending: bool,
    /// `None` is the database's own placement.
    pub nulls_first: Option<bool>,
}

/// Which slice of the matching rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub limit: u64,
    pub offset: u64,
}

impl Window {
    /// What a fetch without a limit gets.
    pub const DEFAULT_LIMIT: u64 = 100;
}
