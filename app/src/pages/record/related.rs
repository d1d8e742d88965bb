//! Rows of another resource that point at this record.

use crate::{components::count::Count, links, pages::list::related_grid};
use api_types::console::{FilterOp, FilterTerm, ListQuery, Related};
use leptos::prelude::*;

pub fn view(related: &Related, prefix: usize) -> AnyView {
    let page = &related.page;
    let spec = &page.resource;
    let term = FilterTerm {
        column: related.column.clone(),
        op: FilterOp::Eq,
        values: vec![related.value.clone()],
    };
    let query = ListQuery { filters: vec![term], ..ListQuery::default() };
    let all = links::list_with(&spec.client, &spec.key, &links::of_list(&query));
    let title = related.title.clone();
    let rows = if page.rows.is_empty() {
        view! { <p class="page-note">{format!("No {} yet.", spec.singular.to_lowercase())}</p> }
            .into_any()
    } else {
        related_grid(page, &title, prefix)
    };
    view! {
        <section class="related" aria-label=title.clone()>
            <header>
                <h2>{title.clone()}</h2>
                <Count count=page.count />
                <span class="grow"></span>
                <a class="btn quiet sm" href=all aria-label=format!("Open all {title}")>
                    "Open all"
                </a>
            </header>
            {rows}
        </section>
    }
    .into_any()
}
