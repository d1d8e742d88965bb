//! Embeds become joins.

use super::{
    fields::Columns,
    read::{Link, ReadNode, Source},
};
use crate::{
    RestError,
    request::{Embed, Selected, range::Range},
    schema::SchemaCache,
};

pub(super) fn fill(
    node: &mut ReadNode,
    selected: &[Selected],
    cache: &SchemaCache,
    schema: &str,
    depth: usize,
) -> Result<(), RestError> {
    let columns = Columns::of(cache, &node.relation);
    for one in selected {
        match one {
            Selected::Field(field) => node.select.push(columns.output(field)),
            Selected::Embed(embed) => {
                let child = embedded(node, embed, cache, schema, depth + 1)?;
                node.children.push(child);
            }
        }
    }
    Ok(())
}

fn embedded(
    parent: &ReadNode,
    embed: &Embed,
    cache: &SchemaCache,
    schema: &str,
    depth: usize,
) -> Result<ReadNode, RestError> {
    let origin = parent.relation.name.as_str();
    let hint = embed.hint.as_deref();
    let relationship = cache.find_relationship(schema, origin, &embed.target, hint)?.clone();
    let foreign = relationship.foreign_table().clone();
    let name = embed.alias.as_deref().unwrap_or(&embed.target);
    let join_alias = format!("{}_{name}_{depth}", relationship.table().name);
    // The junction's join needs no alias, since it stands next to the relation.
    let alias = match relationship.junction() {
        Some(_) => None,
        None => Some(format!("{}_{depth}", foreign.name)),
    };
    let mut node = ReadNode {
        from: Source::Relation(foreign.clone()),
        relation: foreign,
        alias,
        select: Vec::new(),
        filters: Vec::new(),
        order: Vec::new(),
        range: Range::default(),
        link: Some(Link {
            target: embed.target.clone(),
            alias: embed.alias.clone(),
            join_alias,
            parent: parent.place(),
            relationship,
            join: embed.join,
            is_spread: embed.is_spread,
            outputs: Vec::new(),
        }),
        children: Vec::new(),
    };
    fill(&mut node, &embed.selected, cache, schema, depth)?;
    Ok(node)
}
