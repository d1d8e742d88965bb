//! The members that rows are grouped and summed by.

use super::{OutputColumn, PlanError, names};
use crate::request::{Granularity, Grouping};
use catalog::Table;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupingPlan {
    /// The member of each row, as it is called in the answer.
    pub(crate) by: String,
    pub(crate) granularity: Option<Granularity>,
    pub(crate) sum: Option<String>,
    pub(crate) is_cumulative: bool,
    pub(crate) is_distinct: bool,
}

pub(super) fn resolve(
    grouping: Grouping,
    table: &Table,
    output: &[OutputColumn],
) -> Result<GroupingPlan, PlanError> {
    let Grouping { by, granularity, column, is_cumulative, is_distinct } = grouping;
    let by = member(&by, "group_by", table, output)?;
    let sum = column.map(|column| member(&column, "aggregation_column", table, output));
    Ok(GroupingPlan { by, granularity, sum: sum.transpose()?, is_cumulative, is_distinct })
}

/// A member by its name in the answer, or by its column.
fn member(
    name: &str,
    field: &'static str,
    table: &Table,
    output: &[OutputColumn],
) -> Result<String, PlanError> {
    let called = output.iter().find(|output| output.alias.as_str() == name);
    let found = match called {
        Some(found) => Some(found),
        None => {
            let column = names::column(table, name, field)?;
            output.iter().find(|output| output.name == column.name)
        }
    };
    let unanswered = || PlanError::UnansweredColumn { field, column: name.to_owned() };
    Ok(found.ok_or_else(unanswered)?.alias.as_str().to_owned())
}
