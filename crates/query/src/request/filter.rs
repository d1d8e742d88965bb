//! Which rows are meant.

use super::Casts;
use serde_json::Value;

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
    /// A condition in which the column or the value is seen as another type.
    Cast(Condition, Casts),
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
