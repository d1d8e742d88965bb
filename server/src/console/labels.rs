//! Foreign keys in words: one batched look-up for each table that a page points at.

use super::{Desk, filter, rows};
use api_types::console::{ReferenceSpec, Row};
use futures_util::future::join_all;
use query::request::{ReadRequest, RelationName, Selection, Window};
use resources::Resource;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Put the label beside every foreign key value in `page`.
///
/// A label that cannot be read leaves the plain value: the page is worth more than its chips.
pub async fn fill(desk: &Desk, resource: &Resource, columns: &[String], page: &mut [Row]) {
    let targets = targets(resource, columns, page);
    let found = join_all(targets.into_iter().map(|(at, (reference, values))| async move {
        (at, look_up(desk, resource, &reference, values).await)
    }))
    .await;
    let labels: HashMap<usize, HashMap<String, String>> = found.into_iter().collect();
    for row in page {
        for (at, cell) in row.cells.iter_mut().enumerate() {
            if let (Some(known), Some(value)) = (labels.get(&at), &cell.value) {
                cell.label = known.get(value).cloned();
            }
        }
    }
}

type Targets = BTreeMap<usize, (ReferenceSpec, BTreeSet<String>)>;

/// Which values of which column have to be looked up where.
fn targets(resource: &Resource, columns: &[String], page: &[Row]) -> Targets {
    let mut targets = Targets::new();
    for (at, name) in columns.iter().enumerate() {
        let spec = resource.spec.columns.iter().find(|column| column.name == *name);
        let Some(reference) = spec.and_then(|column| column.reference.clone()) else { continue };
        if reference.label_column == reference.value_column {
            continue;
        }
        let values: BTreeSet<String> =
            page.iter().filter_map(|row| row.cells.get(at)?.value.clone()).collect();
        if !values.is_empty() {
            targets.insert(at, (reference, values));
        }
    }
    targets
}

async fn look_up(
    desk: &Desk,
    resource: &Resource,
    reference: &ReferenceSpec,
    values: BTreeSet<String>,
) -> HashMap<String, String> {
    let client = &resource.spec.client;
    let Some(target) = desk.resource_of(client, reference) else { return HashMap::new() };
    let request = ReadRequest {
        columns: Selection::named(
            [&reference.value_column, &reference.label_column].map(String::clone),
        ),
        window: Window { limit: values.len() as u64, offset: 0 },
        filter: filter::among(&reference.value_column, values.into_iter().collect()),
        ..ReadRequest::of(RelationName {
            schema: Some(target.spec.schema.clone()),
            name: target.spec.table.clone(),
        })
    };
    let Ok(answer) = desk.run(client, request.into()).await else { return HashMap::new() };
    let Ok(decoded) = rows::decode(&answer.rows) else { return HashMap::new() };
    decoded
        .iter()
        .filter_map(|row| {
            Some((row.text(&reference.value_column)?, row.text(&reference.label_column)?))
        })
        .collect()
}
