//! Filters, orders and limits may only be about embeds that are there.

use crate::{
    RestError,
    request::{Embed, Query, Selected},
};

pub(super) fn check(query: &Query) -> Result<(), RestError> {
    let filters = query.filters.iter().map(|(path, _)| path);
    let orders = query.order.iter().map(|(path, _)| path);
    let ranges = query.ranges.iter().map(|(path, _)| path);
    let logic = query.logic.iter().map(|(path, _)| path);
    for path in filters.chain(orders).chain(ranges).chain(logic) {
        let mut selected = query.select.as_slice();
        for name in path {
            let embed = embeds(selected).find(|embed| is_called(embed, name));
            let Some(embed) = embed else {
                return Err(RestError::NotEmbedded { name: name.clone() });
            };
            selected = &embed.selected;
        }
    }
    Ok(())
}

fn embeds(selected: &[Selected]) -> impl Iterator<Item = &Embed> {
    selected.iter().filter_map(|one| match one {
        Selected::Embed(embed) => Some(embed),
        Selected::Field(_) => None,
    })
}

/// By its alias or by what it embeds.
pub(super) fn is_called(embed: &Embed, name: &str) -> bool {
    embed.target == name || embed.alias.as_deref() == Some(name)
}
