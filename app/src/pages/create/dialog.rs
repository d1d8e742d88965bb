//! *New invoice*: a link to the form's own page that opens it as a dialog once scripts run.

use super::form::{CreateForm, Frame};
use crate::{
    components::icon::Icon,
    frame::{FrameData, environment, swatch},
    links,
};
use api_types::console::ResourceSpec;
use leptos::{ev::MouseEvent, html, prelude::*};

#[component]
pub fn NewButton(spec: ResourceSpec) -> impl IntoView {
    let open = RwSignal::new(false);
    let verb = format!("New {}", spec.singular.to_lowercase());
    let href = links::new_record(&spec.client, &spec.key);
    let opener = NodeRef::<html::A>::new();
    let show = move |event: MouseEvent| {
        // With a modifier it stays a link: another tab, another window.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            open.set(true);
        }
    };
    let closed = Callback::new(move |()| {
        open.set(false);
        if let Some(opener) = opener.get_untracked() {
            // The link is in the document, so it takes the focus back.
            let _focused = opener.focus();
        }
    });
    let title = verb.clone();
    view! {
        <a node_ref=opener class="btn primary" href=href aria-haspopup="dialog" on:click=show>
            <Icon name="plus" />
            {verb}
        </a>
        {move || {
            open.get().then(|| view! { <CreateDialog spec=spec.clone() title=title.clone() closed /> })
        }}
    }
    .into_any()
}

#[component]
fn CreateDialog(spec: ResourceSpec, title: String, closed: Callback<()>) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Fails only when it is open already.
            let _shown = dialog.show_modal();
        }
    });
    let page = links::new_record(&spec.client, &spec.key);
    let client = client_tag(&spec);
    view! {
        <dialog
            node_ref=node
            class="dialog form-dialog"
            aria-labelledby="create-title"
            on:close=move |_| closed.run(())
        >
            <div class="dh">
                <h2 id="create-title">{title}</h2>
                {client}
                <span class="grow"></span>
                <a class="btn sq quiet" href=page aria-label="Open as a page">
                    <Icon name="maximize-2" />
                </a>
                <button
                    type="button"
                    class="btn sq quiet"
                    aria-label="Close"
                    on:click=move |_| closed.run(())
                >
                    <Icon name="x" />
                </button>
            </div>
            <CreateForm spec frame=Frame::Dialog on_cancel=closed />
        </dialog>
    }
    .into_any()
}

/// Where the row will be written, in the client's colour.
fn client_tag(spec: &ResourceSpec) -> AnyView {
    let known = use_context::<FrameData>().and_then(|frame| frame.navigation.get_untracked());
    let client = known.and_then(Result::ok).map(|navigation| navigation.client);
    view! {
        <span class="badge line sm">
            {client.as_ref().map(swatch)}
            {spec.client.to_string()}
        </span>
        {client.as_ref().map(environment)}
    }
    .into_any()
}
