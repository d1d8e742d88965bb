//! Which columns a list shows: checkboxes in a plain form.

use super::{address, head::carried};
use crate::{components::icon::Icon, links};
use api_types::console::ListPage;
use leptos::prelude::*;
use leptos_router::components::Form;

pub fn view(page: &ListPage) -> AnyView {
    let spec = &page.resource;
    let shown = page.columns.len();
    let all = spec.columns.len();
    // Shown ones first, in their order, so that applying keeps it.
    let is_shown = |name: &str| page.columns.iter().any(|column| column == name);
    let rest: Vec<_> = spec.columns.iter().filter(|column| !is_shown(&column.name)).collect();
    let first =
        page.columns.iter().filter_map(|name| spec.columns.iter().find(|c| c.name == *name));
    let boxes = first.chain(rest).enumerate().map(|(at, column)| {
        let checked = at < shown;
        view! {
            <label class="mi">
                <input type="checkbox" name=links::SHOW value=column.name.clone() checked=checked />
                <span>{column.label.clone()}</span>
                <span class="end mono">{column.sql_type.clone()}</span>
            </label>
        }
    });
    let boxes = boxes.collect_view();
    let reset = address::changed(page, |query| query.columns.clear());
    let action = links::list(&spec.client, &spec.key);
    let carried = carried(page, &["cols"]);
    view! {
        <details class="drop end" data-menu>
            <summary class="btn quiet">
                <Icon name="columns-3" />
                <span class="wide" aria-hidden="true">"Columns"</span>
                <span class="n" aria-hidden="true">{format!("{shown}/{all}")}</span>
                <span class="sr">{format!("Columns, {shown} of {all} shown")}</span>
            </summary>
            <div class="pop menu columns-menu">
                <Form method="GET" action=action>
                    {carried}
                    <div class="columns-list">{boxes}</div>
                    <div class="menu-foot">
                        <a class="btn quiet sm" href=reset>
                            "Reset"
                        </a>
                        <button class="btn primary sm">"Show these"</button>
                    </div>
                </Form>
            </div>
        </details>
    }
    .into_any()
}
