//! Groups of the answered rows: what the contract calls post-processing.

use super::{ParseOptions, error::RequestError, fields::Fields};

pub(super) const FIELDS: &[&str] = &[BY, GRANULARITY, COLUMN, STRATEGY, DEDUP];
const BY: &str = "group_by";
const GRANULARITY: &str = "time_granularity";
const COLUMN: &str = "aggregation_column";
const STRATEGY: &str = "aggregation_strategy";
const DEDUP: &str = "aggregation_dedup";

/// Groups by one column, with a sum over another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    pub by: String,
    pub granularity: Option<Granularity>,
    /// The column to sum.
    pub column: Option<String>,
    /// Each group's sum holds those of the groups before it.
    pub is_cumulative: bool,
    /// Count equal values once in each group.
    pub is_distinct: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    Minute,
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
}

pub(super) fn parse(
    fields: &mut Fields,
    options: &ParseOptions,
) -> Result<Option<Grouping>, RequestError> {
    let Some(first) = FIELDS.iter().find(|name| fields.has(&[name])) else { return Ok(None) };
    let by = fields.take_text(&[BY])?.filter(|name| !name.trim().is_empty());
    let granularity = match fields.take_text(&[GRANULARITY])? {
        None => None,
        Some(word) => Some(granularity(&word).ok_or_else(|| {
            fields.invalid(GRANULARITY, "'minute', 'hour', 'day', 'week' or 'month'")
        })?),
    };
    let column = fields.take_text(&[COLUMN])?.filter(|name| !name.trim().is_empty());
    let is_cumulative = match fields.take_text(&[STRATEGY])?.as_deref() {
        None => false,
        Some("cumulative_sum") => true,
        Some(_) => return Err(fields.invalid(STRATEGY, "'cumulative_sum'")),
    };
    let is_distinct = fields.take_bool(&[DEDUP])?;
    let Some(by) = by else {
        let text = "group_by is required";
        return Err(RequestError::Grouping { field: first, text });
    };
    if column.is_none() && is_cumulative {
        let text = "aggregation_strategy requires aggregation_column";
        return Err(RequestError::Grouping { field: STRATEGY, text });
    }
    if column.is_none() && is_distinct {
        let text = "aggregation_dedup requires aggregation_column";
        return Err(RequestError::Grouping { field: DEDUP, text });
    }
    let (by, column) = (options.name(by), column.map(|name| options.name(name)));
    Ok(Some(Grouping { by, granularity, column, is_cumulative, is_distinct }))
}

fn granularity(word: &str) -> Option<Granularity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "minute" => Granularity::Minute,
        "hour" => Granularity::Hour,
        "day" => Granularity::Day,
        "week" => Granularity::Week,
        "month" => Granularity::Month,
        _ => return None,
    })
}
