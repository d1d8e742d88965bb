//! Resolve what was asked against what exists. No I/O, no SQL.

mod answered;
mod array;
mod bound;
mod bounds;
mod call;
mod embed;
mod error;
mod filter;
mod grouping;
mod lone;
mod mutate;
mod names;
mod output;
mod read;
mod value;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod samples;

pub(crate) use array::array_text;
pub(crate) use bounds::PlannedBounds;
pub use call::{CallError, CallLimits, CallPlan};
pub(crate) use call::{CallOutput, PlannedArgument, is_variadic};
pub use embed::{EmbedPlan, Junction};
pub use error::PlanError;
pub use grouping::GroupingPlan;
pub use lone::{LoneRow, RowShape};
pub(crate) use value::Carrier;

use crate::request::{ApiRequest, CastType, Operator, Profile, Shape, Window};
use catalog::{Column, Ident, SchemaCache, Table, TableKind};
use std::sync::Arc;

/// Whether a plan may change anything. Fixed here, obeyed by the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    ReadOnly,
    ReadWrite,
}

/// A request whose relation, columns and values all exist and fit.
///
/// Only [`Plan::resolve`] makes one, so a renderer never meets an unknown name.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    Read(ReadPlan),
    Insert(InsertPlan),
    Update(UpdatePlan),
    Delete(DeletePlan),
}

/// Limits that a request cannot raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanLimits {
    pub max_rows: u64,
}

impl Plan {
    pub fn resolve(
        request: ApiRequest,
        cache: &SchemaCache,
        limits: PlanLimits,
    ) -> Result<Self, PlanError> {
        match request {
            ApiRequest::Read(request) => read::resolve(request, cache, limits).map(Self::Read),
            ApiRequest::Insert(request) => mutate::insert(request, cache, limits).map(Self::Insert),
            ApiRequest::Update(request) => mutate::update(request, cache, limits).map(Self::Update),
            ApiRequest::Delete(request) => mutate::delete(request, cache, limits).map(Self::Delete),
        }
    }

    pub fn access(&self) -> Access {
        match self {
            Self::Read(_) => Access::ReadOnly,
            Self::Insert(_) | Self::Update(_) | Self::Delete(_) => Access::ReadWrite,
        }
    }

    /// The same without what it writes and looks for: what is left says whose rows are answered, and how.
    #[must_use]
    pub fn without_values(&self) -> Self {
        match self.clone() {
            Self::Read(plan) => Self::Read(ReadPlan {
                filter: PlannedFilter::Never,
                embeds: plan.embeds.into_iter().map(EmbedPlan::without_values).collect(),
                window: Window { offset: 0, ..plan.window },
                ..plan
            }),
            Self::Insert(plan) => Self::Insert(InsertPlan { rows: Vec::new(), ..plan }),
            Self::Update(plan) => {
                Self::Update(UpdatePlan { set: Vec::new(), filter: PlannedFilter::Never, ..plan })
            }
            Self::Delete(plan) => Self::Delete(DeletePlan { filter: PlannedFilter::Never, ..plan }),
        }
    }

    /// Every table this plan reads or writes, its own first: each needs a permit.
    pub fn relations(&self) -> Vec<&Arc<Table>> {
        let mut relations = vec![self.table()];
        self.embeds().iter().for_each(|embed| embed.gather(&mut relations));
        relations
    }

    fn embeds(&self) -> &[EmbedPlan] {
        match self {
            Self::Read(plan) => &plan.embeds,
            Self::Insert(plan) => &plan.returning.embeds,
            Self::Update(plan) => &plan.returning.embeds,
            Self::Delete(plan) => &plan.returning.embeds,
        }
    }

    /// How the answered rows are grouped, when they are.
    pub fn grouping(&self) -> Option<&GroupingPlan> {
        match self {
            Self::Read(plan) => plan.grouping.as_ref(),
            Self::Update(plan) => plan.returning.grouping.as_ref(),
            Self::Insert(_) | Self::Delete(_) => None,
        }
    }

    /// How the answer is laid out. Groups have a place in the envelope only, and what was asked for is
    /// not left out.
    pub fn profile(&self) -> Profile {
        let asked = match self {
            Self::Read(plan) => plan.profile,
            Self::Insert(plan) => plan.returning.profile,
            Self::Update(plan) => plan.returning.profile,
            Self::Delete(plan) => plan.returning.profile,
        };
        if self.grouping().is_some() { Profile::Envelope } else { asked }
    }

    /// What of the answer is in none of the plan's statements, as a part of cache keys.
    pub fn shape(&self) -> String {
        let is_clamped = matches!(self, Self::Read(plan) if plan.limit_clamped);
        format!("{:?} {:?} {is_clamped}", self.profile(), self.grouping())
    }

    /// The table this plan is about, for permits and logs.
    pub fn table(&self) -> &Arc<Table> {
        match self {
            Self::Read(plan) => &plan.table,
            Self::Insert(plan) => &plan.table,
            Self::Update(plan) => &plan.table,
            Self::Delete(plan) => &plan.table,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReadPlan {
    pub(crate) table: Arc<Table>,
    pub(crate) columns: Vec<OutputColumn>,
    /// Rows of related tables, behind the columns.
    pub(crate) embeds: Vec<EmbedPlan>,
    pub(crate) filter: PlannedFilter,
    pub(crate) order: Vec<PlannedOrder>,
    pub(crate) window: Window,
    /// The limit asked for was above the maximum.
    pub(crate) limit_clamped: bool,
    pub(crate) count: bool,
    pub(crate) strip_nulls: bool,
    pub(crate) grouping: Option<GroupingPlan>,
    pub(crate) profile: Profile,
}

impl ReadPlan {
    pub fn strip_nulls(&self) -> bool {
        self.strip_nulls
    }
    pub fn limit_clamped(&self) -> bool {
        self.limit_clamped
    }
    pub fn window(&self) -> Window {
        self.window
    }
    pub fn wants_count(&self) -> bool {
        self.count
    }

    /// One row at most, found by all columns of a key, and nothing that would take longer.
    pub(crate) fn names_one_row(&self) -> bool {
        let is_plain = self.embeds.is_empty() && self.grouping.is_none() && !self.count;
        if !is_plain || self.window.offset > 0 || self.table.kind != TableKind::Table {
            return false;
        }
        let mut fixed = Vec::new();
        self.filter.fixes(&mut fixed);
        let is_fixed =
            |columns: &[Ident]| !columns.is_empty() && columns.iter().all(|it| fixed.contains(&it));
        is_fixed(&self.table.primary_key)
            || self.table.unique_keys.iter().any(|key| is_fixed(&key.columns))
    }
}

/// A column in the answer, under the spelling the caller used.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    pub(crate) name: Ident,
    /// The backend has a form for its type; if not, the database makes JSON of it.
    pub(crate) is_written_here: bool,
    pub(crate) alias: Ident,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InsertPlan {
    pub(crate) table: Arc<Table>,
    /// The union of the rows' columns, in table order.
    pub(crate) columns: Vec<Column>,
    /// One for each row, one entry for each of `columns`; `None` is `DEFAULT`.
    pub(crate) rows: Vec<Vec<Option<BoundValue>>>,
    pub(crate) on_conflict: Option<ConflictPlan>,
    pub(crate) returning: Returning,
}

/// The rows that were written, as they are answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Returning {
    pub(crate) columns: Vec<OutputColumn>,
    /// Rows of related tables, behind the columns.
    pub(crate) embeds: Vec<EmbedPlan>,
    pub(crate) strip_nulls: bool,
    pub(crate) shape: Shape,
    /// The rows are not wanted, only how many there were.
    pub(crate) head: bool,
    pub(crate) grouping: Option<GroupingPlan>,
    pub(crate) profile: Profile,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ConflictPlan {
    pub(crate) columns: Vec<Ident>,
    /// Empty keeps the row that is there.
    pub(crate) set: Vec<(Column, ConflictValue)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ConflictValue {
    Given(BoundValue),
    /// What the insert would have written.
    Inserted,
}

#[derive(Debug, Clone, PartialEq)]
pub struct UpdatePlan {
    pub(crate) table: Arc<Table>,
    pub(crate) set: Vec<(Column, BoundValue)>,
    pub(crate) filter: PlannedFilter,
    pub(crate) bounds: Option<PlannedBounds>,
    pub(crate) returning: Returning,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeletePlan {
    pub(crate) table: Arc<Table>,
    pub(crate) filter: PlannedFilter,
    pub(crate) bounds: Option<PlannedBounds>,
    /// The key as it was sent, when the row was named by its key.
    pub(crate) resource_id: Option<String>,
    pub(crate) returning: Returning,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PlannedFilter {
    /// Every row, because no condition was given.
    All,
    /// `FALSE`: an empty IN list.
    Never,
    And(Vec<PlannedFilter>),
    Or(Vec<PlannedFilter>),
    Not(Box<PlannedFilter>),
    Compare {
        column: Column,
        operator: Operator,
        value: BoundValue,
    },
    IsNull {
        column: Column,
        negated: bool,
    },
    IsBool {
        column: Column,
        value: Option<bool>,
    },
    /// `= ANY` of at least one value, or `<> ALL`.
    Among {
        column: Column,
        values: Vec<BoundValue>,
        negated: bool,
    },
    /// What stands inside is about one column, seen as this type.
    Cast {
        to: CastType,
        filter: Box<PlannedFilter>,
    },
}

impl PlannedFilter {
    /// The columns that have one value in every row this holds for.
    fn fixes<'a>(&'a self, columns: &mut Vec<&'a Ident>) {
        match self {
            Self::And(filters) => filters.iter().for_each(|filter| filter.fixes(columns)),
            Self::Compare { column, operator: Operator::Eq, .. } => columns.push(&column.name),
            _ => {}
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlannedOrder {
    pub(crate) column: Column,
    pub(crate) descending: bool,
    pub(crate) nulls_first: Option<bool>,
}

/// A value that was checked against its column's type, in the form it is bound in.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundValue {
    Null,
    Bool(bool),
    Int2(i16),
    Int4(i32),
    Int8(i64),
    Float8(f64),
    Uuid(uuid::Uuid),
    /// Text that the statement casts to the column's type.
    Text(String),
}
