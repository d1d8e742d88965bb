//! What can be wrong with a list's URL; each names the parameter at fault.

use crate::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    #[error("there is no column {column:?}{}", did_you_mean(.nearest.as_deref()))]
    UnknownColumn { column: String, nearest: Option<String> },
    #[error(
        "{operator:?} is no filter operator for {column:?}; to compare with a text that looks like one, write {column}=equals=…"
    )]
    UnknownOperator { column: String, operator: String },
    #[error("the filter on {column:?} has no value; write {column}=is_null to find empty ones")]
    EmptyFilter { column: String },
    #[error("the filter on {column:?} {reason}")]
    BadFilter { column: String, reason: &'static str },
    #[error("{parameter} is {value:?}, {expected}")]
    BadValue { parameter: &'static str, value: String, expected: &'static str },
    #[error("{parameter} is given more than once")]
    Repeated { parameter: String },
    #[error("filters is no JSON list of {{column, op, value}}: {reason}")]
    BadFilters { reason: String },
    #[error("{parameter} is reserved and not in use yet")]
    NotBuilt { parameter: &'static str },
    #[error("{parameter} holds a text that is not UTF-8")]
    NotText { parameter: String },
    #[error("the URL has more than {limit} terms in {parameter}")]
    TooMany { parameter: String, limit: usize },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

impl UrlProblem {
    /// The column or parameter at fault.
    pub fn parameter(&self) -> &str {
        match self {
            Self::UnknownColumn { column, .. }
            | Self::UnknownOperator { column, .. }
            | Self::EmptyFilter { column }
            | Self::BadFilter { column, .. } => column,
            Self::BadValue { parameter, .. } | Self::NotBuilt { parameter } => parameter,
            Self::Repeated { parameter }
            | Self::NotText { parameter }
            | Self::TooMany { parameter, .. } => parameter,
            Self::BadFilters { .. } => "filters",
        }
    }

    /// The same code the gateway gives for the same mistake.
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnknownOperator { .. } => "unknown_operator",
            Self::EmptyFilter { .. }
            | Self::BadFilter { .. }
            | Self::BadFilters { .. }
            | Self::BadValue { .. }
            | Self::Repeated { .. }
            | Self::NotBuilt { .. }
            | Self::NotText { .. }
            | Self::TooMany { .. } => "invalid_query",
        }
    }

    /// One problem for all of them: the first one's words, and each under its parameter.
    pub fn problem(problems: &[Self]) -> Problem {
        let Some(first) = problems.first() else {
            return Problem::new(400, "invalid_query", "the address of this list cannot be read");
        };
        let problem = Problem::new(400, first.code(), first.to_string());
        problems
            .iter()
            .fold(problem, |sum, each| sum.with_field(each.parameter(), each.to_string()))
    }
}
