//! What the rows of a table must keep to.

use catalog::QualifiedName;

/// A constraint as the database itself describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRule {
    pub table: QualifiedName,
    pub name: String,
    pub kind: RuleKind,
    /// Those it is about, as far as it is about columns and not about expressions of them.
    pub columns: Vec<String>,
    /// `CHECK ((amount > 0))`
    pub definition: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    PrimaryKey,
    Check,
    Exclusion,
}

impl RuleKind {
    /// The words of SQL for it.
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::PrimaryKey => "PRIMARY KEY",
            Self::Check => "CHECK",
            Self::Exclusion => "EXCLUDE",
        }
    }
}
