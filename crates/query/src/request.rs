//! What a caller said, before anyone looked whether it exists.

mod body;
mod bounds;
mod call;
mod cast;
mod condition;
mod error;
mod expression;
mod fields;
mod filter;
mod grouping;
mod naming;
mod operator;
mod options;
mod order;
mod profile;
mod relation;
mod select;
mod window;

pub use bounds::Bounds;
pub use call::CallRequest;
pub use cast::{CastType, Casts};
pub use error::RequestError;
pub(crate) use error::shown;
pub use filter::{Condition, Filter, Operator};
pub use grouping::{Granularity, Grouping};
pub use naming::ResponseCase;
pub(crate) use naming::{is_identifier, to_snake};
pub use options::ParseOptions;
pub use profile::Profile;
pub use select::{EmbedRequest, Selected, Selection};

use serde_json::{Map, Value};

/// The five things a caller can ask of a relation (raw SQL is not one of them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Fetch,
    Insert,
    Update,
    Delete,
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

    /// Spell the members of answered rows so, whatever the body said.
    pub fn set_response_case(&mut self, case: ResponseCase) {
        match self {
            Self::Read(request) => request.columns.set_case(case),
            Self::Insert(request) => request.representation.columns.set_case(case),
            Self::Update(request) => request.representation.columns.set_case(case),
            Self::Delete(request) => request.representation.columns.set_case(case),
        }
    }

    /// Lay the answer out so.
    pub fn set_profile(&mut self, profile: Profile) {
        match self {
            Self::Read(request) => request.profile = profile,
            Self::Insert(request) => request.representation.profile = profile,
            Self::Update(request) => request.representation.profile = profile,
            Self::Delete(request) => request.representation.profile = profile,
        }
    }

    /// Leave null members out of each row, unless the body says otherwise.
    pub fn strip_nulls(&mut self) {
        let said = match self {
            Self::Read(request) => &mut request.strip_nulls,
            Self::Insert(request) => &mut request.representation.strip_nulls,
            Self::Update(request) => &mut request.representation.strip_nulls,
            Self::Delete(request) => &mut request.representation.strip_nulls,
        };
        said.get_or_insert(true);
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
    pub columns: Selection,
    pub filter: Filter,
    pub order: Vec<OrderTerm>,
    pub window: Window,
    /// Also count all matching rows.
    pub count: bool,
    /// Leave null members out of each row; `None` leaves it to the header.
    pub strip_nulls: Option<bool>,
    pub grouping: Option<Grouping>,
    pub profile: Profile,
    pub limit_from: LimitFrom,
}

/// Who says how many rows a read has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitFrom {
    Caller,
    /// The caller named none.
    Default,
    /// The caller named none, and this client's own is told in the answer.
    Client,
}

impl ReadRequest {
    /// Where the caller named no limit, this one holds, and the answer says so.
    pub fn cap_unlimited(&mut self, limit: u64) {
        if self.limit_from == LimitFrom::Default {
            self.window.limit = limit;
            self.limit_from = LimitFrom::Client;
        }
    }

    /// Every column of the first rows, in no order.
    pub fn of(relation: RelationName) -> Self {
        Self {
            relation,
            columns: Selection::every(),
            filter: Filter::All,
            order: Vec::new(),
            window: Window { limit: Window::DEFAULT_LIMIT, offset: 0 },
            count: false,
            strip_nulls: None,
            grouping: None,
            profile: Profile::Envelope,
            limit_from: LimitFrom::Caller,
        }
    }
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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Representation {
    pub columns: Selection,
    /// Leave null members out of each row; `None` leaves it to the header.
    pub strip_nulls: Option<bool>,
    pub shape: Shape,
    /// Say how many rows were written, and answer none of them.
    pub head: bool,
    pub grouping: Option<Grouping>,
    pub profile: Profile,
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
    /// Only some of the matching rows.
    pub bounds: Option<Bounds>,
    pub representation: Representation,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeleteRequest {
    pub relation: RelationName,
    pub target: DeleteTarget,
    /// Only some of the matching rows.
    pub bounds: Option<Bounds>,
    pub representation: Representation,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeleteTarget {
    /// The value of the single-column primary key.
    Id(Value),
    Filter(Filter),
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
