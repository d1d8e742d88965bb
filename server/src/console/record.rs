//! One record: its values whole, and the rows elsewhere that point at it.

use super::{Desk, filter, labels, list, rows};
use api_types::console::{Cell, ListQuery, RecordPage, Related, Row};
use api_types::{Problem, RecordKey};
use futures_util::future::join_all;
use query::request::{ReadRequest, Selection, Window};
use resources::{RelatedSpec, Resource};
use std::{sync::Arc, time::Instant};

/// How many rows of each related list a record shows.
const RELATED_ROWS: u32 = 5;

pub async fn page(
    desk: &Desk,
    resource: &Resource,
    key: &RecordKey,
) -> Result<RecordPage, Problem> {
    let started = Instant::now();
    let spec = &resource.spec;
    let filter = filter::of_key(spec, key).ok_or_else(|| super::no_such_record(spec, key))?;
    let columns: Vec<String> = spec.columns.iter().map(|column| column.name.clone()).collect();
    let request = ReadRequest {
        columns: Selection::named(columns.clone()),
        filter,
        window: Window { limit: 1, offset: 0 },
        ..ReadRequest::of(list::relation(spec))
    };
    let answer = desk.run(&spec.client, request.into()).await?;
    let decoded = rows::decode(&answer.rows).map_err(|error| super::unreadable(&error))?;
    let row = decoded.first().ok_or_else(|| super::no_such_record(spec, key))?;
    let mut page = [Row {
        key: Some(key.clone()),
        cells: columns.iter().map(|column| row.cell(column)).collect(),
    }];
    let value_of = |column: &str| row.text(column);
    let (related, ()) = tokio::join!(
        join_all(resource.related.iter().filter_map(|other| {
            let value = value_of(&other.value_column)?;
            Some(related(desk, resource, other, value))
        })),
        labels::fill(desk, resource, &columns, &mut page),
    );
    let [Row { cells, .. }] = page;
    Ok(RecordPage {
        resource: spec.clone(),
        key: key.clone(),
        title: title(resource, &cells, key),
        subtitle: Some(spec.singular.clone()),
        cells,
        summary: resource.summary.clone(),
        sections: resource.sections.clone(),
        related: related.into_iter().flatten().collect(),
        took_ms: started.elapsed().as_secs_f64() * 1000.0,
        trace_id: answer.trace_id,
    })
}

fn title(resource: &Resource, cells: &[Cell], key: &RecordKey) -> String {
    let spec = &resource.spec;
    let is_label = |name: &str| resource.label_column.as_deref() == Some(name);
    let at = spec.columns.iter().position(|column| is_label(&column.name));
    let cell = at.and_then(|at| cells.get(at));
    cell.and_then(|cell| cell.label.clone().or_else(|| cell.value.clone()))
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| key.parts().join(" · "))
}

/// A related list; a list that cannot be read is left out rather than failing the record.
async fn related(
    desk: &Desk,
    resource: &Resource,
    other: &RelatedSpec,
    value: String,
) -> Option<Related> {
    let target: Arc<Resource> = desk.find(&resource.spec.client, &other.resource).ok()?;
    let query = ListQuery { page: 1, page_size: RELATED_ROWS, ..ListQuery::default() };
    let narrowed = filter::eq(&other.column, &value);
    let page = list::page(desk, &target, query, narrowed).await.ok()?;
    Some(Related { title: other.title.clone(), column: other.column.clone(), value, page })
}
