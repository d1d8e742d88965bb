//! The form that makes a row: fields from the resource, every refusal at its field at once.

use super::field::Field;
use crate::{
    components::{
        control::Place,
        icon::Icon,
        problem::{ErrorNotice, failure},
    },
    error::ConsoleError,
    links,
    serverfns::write::CreateRecord,
};
use api_types::console::{ColumnSpec, ResourceSpec};
use leptos::{ev::KeyboardEvent, form::ActionForm, html, prelude::*};

/// Where the form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    Page,
    Dialog,
}

#[component]
pub fn CreateForm(
    spec: ResourceSpec,
    frame: Frame,
    /// What Cancel does besides being a link to the list.
    #[prop(optional, into)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let create = ServerAction::<CreateRecord>::new();
    let failed = failure(create);
    let node = NodeRef::<html::Form>::new();
    lead_to_first_error(node, failed);
    let (first, later) = fields(&spec);
    let place = Place { client: spec.client.clone(), resource: spec.key.clone() };
    let field = |index: usize, column: ColumnSpec| {
        let autofocus = frame == Frame::Dialog && index == 0;
        view! { <Field column place=place.clone() index failed autofocus frame /> }
    };
    let count = first.len();
    let open = first.is_empty();
    let main = first.into_iter().enumerate().map(|(index, column)| field(index, column));
    let main = main.collect_view();
    let summary = later.iter().map(|column| column.label.as_str()).collect::<Vec<_>>().join(", ");
    let many = later.len();
    let more = later.into_iter().enumerate().map(|(index, column)| field(count + index, column));
    let more = more.collect_view();
    view! {
        <div class="create" on:keydown=move |event| submit_on_enter(node, &event)>
            <ActionForm action=create node_ref=node>
                <input type="hidden" name="client" value=spec.client.to_string() />
                <input type="hidden" name="resource" value=spec.key.clone() />
                <div class="db">
                    {notice(failed)}
                    <div class="fields">{main}</div>
                    {(many > 0)
                        .then(|| {
                            view! {
                                <details class="more" open=open>
                                    <summary>
                                        <Icon name="chevron-right" class="dir s14" />
                                        {format!("{many} more with defaults")}
                                        <span class="cut">{summary}</span>
                                    </summary>
                                    <div class="fields">{more}</div>
                                </details>
                            }
                        })}
                </div>
                {footer(&spec, create, failed, on_cancel)}
            </ActionForm>
        </div>
    }
    .into_any()
}

/// What must be filled or usually is, then what the database fills in by itself.
fn fields(spec: &ResourceSpec) -> (Vec<ColumnSpec>, Vec<ColumnSpec>) {
    let writable = spec.columns.iter().filter(|column| column.read_only.is_none()).cloned();
    let (mut first, later): (Vec<_>, Vec<_>) =
        writable.partition(|column| column.default.is_none());
    // Stable: required ones lead, each group in the table's own order.
    first.sort_by_key(|column| !column.required);
    (first, later)
}

/// A problem of the whole form; problems of single fields stand at the fields.
fn notice(failed: Signal<Option<ConsoleError>>) -> AnyView {
    let whole = Signal::derive(move || failed.get().filter(|error| error.0.fields.is_empty()));
    view! { <ErrorNotice problem=whole /> }.into_any()
}

fn footer(
    spec: &ResourceSpec,
    create: ServerAction<CreateRecord>,
    failed: Signal<Option<ConsoleError>>,
    on_cancel: Option<Callback<()>>,
) -> AnyView {
    let verb = format!("Create {}", spec.singular.to_lowercase());
    let pending = create.pending();
    let to_fix = move || {
        let count = failed.get().map_or(0, |error| error.0.fields.len());
        (count > 0).then(|| {
            if count == 1 { "1 field to fix".to_owned() } else { format!("{count} fields to fix") }
        })
    };
    let list = links::list(&spec.client, &spec.key);
    view! {
        <div class="df">
            <span class="grow"></span>
            <span class="to-fix" role="status">
                {to_fix}
            </span>
            <a
                class="btn quiet lg"
                href=list
                on:click=move |event| {
                    if let Some(cancel) = on_cancel {
                        event.prevent_default();
                        cancel.run(());
                    }
                }
            >
                "Cancel"
            </a>
            <button
                class="btn primary lg"
                aria-busy=move || pending.get().to_string()
                on:click=move |event| {
                    // One click, one row.
                    if pending.get_untracked() {
                        event.prevent_default();
                    }
                }
            >
                {move || pending.get().then(|| view! { <span class="spin"></span> })}
                {verb}
                <span class="kbds" aria-hidden="true">
                    <kbd class="kbd">"Ctrl"</kbd>
                    <kbd class="kbd">"↵"</kbd>
                </span>
            </button>
        </div>
    }
    .into_any()
}

/// Ctrl or Command with Enter submits from anywhere in the form.
fn submit_on_enter(form: NodeRef<html::Form>, event: &KeyboardEvent) {
    if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        if let Some(form) = form.get_untracked() {
            // Fails only when the form is not in the document.
            let _submitted = form.request_submit();
        }
    }
}

/// After a refusal the focus goes to the first field at fault.
fn lead_to_first_error(form: NodeRef<html::Form>, failed: Signal<Option<ConsoleError>>) {
    Effect::new(move |_| {
        if failed.get().is_none_or(|error| error.0.fields.is_empty()) {
            return;
        }
        request_animation_frame(move || {
            let Some(form) = form.get_untracked() else { return };
            let first = form.query_selector(
                "input[aria-invalid], select[aria-invalid], textarea[aria-invalid]",
            );
            if let Some(first) = first.ok().flatten() {
                use wasm_bindgen::JsCast;
                // It is an input of this form, so it takes the focus.
                let _focused = first.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    });
}
