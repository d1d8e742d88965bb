//! Functions that can be called, with all that decides how.

use catalog::{Ident, QualifiedName};
use std::{cmp::Ordering, collections::BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routine {
    /// The catalog's number, which tells overloads apart.
    pub oid: u32,
    pub name: QualifiedName,
    pub comment: Option<String>,
    /// The input parameters in their order.
    pub parameters: Vec<Parameter>,
    pub returns: ReturnType,
    pub volatility: Volatility,
    pub is_variadic: bool,
    /// The isolation the routine asks for in its own settings.
    pub isolation: Option<Isolation>,
    /// Settings for the transaction around it: names and values.
    pub settings: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter {
    /// None where it was declared without a name.
    pub name: Option<Ident>,
    pub data_type: String,
    /// The same, where lengths are ignored: `character varying` for `character`.
    pub unbounded_type: String,
    pub is_required: bool,
    pub is_variadic: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReturnType {
    Single(PgType),
    SetOf(PgType),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PgType {
    Scalar(QualifiedName),
    /// A row of a relation or composite type, or of OUT parameters.
    Composite {
        name: QualifiedName,
        /// A domain over the composite type.
        is_alias: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volatility {
    Volatile,
    Stable,
    Immutable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// A call, as far as it decides which overload is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutineCall<'r> {
    pub schema: &'r str,
    pub name: &'r str,
    /// The names of the arguments.
    pub arguments: BTreeSet<&'r str>,
    pub payload: SinglePayload,
}

/// Whether the whole body can be the one argument of a routine with an unnamed parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinglePayload {
    /// Not sent with POST, or of another content type.
    No,
    Json,
    Text,
    Xml,
    Bytes,
}

impl Routine {
    pub fn returns_single(&self) -> bool {
        matches!(self.returns, ReturnType::Single(_))
    }

    pub fn returns_scalar(&self) -> bool {
        matches!(self.returns, ReturnType::Single(PgType::Scalar(_)))
    }

    pub fn returns_set_of_scalar(&self) -> bool {
        matches!(self.returns, ReturnType::SetOf(PgType::Scalar(_)))
    }

    pub fn returns_single_composite(&self) -> bool {
        matches!(self.returns, ReturnType::Single(PgType::Composite { .. }))
    }

    pub fn returns_composite_alias(&self) -> bool {
        matches!(self.returns.pg_type(), PgType::Composite { is_alias: true, .. })
    }

    pub fn returns_void(&self) -> bool {
        let ReturnType::Single(PgType::Scalar(name)) = &self.returns else { return false };
        name.schema.as_str() == "pg_catalog" && name.name.as_str() == "void"
    }

    /// The relation whose rows it answers; it need not be an exposed one.
    pub fn relation(&self) -> Option<&QualifiedName> {
        match self.returns.pg_type() {
            PgType::Composite { name, .. } => Some(name),
            PgType::Scalar(_) => None,
        }
    }

    /// A routine with a single parameter that has no name.
    pub fn has_unnamed_parameter(&self) -> bool {
        matches!(self.parameters.as_slice(), [Parameter { name: None, .. }])
    }

    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.is_named(name))
    }

    /// The order in which overloads are tried and listed.
    pub(super) fn fewest_first(left: &Self, right: &Self) -> Ordering {
        let key = |routine: &Self| routine.parameters.len();
        key(left)
            .cmp(&key(right))
            .then_with(|| left.comment.cmp(&right.comment))
            .then_with(|| left.parameters.cmp(&right.parameters))
            .then_with(|| left.returns.cmp(&right.returns))
            .then_with(|| left.oid.cmp(&right.oid))
    }
}

impl Parameter {
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| own.as_str() == name)
    }
}

impl ReturnType {
    pub fn pg_type(&self) -> &PgType {
        match self {
            Self::Single(pg_type) | Self::SetOf(pg_type) => pg_type,
        }
    }
}
