//! The top of a list: its name, what can be made, search, columns, page size.

use super::{address, columns};
use crate::{components::icon::Icon, links, pages::create::dialog::NewButton};
use api_types::console::ListPage;
use leptos::prelude::*;
use leptos_router::components::Form;

const PAGE_SIZES: [u32; 5] = [10, 25, 50, 100, 250];

/// `copies` is the menu of texts, which needs to know more than the page.
pub fn view(page: &ListPage, copies: AnyView) -> AnyView {
    let spec = page.resource.clone();
    let read_only = spec.read_only.clone().map(|reason| {
        view! {
            <span class="badge line" title=reason.clone()>
                <Icon name="lock" class="s12" />
                <span class="cut">{reason.clone()}</span>
            </span>
        }
    });
    view! {
        <div class="head">
            <h1>{spec.label.clone()}</h1>
            <span class="mono path wide">{format!("{}.{}", spec.schema, spec.table)}</span>
            {read_only}
            <span class="grow"></span>
            {spec.can_create.then(|| view! { <NewButton spec=spec.clone() /> })}
        </div>
        <div class="bar tools">
            {(!spec.search_by.is_empty()).then(|| search(page))}
            <span class="grow"></span>
            {columns::view(page)}
            {page_size(page)}
            {copies}
        </div>
    }
    .into_any()
}

fn search(page: &ListPage) -> AnyView {
    let spec = &page.resource;
    let label = |name: &String| {
        let known = spec.columns.iter().find(|column| column.name == *name);
        known.map_or_else(|| name.clone(), |column| column.label.clone())
    };
    let searched = spec.search_by.iter().map(label).collect::<Vec<_>>().join(", ");
    let now = page.query.search.clone().unwrap_or_default();
    let shown = now.clone();
    let action = links::list(&spec.client, &spec.key);
    let carried = carried(page, &["q"]);
    view! {
        <Form method="GET" action=action>
            {carried}
            <div class="input sm search">
                <Icon name="search" class="s14" />
                <input
                    name="q"
                    type="search"
                    aria-label=format!("Search in {searched}")
                    placeholder=searched.clone()
                    value=now
                    prop:value=shown
                />
            </div>
        </Form>
    }
    .into_any()
}

/// The rest of the address, for a form that sets only a part of it.
pub fn carried(page: &ListPage, set_by_form: &[&str]) -> AnyView {
    let pairs = links::hidden_pairs(&page.query, set_by_form).into_iter();
    pairs
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
        .into_any()
}

fn page_size(page: &ListPage) -> AnyView {
    let now = page.query.page_size;
    let entries = PAGE_SIZES.into_iter().map(|size| {
        let href = address::changed(page, |query| query.page_size = size);
        view! {
            <a class="mi" href=href aria-current=(size == now).then_some("true")>
                {format!("{size} a page")}
            </a>
        }
    });
    view! {
        <details class="drop end wide" data-menu>
            <summary class="btn quiet" aria-label=format!("Rows on a page, {now}")>
                <Icon name="rows-3" />
                {now}
            </summary>
            <div class="pop menu">{entries.collect_view()}</div>
        </details>
    }
    .into_any()
}
