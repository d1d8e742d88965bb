//! Orders by columns of embeds, and filters for embeds that are empty.

use super::{
    fields::{Column, Columns, LogicTree, PlannedOrder},
    functions,
    read::{self, ReadNode},
};
use crate::{
    RestError,
    request::{IsValue, Operation, OrderBy, OrderTerm, Query},
    schema::SchemaCache,
};

pub(super) fn add(
    root: &mut ReadNode,
    query: &Query,
    cache: &SchemaCache,
) -> Result<(), RestError> {
    for (path, terms) in &query.order {
        if let Some(node) = read::find(root, path) {
            let terms = terms.iter().map(|term| planned(node, term, cache));
            node.order = terms.collect::<Result<_, _>>()?;
        }
    }
    Ok(())
}

fn planned(
    node: &ReadNode,
    term: &OrderTerm,
    cache: &SchemaCache,
) -> Result<PlannedOrder, RestError> {
    let (related, column) = match &term.by {
        OrderBy::Field(field) => (None, Columns::of(cache, &node.relation).order(field)),
        OrderBy::Related { relation, field } => {
            let mut links =
                node.children.iter().filter_map(|child| Some((child, child.link.as_ref()?)));
            let Some((child, link)) = links.find(|(_, link)| link.name() == relation) else {
                return Err(RestError::NotEmbedded { name: relation.clone() });
            };
            if !link.is_to_one() {
                return Err(RestError::RelatedOrder {
                    origin: node.relation.name.as_str().to_owned(),
                    target: link.name().to_owned(),
                });
            }
            let is_known = functions::shows(child, &field.name, cache);
            let column = Column { is_known, ..Column::unknown(&field.name, &field.path) };
            (Some(link.join_alias.clone()), column)
        }
    };
    let OrderTerm { direction, nulls, .. } = *term;
    Ok(PlannedOrder { related, column, direction, nulls })
}

/// `embed=is.null` asks whether there is a row; nothing else can be asked of an embed.
pub(super) fn null_filters(node: &mut ReadNode, cache: &SchemaCache) -> Result<(), RestError> {
    let columns = Columns::of(cache, &node.relation);
    let embeds: Vec<(String, String)> = node
        .children
        .iter()
        .filter_map(|child| child.link.as_ref())
        .map(|link| (link.name().to_owned(), link.join_alias.clone()))
        .collect();
    for filter in &mut node.filters {
        replace(filter, &embeds, columns)?;
    }
    node.children.iter_mut().try_for_each(|child| null_filters(child, cache))
}

fn replace(
    tree: &mut LogicTree,
    embeds: &[(String, String)],
    columns: Columns<'_>,
) -> Result<(), RestError> {
    let filter = match tree {
        LogicTree::Group { members, .. } => {
            return members.iter_mut().try_for_each(|member| replace(member, embeds, columns));
        }
        LogicTree::Embed { .. } => return Ok(()),
        LogicTree::Filter(filter) => filter,
    };
    if !filter.column.path.is_empty() {
        return Ok(());
    }
    let Some((name, alias)) = embeds.iter().find(|(name, _)| *name == filter.column.name) else {
        return Ok(());
    };
    let is_present = match filter.operation {
        Operation::Is(IsValue::Null) => filter.is_negated,
        Operation::Is(IsValue::NotNull) => !filter.is_negated,
        // A column of the same name is meant.
        _ if columns.has(name) => return Ok(()),
        _ => return Err(RestError::EmbedFilter { target: name.clone() }),
    };
    *tree = LogicTree::Embed { is_present, alias: alias.clone() };
    Ok(())
}
