//! "Copy as": what the list shows, as a program asks for it. Without scripts the texts are there to read.

use crate::{components::icon::Icon, ready::Ready};
use api_types::{
    console::{ClientSummary, ListPage},
    copied::{KEY_VARIABLE, Language, View},
};
use leptos::{ev::MouseEvent, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlPreElement};

/// The server's own address, as far as it is known: as the request named it, then as the browser does.
pub fn origin() -> RwSignal<String> {
    #[cfg(feature = "ssr")]
    let known = crate::port::own_address();
    #[cfg(not(feature = "ssr"))]
    let known = String::new();
    let origin = RwSignal::new(known);
    Effect::new(move |_| {
        if let Ok(own) = window().location().origin() {
            origin.set(own);
        }
    });
    origin
}

/// Which text was copied last, and whether the browser let it.
type Copied = RwSignal<Option<(Language, bool)>>;

pub fn view(
    page: &Arc<ListPage>,
    client: Option<&ClientSummary>,
    origin: RwSignal<String>,
) -> AnyView {
    let copied: Copied = RwSignal::new(None);
    let backend = client.map(|client| client.backend.clone());
    let texts = Language::ALL.map(|language| match refused(page, language, backend.as_deref()) {
        Some(reason) => untold(language, reason),
        None => told(page, language, origin, copied),
    });
    view! {
        <details class="drop end" data-menu>
            <summary class="btn quiet">
                <Icon name="square-terminal" />
                <span class="wide" aria-hidden="true">
                    "Copy as"
                </span>
                <span class="sr">"Copy as code"</span>
            </summary>
            <div class="pop copies">
                {texts.collect_view()} <p class="help">
                    "Each takes your key from the variable " <span class="mono">{KEY_VARIABLE}</span>
                    "."
                </p> <p class="help" role="status">
                    {move || copied.get().map(outcome)}
                </p>
            </div>
        </details>
    }
    .into_any()
}

fn outcome((language, is_copied): (Language, bool)) -> String {
    let label = language.label();
    if is_copied {
        format!("Copied as {label}.")
    } else {
        format!("The browser did not allow it. The text for {label} is selected: copy it by hand.")
    }
}

/// Why a view cannot be said, in a sentence.
fn refused(page: &ListPage, language: Language, backend: Option<&str>) -> Option<String> {
    let foreign = backend.filter(|backend| !backend.starts_with("PostgreSQL"));
    if let Some(backend) = foreign.filter(|_| language.is_postgrest()) {
        return Some(format!("PostgREST’s language is for PostgreSQL; this is {backend}."));
    }
    View::of(page).text(language, "").err().map(|unsaid| format!("{unsaid}."))
}

fn untold(language: Language, reason: String) -> AnyView {
    view! {
        <section class="copy">
            <div class="copy-head">
                <span>{language.label()}</span>
            </div>
            <p class="help">{reason}</p>
        </section>
    }
    .into_any()
}

fn told(
    page: &Arc<ListPage>,
    language: Language,
    origin: RwSignal<String>,
    copied: Copied,
) -> AnyView {
    let (ready, text) = (Ready::get(), NodeRef::<html::Pre>::new());
    let label = language.label();
    let page = Arc::clone(page);
    let written = move || View::of(&page).text(language, &origin.get()).unwrap_or_default();
    let copy = move |event: MouseEvent| {
        // The menu stays open, so that it can say what became of it.
        event.stop_propagation();
        copied.set(text.get_untracked().map(|text| (language, copy(&text))));
    };
    let is_copied = move || copied.get() == Some((language, true));
    view! {
        <section class="copy">
            <div class="copy-head">
                <span>{label}</span>
                <button type="button" class="btn sm" hidden=move || !ready.is_ready() on:click=copy>
                    {move || {
                        let name = if is_copied() { "check" } else { "copy" };
                        view! { <Icon name class="s14" /> }
                    }}
                    {move || if is_copied() { "Copied" } else { "Copy" }}
                    <span class="sr">{format!(" as {label}")}</span>
                </button>
            </div>
            <pre class="code" tabindex="0" role="group" aria-label=label node_ref=text>
                {written}
            </pre>
        </section>
    }
    .into_any()
}

/// Select the text and copy the selection: that works on plain http too, and leaves it selected if not.
fn copy(text: &HtmlPreElement) -> bool {
    let Ok(Some(selection)) = window().get_selection() else { return false };
    let Ok(document) = document().dyn_into::<HtmlDocument>() else { return false };
    selection.select_all_children(text).is_ok() && document.exec_command("copy").unwrap_or(false)
}
