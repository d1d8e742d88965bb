//! The ledger line: the truth of the page in one row at its foot.

use super::top::is_production;
use crate::{components::icon::Icon, words};
use api_types::console::ClientSummary;
use leptos::prelude::*;

/// What a page knows of itself.
#[derive(Clone)]
pub struct LedgerLine {
    /// `Rows 11 ms`.
    pub what: &'static str,
    pub took_ms: f64,
    pub trace_id: String,
    /// Unknown only when the navigation could not be read.
    pub client: Option<ClientSummary>,
}

#[component]
pub fn Ledger(
    line: LedgerLine,
    /// Count and paging, when the page has them.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let LedgerLine { what, took_ms, trace_id, client } = line;
    let place = client.map(|client| {
        let class = if is_production(&client) { "where prod" } else { "where" };
        view! {
            <span class=class>
                <Icon name="database" class="s14" />
                <span class="cut">{format!("{} · {}", client.name, client.backend)}</span>
            </span>
        }
    });
    view! {
        <footer class="foot">
            {place}
            {children.map(|children| children())}
            <span class="took">
                {format!("{what} {}", words::duration(took_ms))}
                <span class="dim mono">{trace_id}</span>
            </span>
        </footer>
    }
    .into_any()
}
