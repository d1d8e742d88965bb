//! Empty states: the owl keeps watch, and says what is so and what to do.

use leptos::prelude::*;

/// Where the owl looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// Nothing here yet.
    Open,
    /// Nothing matched.
    Aside,
    /// Not for you.
    Down,
    /// Gone.
    Shut,
}

impl Eyes {
    fn drawing(self) -> &'static str {
        match self {
            Self::Open => {
                r#"<circle cx="21" cy="21" r="11"/><circle cx="21" cy="21" r="3.4" fill="currentColor" stroke="none"/><circle cx="51" cy="21" r="11"/><circle cx="51" cy="21" r="3.4" fill="currentColor" stroke="none"/>"#
            }
            Self::Aside => {
                r#"<circle cx="21" cy="21" r="11"/><circle cx="24.6" cy="22.2" r="3.4" fill="currentColor" stroke="none"/><circle cx="51" cy="21" r="11"/><circle cx="54.6" cy="22.2" r="3.4" fill="currentColor" stroke="none"/>"#
            }
            Self::Down => {
                r#"<circle cx="21" cy="21" r="11"/><circle cx="21" cy="24.4" r="3.2" fill="currentColor" stroke="none"/><circle cx="51" cy="21" r="11"/><circle cx="51" cy="24.4" r="3.2" fill="currentColor" stroke="none"/>"#
            }
            Self::Shut => {
                r#"<path d="M10 22q11 9 22 0"/><path d="M14 26l-2 3.4M21 27.6v3.8M28 26l2 3.4" opacity=".55"/><path d="M40 22q11 9 22 0"/><path d="M44 26l-2 3.4M51 27.6v3.8M58 26l2 3.4" opacity=".55"/>"#
            }
        }
    }
}

#[component]
pub fn Empty(
    eyes: Eyes,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// Buttons and links under the text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let drawing = format!(
        r#"<path d="M7 7c9-3 20-1 29 6 9-7 20-9 29-6" opacity=".7"/>{}<path d="M32.5 29 36 35.5 39.5 29"/>"#,
        eyes.drawing()
    );
    view! {
        <div class="empty">
            <svg
                class="eyes"
                viewBox="0 0 72 40"
                fill="none"
                stroke="currentColor"
                stroke-width="1.8"
                stroke-linecap="round"
                stroke-linejoin="round"
                aria-hidden="true"
                inner_html=drawing
            ></svg>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}
