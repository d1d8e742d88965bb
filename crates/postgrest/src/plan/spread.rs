//! `...embed(…)`: an embed whose columns become those of its parent; and aggregates, which move
//! out of such an embed to where they have rows to work on.

use super::{
    fields::{Columns, PlannedField},
    read::ReadNode,
};
use crate::{
    RestError,
    request::{Aggregate, JsonKey},
    schema::SchemaCache,
};

/// A column that a spread embed gives its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// In the embed's subquery.
    pub(crate) name: String,
    pub(crate) aggregate: Option<Aggregate>,
    pub(crate) cast: Option<String>,
    pub(crate) alias: Option<String>,
}

/// One more than a row can have: the database refuses it, and more need not be written for that.
const TOO_MANY: usize = 1665;

/// Give every column its name, and put all columns in the place of `*` where one must know them.
pub(super) fn expand(root: &mut ReadNode, cache: &SchemaCache) {
    expand_below(root, cache, false, false);
}

fn expand_below(node: &mut ReadNode, cache: &SchemaCache, in_aggregate: bool, in_arrays: bool) {
    let in_aggregate = in_aggregate || node.select.iter().any(|field| field.aggregate.is_some());
    let link = node.link.as_ref();
    let is_spread = link.is_some_and(|link| link.is_spread);
    let in_arrays = is_spread && (in_arrays || link.is_some_and(|link| !link.is_to_one()));
    let columns = Columns::of(cache, &node.relation);
    let has_star = node.select.iter().any(|field| field.column.is_star());
    if has_star && (in_aggregate || in_arrays || columns.has_representations()) {
        let select = std::mem::take(&mut node.select);
        let all = select.into_iter().flat_map(|field| expanded(field, columns, is_spread));
        node.select = all.take(TOO_MANY).collect();
    }
    node.select.iter_mut().for_each(name);
    for child in &mut node.children {
        expand_below(child, cache, in_aggregate, in_arrays);
    }
}

fn expanded(field: PlannedField, columns: Columns<'_>, is_spread: bool) -> Vec<PlannedField> {
    match (field.column.is_star(), field.aggregate) {
        (true, None) => {
            let all = columns.all();
            if all.is_empty() {
                return vec![field];
            }
            all.into_iter().map(|column| PlannedField { column, ..field.clone() }).collect()
        }
        // Rows are counted in the parent, where `*` would mean the parent's columns.
        (true, Some(Aggregate::Count)) if is_spread => {
            let mut field = field;
            field.column.is_row = true;
            vec![field]
        }
        _ => vec![field],
    }
}

/// What comes out of JSON is called after the last member on its way.
fn name(field: &mut PlannedField) {
    if field.alias.is_some() {
        return;
    }
    let column = &field.column;
    if field.aggregate.is_some() {
        field.alias = column.is_row.then(|| "count".to_owned());
    } else if !column.path.is_empty() {
        let members = column.path.iter().rev().filter_map(|step| match &step.to {
            JsonKey::Member(member) => Some(member),
            JsonKey::Index(_) => None,
        });
        field.alias = Some(members.into_iter().next().unwrap_or(&column.name).clone());
    } else if column.transform.is_some() {
        field.alias = Some(column.name.clone());
    }
}

/// Refuse aggregates where they are off, and move them to the node that groups.
pub(super) fn aggregates(root: &mut ReadNode, are_allowed: bool) -> Result<(), RestError> {
    if !are_allowed && uses_aggregates(root) {
        return Err(RestError::Aggregates);
    }
    hoist(root)
}

fn uses_aggregates(node: &ReadNode) -> bool {
    node.select.iter().any(|field| field.aggregate.is_some())
        || node.children.iter().any(uses_aggregates)
}

fn hoist(node: &mut ReadNode) -> Result<(), RestError> {
    node.children.iter_mut().try_for_each(hoist)?;
    let Some((is_to_one, true)) = node.link.as_ref().map(|link| (link.is_to_one(), link.is_spread))
    else {
        return Ok(());
    };
    let mut outputs: Vec<Output> = node.select.iter_mut().map(output).collect();
    for child in &node.children {
        let Some(link) = &child.link else { continue };
        if link.is_spread {
            outputs.extend(link.outputs.iter().cloned());
        } else if !child.is_empty() {
            outputs.push(plain(link.name()));
        }
    }
    if !is_to_one && outputs.iter().any(|output| output.aggregate.is_some()) {
        return Err(RestError::NotImplemented {
            details: "Aggregates are not implemented for one-to-many or many-to-many spreads.",
        });
    }
    // The embed itself shows what its own embeds gave it, without the aggregates.
    if let Some(link) = node.link.as_mut() {
        link.outputs = outputs;
    }
    Ok(())
}

fn plain(name: &str) -> Output {
    Output { name: name.to_owned(), aggregate: None, cast: None, alias: None }
}

fn output(field: &mut PlannedField) -> Output {
    let name = field.alias.as_ref().unwrap_or(&field.column.name).clone();
    match field.aggregate.take() {
        None => plain(&name),
        aggregate => {
            let cast = field.aggregate_cast.take();
            Output { name, aggregate, cast, alias: field.alias.clone() }
        }
    }
}
