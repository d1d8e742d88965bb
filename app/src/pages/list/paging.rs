//! Where in the list we are, and the way to the neighbours.

use super::address;
use crate::{
    components::{count::Count, icon::Icon},
    frame::{Ledger, LedgerLine},
    words,
};
use api_types::console::{ClientSummary, ListPage};
use leptos::prelude::*;

pub fn ledger(page: &ListPage, client: Option<ClientSummary>) -> AnyView {
    let trace_id = page.trace_id.clone();
    let line = LedgerLine { what: "Rows", took_ms: page.took_ms, trace_id, client };
    let count = page.count;
    let size = format!("{} a page", page.query.page_size);
    let arrows = arrows(page);
    view! {
        <Ledger line>
            <span>
                <Count count />
            </span>
            <span class="grow"></span>
            <span class="dim">{size}</span>
            {arrows}
        </Ledger>
    }
    .into_any()
}

/// Previous, `26 – 50`, next. Plain links, so they work before scripts.
pub fn arrows(page: &ListPage) -> AnyView {
    let number = page.query.page;
    let first = u64::from(number - 1) * u64::from(page.query.page_size);
    let shown = page.rows.len() as u64;
    let range = if shown == 0 {
        "0".to_owned()
    } else {
        let grouped = |row: u64| words::grouped(&row.to_string());
        format!("{} – {}", grouped(first + 1), grouped(first + shown))
    };
    let previous = (number > 1).then(|| address::page(page, number - 1));
    let next = page.has_next.then(|| address::page(page, number + 1));
    view! {
        <nav class="pager" aria-label="Pages">
            {arrow("Previous page", "prev", "chevron-left", previous)}
            <span class="num">{range}</span>
            {arrow("Next page", "next", "chevron-right", next)}
        </nav>
    }
    .into_any()
}

fn arrow(
    label: &'static str,
    rel: &'static str,
    icon: &'static str,
    href: Option<String>,
) -> AnyView {
    match href {
        Some(href) => view! {
            <a class="btn sq quiet sm" href=href rel=rel aria-label=label>
                <Icon name=icon class="dir" />
            </a>
        }
        .into_any(),
        None => view! {
            <span class="btn sq quiet sm" aria-disabled="true" aria-hidden="true">
                <Icon name=icon class="dir" />
            </span>
        }
        .into_any(),
    }
}
