//! The ledger line: the truth of the page in one row at its foot.

use super::{FrameData, top::is_production};
use crate::{components::icon::Icon, words};
use leptos::prelude::*;

/// What a page knows of itself.
#[derive(Clone)]
pub struct LedgerLine {
    /// `Rows 11 ms`.
    pub what: &'static str,
    pub took_ms: f64,
    pub trace_id: String,
}

#[component]
pub fn Ledger(
    line: LedgerLine,
    /// Count and paging, when the page has them.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let frame = expect_context::<FrameData>();
    let place = move || {
        Suspend::new(async move {
            frame.navigation.await.ok().map(|navigation| {
                let client = navigation.client;
                let class = if is_production(&client) { "where prod" } else { "where" };
                view! {
                    <span class=class>
                        <Icon name="database" class="s14" />
                        <span class="cut">{format!("{} · {}", client.name, client.backend)}</span>
                    </span>
                }
            })
        })
    };
    let LedgerLine { what, took_ms, trace_id } = line;
    view! {
        <footer class="foot">
            <Suspense>{place}</Suspense>
            {children.map(|children| children())}
            <span class="took">
                {format!("{what} {}", words::duration(took_ms))}
                <span class="dim mono">{trace_id}</span>
            </span>
        </footer>
    }
    .into_any()
}
