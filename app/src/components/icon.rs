//! Icons: one sprite in the document, referred to by name.

use leptos::prelude::*;

/// The sprite that every page carries at its end.
#[cfg(feature = "ssr")]
pub const SPRITE: &str = include_str!("icons.svg");

/// An icon of the sprite. Hidden from assistive technology; whoever shows one names it.
#[component]
pub fn Icon(
    name: &'static str,
    /// Further classes: `s14`, `s12`, `end`, `dir`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("i {class}") aria-hidden="true">
            <use href=format!("#i-{name}") />
        </svg>
    }
    .into_any()
}

/// A resource's icon, when its name is one we draw.
pub fn resource_icon(name: Option<&str>) -> &'static str {
    match name {
        Some("receipt" | "invoice" | "billing") => "receipt",
        Some("users" | "people") => "users",
        Some("user-round" | "user") => "user-round",
        Some("package" | "box") => "package",
        Some("banknote" | "payment") => "banknote",
        Some("building-2" | "building" | "organization") => "building-2",
        Some("credit-card") => "credit-card",
        Some("inbox" | "ticket") => "inbox",
        Some("file-text" | "file") => "file-text",
        Some("calendar") => "calendar",
        Some("lock") => "lock",
        Some("key-round" | "key") => "key-round",
        Some("eye" | "view") => "eye",
        Some("database") => "database",
        _ => "table-2",
    }
}

/// The mark: an owl's two eyes.
#[component]
pub fn Owl() -> impl IntoView {
    view! {
        <svg
            class="owl"
            aria-hidden="true"
            fill="none"
            stroke="currentColor"
            stroke-width="1.9"
            stroke-linecap="round"
            stroke-linejoin="round"
        >
            <use href="#i-owl" />
        </svg>
    }
    .into_any()
}
