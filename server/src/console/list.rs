//! One page of a resource: rows, how many there are, and what the foreign keys point at.

use super::{Desk, filter, labels, rows};
use api_types::console::{ListPage, ListQuery, ResourceSpec, Row, RowCount};
use api_types::{Problem, RecordKey};
use query::request::{Filter, ReadRequest, RelationName, Selection, Window};
use resources::Resource;
use std::time::{Duration, Instant};

/// A list never waits longer than this for its total.
const COUNT_DEADLINE: Duration = Duration::from_millis(1500);
/// Above this, an unfiltered total comes from the planner's statistics.
const COUNT_EXACTLY_UP_TO: i64 = 200_000;
const DEFAULT_PAGE_SIZE: u32 = 25;
const MAX_PAGE_SIZE: u32 = 1000;

/// The page that `query` names. `extra` narrows it further without being in the URL.
pub async fn page(
    desk: &Desk,
    resource: &Resource,
    query: ListQuery,
    extra: Filter,
) -> Result<ListPage, Problem> {
    let started = Instant::now();
    let spec = &resource.spec;
    let query = settled(query);
    let shown = visible_columns(spec, &query)?;
    let narrowed = match extra {
        Filter::All => filter::of_list(spec, &query),
        extra => Filter::And(vec![extra, filter::of_list(spec, &query)]),
    };
    let (answer, count) = tokio::join!(
        desk.run(&spec.client, read(spec, &query, &shown, narrowed.clone()).into()),
        count(desk, resource, narrowed),
    );
    let answer = answer?;
    let decoded = rows::decode(&answer.rows).map_err(|error| super::unreadable(&error))?;
    let size = query.page_size as usize;
    let has_next = decoded.len() > size;
    let mut page: Vec<Row> = decoded
        .iter()
        .take(size)
        .map(|row| Row {
            key: key_of(spec, row),
            cells: shown.iter().map(|column| row.list_cell(column)).collect(),
        })
        .collect();
    labels::fill(desk, resource, &shown, &mut page).await;
    Ok(ListPage {
        resource: spec.clone(),
        query,
        columns: shown,
        rows: page,
        count,
        has_next,
        took_ms: started.elapsed().as_secs_f64() * 1000.0,
        trace_id: answer.trace_id,
    })
}

/// The key of a row that was read with its id columns.
pub fn key_of(spec: &ResourceSpec, row: &rows::RawRow<'_>) -> Option<RecordKey> {
    if spec.id_columns.is_empty() {
        return None;
    }
    let parts: Option<Vec<String>> = spec.id_columns.iter().map(|id| row.text(id)).collect();
    parts.map(RecordKey::new)
}

fn settled(mut query: ListQuery) -> ListQuery {
    query.page = query.page.max(1);
    query.page_size = match query.page_size {
        0 => DEFAULT_PAGE_SIZE,
        asked => asked.min(MAX_PAGE_SIZE),
    };
    query
}

fn visible_columns(spec: &ResourceSpec, query: &ListQuery) -> Result<Vec<String>, Problem> {
    if let Some(unknown) =
        query.columns.iter().find(|name| !spec.columns.iter().any(|known| known.name == **name))
    {
        return Err(super::unknown_column(spec, unknown));
    }
    if !query.columns.is_empty() {
        return Ok(query.columns.clone());
    }
    Ok(spec.columns.iter().filter(|c| c.visible).map(|c| c.name.clone()).collect())
}

fn read(spec: &ResourceSpec, query: &ListQuery, shown: &[String], filter: Filter) -> ReadRequest {
    let mut columns = shown.to_vec();
    columns.extend(spec.id_columns.iter().filter(|id| !shown.contains(id)).cloned());
    let size = u64::from(query.page_size);
    ReadRequest {
        columns: Selection::named(columns),
        filter,
        order: filter::order(spec, query),
        // One row more than the page tells whether there is a next one.
        window: Window { limit: size + 1, offset: (u64::from(query.page) - 1) * size },
        ..ReadRequest::of(relation(spec))
    }
}

pub fn relation(spec: &ResourceSpec) -> RelationName {
    RelationName { schema: Some(spec.schema.clone()), name: spec.table.clone() }
}

async fn count(desk: &Desk, resource: &Resource, filter: Filter) -> RowCount {
    let spec = &resource.spec;
    if filter == Filter::All
        && let Some(estimate) = desk.estimated_rows(&spec.client, resource)
        && estimate > COUNT_EXACTLY_UP_TO
    {
        return RowCount::About { rows: estimate.unsigned_abs() };
    }
    let request = ReadRequest {
        columns: Selection::named(spec.columns.first().map(|column| column.name.clone())),
        filter,
        window: Window { limit: 0, offset: 0 },
        count: true,
        ..ReadRequest::of(relation(spec))
    };
    let started = Instant::now();
    // The rows are shown whatever becomes of the count.
    match tokio::time::timeout(COUNT_DEADLINE, desk.run(&spec.client, request.into())).await {
        Ok(Ok(answer)) => answer.outcome.count.map_or(RowCount::Unknown, |rows| RowCount::Exact {
            rows,
            took_ms: started.elapsed().as_secs_f64() * 1000.0,
        }),
        Ok(Err(_)) | Err(_) => RowCount::Unknown,
    }
}
