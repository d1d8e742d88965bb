//! Choices for a field: an enum's values, or rows of the table a foreign key points at.

use super::{Desk, filter, rows};
use api_types::Problem;
use api_types::console::{OptionItem, OptionList, ReferenceSpec};
use query::request::{Filter, OrderTerm, ReadRequest, Selection, Window};
use resources::Resource;
use std::time::Instant;

/// How many choices a search shows.
const SHOWN: usize = 20;

pub async fn choices(
    desk: &Desk,
    resource: &Resource,
    column: &str,
    search: &str,
) -> Result<OptionList, Problem> {
    let started = Instant::now();
    let spec = &resource.spec;
    let found = spec.columns.iter().find(|known| known.name == column);
    let known = found.ok_or_else(|| super::unknown_column(spec, column))?;
    let mut items = match &known.reference {
        Some(reference) => of_reference(desk, resource, reference, search.trim()).await?,
        None => known
            .options
            .iter()
            .filter(|value| matches(value, search))
            .map(|value| plain(value))
            .collect(),
    };
    let has_more = items.len() > SHOWN;
    items.truncate(SHOWN);
    Ok(OptionList { items, has_more, took_ms: started.elapsed().as_secs_f64() * 1000.0 })
}

fn matches(value: &str, search: &str) -> bool {
    value.to_lowercase().contains(&search.trim().to_lowercase())
}

fn plain(value: &str) -> OptionItem {
    OptionItem { value: value.to_owned(), label: value.to_owned() }
}

async fn of_reference(
    desk: &Desk,
    resource: &Resource,
    reference: &ReferenceSpec,
    search: &str,
) -> Result<Vec<OptionItem>, Problem> {
    let client = &resource.spec.client;
    let Some(target) = desk.resource_of(client, reference) else { return Ok(Vec::new()) };
    let (value, label) = (&reference.value_column, &reference.label_column);
    let mut columns = vec![value.clone()];
    if label != value {
        columns.push(label.clone());
    }
    let filter = if search.is_empty() {
        Filter::All
    } else {
        Filter::Or(columns.iter().map(|column| filter::contains(column, search)).collect())
    };
    let request = ReadRequest {
        columns: Selection::named(columns),
        filter,
        order: vec![OrderTerm { column: label.clone(), descending: false, nulls_first: None }],
        window: Window { limit: SHOWN as u64 + 1, offset: 0 },
        ..ReadRequest::of(super::list::relation(&target.spec))
    };
    let answer = desk.run(client, request.into()).await?;
    let decoded = rows::decode(&answer.rows).map_err(|error| super::unreadable(&error))?;
    let item = |row: &rows::RawRow<'_>| {
        let value = row.text(value)?;
        let label = row.text(label).unwrap_or_else(|| value.clone());
        Some(OptionItem { value, label })
    };
    Ok(decoded.iter().filter_map(item).collect())
}
