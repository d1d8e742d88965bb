//! Delete a record, after saying which one.

use crate::{
    components::{
        icon::Icon,
        problem::{ErrorNotice, failure},
    },
    serverfns::write::DeleteRecord,
};
use api_types::{RecordKey, console::ResourceSpec};
use leptos::{form::ActionForm, html, prelude::*};

#[component]
pub fn DeleteButton(spec: ResourceSpec, key: RecordKey, title: String) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let ready = crate::ready::Ready::get();
    let delete = ServerAction::<DeleteRecord>::new();
    let singular = spec.singular.to_lowercase();
    let failed = failure(delete);
    view! {
        <button
            type="button"
            class="btn risk"
            aria-haspopup="dialog"
            hidden=move || !ready.is_ready()
            on:click=move |_| {
                if let Some(dialog) = dialog.get() {
                    // Fails only when it is open already.
                    let _shown = dialog.show_modal();
                }
            }
        >
            <Icon name="trash-2" />
            "Delete…"
        </button>
        <dialog node_ref=dialog class="dialog confirm" aria-labelledby="delete-title">
            <div class="dh">
                <h2 id="delete-title">{format!("Delete this {singular}?")}</h2>
            </div>
            <div class="db">
                <p>
                    <b>{title}</b>
                    {format!(" is deleted from {} on client {}. This cannot be undone here.", spec.table, spec.client)}
                </p>
                <ErrorNotice problem=failed />
            </div>
            <ActionForm action=delete>
                <input type="hidden" name="client" value=spec.client.to_string() />
                <input type="hidden" name="resource" value=spec.key.clone() />
                <input type="hidden" name="key" value=key.to_string() />
                <div class="df">
                    <span class="grow"></span>
                    <button
                        type="button"
                        class="btn quiet lg"
                        autofocus
                        on:click=move |_| {
                            if let Some(dialog) = dialog.get() {
                                dialog.close();
                            }
                        }
                    >
                        "Keep it"
                    </button>
                    <button class="btn danger lg" aria-busy=move || delete.pending().get().to_string()>
                        {format!("Delete {singular}")}
                    </button>
                </div>
            </ActionForm>
        </dialog>
    }
    .into_any()
}
