//! How many rows, and how sure: `=` exact, `≈` about, `≥` at least, `?` unknown.

use super::icon::Icon;
use crate::words;
use api_types::console::RowCount;
use leptos::prelude::*;

#[component]
pub fn Count(count: RowCount) -> impl IntoView {
    let (class, icon) = match count {
        RowCount::Exact { .. } => ("count exact", "equal"),
        RowCount::About { .. } => ("count about", "equal-approximately"),
        RowCount::AtLeast { .. } => ("count least", "atleast"),
        RowCount::Unknown => ("count unknown", "circle-question-mark"),
    };
    let cost = match count {
        RowCount::Exact { took_ms, .. } => Some(format!("counted in {}", words::duration(took_ms))),
        RowCount::About { .. } => Some("from statistics".to_owned()),
        RowCount::AtLeast { .. } => Some("counting took too long".to_owned()),
        RowCount::Unknown => None,
    };
    view! {
        <span class=class>
            <span class="g"><Icon name=icon /></span>
            <span>{words::count(count)}</span>
        </span>
        {cost.map(|cost| view! { <span class="dim">{cost}</span> })}
    }
    .into_any()
}
