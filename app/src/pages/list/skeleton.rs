//! What stands while a list is on its way. It does not shimmer, and waits 150 ms before it shows.

use leptos::prelude::*;

pub fn list() -> AnyView {
    let rows = (0..12).map(|_| {
        view! {
            <div class="sk-row">
                <span class="sk-bar"></span>
                <span class="sk-bar"></span>
                <span class="sk-bar"></span>
                <span class="sk-bar"></span>
            </div>
        }
    });
    view! {
        <main id="main" class="main" aria-busy="true">
            <div class="head"></div>
            <div class="skeleton" role="status" aria-label="Loading">
                {rows.collect_view()}
            </div>
        </main>
    }
    .into_any()
}
