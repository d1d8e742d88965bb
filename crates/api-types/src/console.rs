//! What the console shows and sends. Values travel as text, so a numeric keeps every digit.

use crate::{ClientName, RecordKey};
use serde::{Deserialize, Serialize};

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Viewer {
    pub user_id: String,
    pub email: String,
    pub display_name: String,
}

/// What a sign-in form sends.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignInInput {
    pub email: String,
    pub password: String,
}

/// What the frame around every page needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shell {
    pub viewer: Viewer,
    pub clients: Vec<ClientSummary>,
    pub version: String,
}

/// A client without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientSummary {
    pub name: ClientName,
    /// For people: `PostgreSQL 15.18`.
    pub backend: String,
    /// `production` colours the client clay.
    pub environment: Option<String>,
    pub readiness: Readiness,
}

/// One place where a person is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionInfo {
    pub id: String,
    /// RFC 3339, in UTC.
    pub created_at: String,
    pub expires_at: String,
    pub remote_addr: Option<String>,
    /// The one that asks.
    pub is_this: bool,
}

/// Whether a client can answer now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Readiness {
    Ready,
    Connecting,
    Unavailable { reason: String },
}

/// The left navigation of one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Navigation {
    pub client: ClientSummary,
    pub categories: Vec<NavCategory>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NavCategory {
    pub label: String,
    pub resources: Vec<NavResource>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NavResource {
    /// The URL segment.
    pub key: String,
    pub label: String,
    /// A lucide icon name.
    pub icon: Option<String>,
    /// From the catalog's statistics; `None` when the table was never analysed.
    pub estimated_rows: Option<i64>,
    pub kind: ResourceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    Table,
    View,
}

/// What filters, sorting, export and coercion go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    String,
    Number,
    Boolean,
    Date,
    Json,
    Timestamp,
    Uuid,
    Other,
}

/// Which input edits a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    Number,
    Boolean,
    Select,
    Date,
    DateTime,
    Time,
    Textarea,
    Json,
    /// A comma list that becomes an array.
    List,
    ReadOnly,
}

/// A column as the console draws and edits it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSpec {
    pub name: String,
    pub label: String,
    pub data_type: DataType,
    pub field_type: FieldType,
    /// As the database spells it: `numeric(12,2)`.
    pub sql_type: String,
    pub nullable: bool,
    /// Part of the primary key.
    pub is_key: bool,
    /// Must be filled in a create form: not null, no default, not generated.
    pub required: bool,
    /// `Some(reason)` when a person may not change this column.
    pub read_only: Option<String>,
    /// What the server fills in when the field is left out: `now()`, `'draft'`.
    pub default: Option<String>,
    /// The values of an enum, in their order.
    pub options: Vec<String>,
    pub reference: Option<ReferenceSpec>,
    /// From the column's comment.
    pub help: Option<String>,
    /// Digits after the point, for money-like columns.
    pub scale: Option<u8>,
    /// Shown in the list unless the URL says otherwise.
    pub visible: bool,
    /// Colours by word: `status`-like enums.
    pub is_status: bool,
}

/// Where a foreign key leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceSpec {
    /// The other resource's URL segment; `None` when the target has no page.
    pub resource: Option<String>,
    pub resource_label: String,
    pub value_column: String,
    pub label_column: String,
}

/// One resource: a table or view with a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceSpec {
    pub client: ClientName,
    pub key: String,
    pub label: String,
    /// `Invoice`, for *New invoice*.
    pub singular: String,
    pub schema: String,
    pub table: String,
    pub category: String,
    pub icon: Option<String>,
    pub kind: ResourceKind,
    /// The columns that name one row; empty when the table has no key.
    pub id_columns: Vec<String>,
    /// `Some(reason)` when no row of it can be changed: a view, or a table without a key.
    pub read_only: Option<String>,
    pub can_create: bool,
    /// The columns the search box matches.
    pub search_by: Vec<String>,
    pub columns: Vec<ColumnSpec>,
}

/// How a list is narrowed, ordered and cut. The URL holds it all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Text in the search box.
    pub search: Option<String>,
    pub filters: Vec<FilterTerm>,
    pub sort: Vec<SortTerm>,
    /// From 1.
    pub page: u32,
    pub page_size: u32,
    /// Visible columns in order; empty means the resource's own choice.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterTerm {
    pub column: String,
    pub op: FilterOp,
    /// Several for [`FilterOp::In`] and [`FilterOp::NotIn`]; none for the null tests.
    pub values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    In,
    NotIn,
    IsNull,
    IsNotNull,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SortTerm {
    pub column: String,
    pub descending: bool,
}

/// One cell. `value` is `None` for SQL null; numbers, dates and JSON stand as their text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cell {
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What a foreign key points at, in words.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The whole length in bytes when `value` was cut for the list.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub cut_from: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `None` when the table has no key; such a row cannot be opened or edited.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub key: Option<RecordKey>,
    /// One for each of [`ListPage::columns`].
    #[serde(rename = "c")]
    pub cells: Vec<Cell>,
}

/// How many rows match, and how sure that is.
///
/// The variant is the outer key: a number inside an internally tagged enum does not survive
/// `serde_json`'s arbitrary precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowCount {
    Exact { rows: u64, took_ms: f64 },
    About { rows: u64 },
    AtLeast { rows: u64 },
    Unknown,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListPage {
    pub resource: ResourceSpec,
    /// The query as understood: defaults filled in, page size capped.
    pub query: ListQuery,
    /// The names of the columns that `Row::cells` holds, in order.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub count: RowCount,
    pub has_next: bool,
    pub took_ms: f64,
    pub trace_id: String,
}

/// One record with what hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordPage {
    pub resource: ResourceSpec,
    pub key: RecordKey,
    pub title: String,
    pub subtitle: Option<String>,
    /// One for each of `resource.columns`, whole.
    pub cells: Vec<Cell>,
    /// Column names drawn as facts at the top, at most five.
    pub summary: Vec<String>,
    pub sections: Vec<Section>,
    pub related: Vec<Related>,
    pub took_ms: f64,
    pub trace_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub title: String,
    pub columns: Vec<String>,
}

/// Rows of another resource that point at this record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Related {
    pub title: String,
    /// The foreign key column over there and the value it holds.
    pub column: String,
    pub value: String,
    pub page: ListPage,
}

/// One value of a form; `None` leaves the column to its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldInput {
    pub column: String,
    pub value: FieldValue,
}

/// Null, empty and default are three different choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum FieldValue {
    Null,
    Default,
    Text(String),
}

/// A choice in a foreign-key select.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionItem {
    pub value: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionList {
    pub items: Vec<OptionItem>,
    pub has_more: bool,
    pub took_ms: f64,
}
