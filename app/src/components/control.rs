//! The input that edits a value of a column's type. It knows nothing of saving.

use super::{combobox::Combobox, icon::Icon};
use api_types::{
    ClientName,
    console::{ColumnSpec, DataType, FieldType, FieldValue},
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// Which resource a field belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub client: ClientName,
    pub resource: String,
}

/// How a control is named and tied to what stands around it.
#[derive(Clone)]
pub struct Wiring {
    pub id: String,
    /// Present when the control is sent with a form.
    pub name: Option<String>,
    pub label: String,
    pub invalid: Signal<bool>,
    /// The ids of help and error.
    pub described_by: Signal<Option<String>>,
    pub autofocus: bool,
}

/// The input for one column.
#[component]
pub fn Control(
    column: ColumnSpec,
    place: Place,
    draft: RwSignal<FieldValue>,
    wiring: Wiring,
    /// What a foreign key's value reads as now.
    #[prop(optional_no_strip)]
    label: Option<String>,
) -> impl IntoView {
    match (&column.reference, column.field_type) {
        (Some(_), _) => view! { <Combobox column place draft wiring label /> }.into_any(),
        (None, FieldType::Select) => choices(&column, draft, wiring, options_of(&column)),
        (None, FieldType::Boolean) => {
            let yes_no =
                vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())];
            choices(&column, draft, wiring, yes_no)
        }
        (None, FieldType::Textarea | FieldType::Json) => area(&column, draft, wiring),
        (None, _) => line(&column, draft, wiring),
    }
    .into_any()
}

fn options_of(column: &ColumnSpec) -> Vec<(String, String)> {
    column.options.iter().map(|option| (option.clone(), crate::words::prettify(option))).collect()
}

/// The text of a draft; null and default have none.
pub fn draft_text(draft: RwSignal<FieldValue>) -> String {
    draft.with(|value| match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Null | FieldValue::Default => String::new(),
    })
}

/// The same for the first HTML, which does not follow changes.
pub fn first_text(draft: RwSignal<FieldValue>) -> String {
    untrack(|| draft_text(draft))
}

/// What stands grey in an input that holds no text.
pub fn placeholder(column: &ColumnSpec, draft: RwSignal<FieldValue>) -> String {
    draft.with(|value| match value {
        FieldValue::Null => "null".to_owned(),
        FieldValue::Default => {
            column.default.clone().unwrap_or_else(|| "filled by the database".to_owned())
        }
        FieldValue::Text(_) => match column.field_type {
            FieldType::Date => "2026-12-31".to_owned(),
            FieldType::DateTime => "2026-12-31 10:00".to_owned(),
            FieldType::Time => "10:00".to_owned(),
            FieldType::List => "one, two".to_owned(),
            _ => String::new(),
        },
    })
}

fn line(column: &ColumnSpec, draft: RwSignal<FieldValue>, wiring: Wiring) -> AnyView {
    let node = NodeRef::<html::Input>::new();
    focus_when_shown(node, wiring.autofocus);
    let is_number = column.data_type == DataType::Number;
    let mode = is_number.then_some("decimal");
    let kind = if column.field_type == FieldType::Date { "date" } else { "text" };
    let class = if is_number { "input num" } else { "input" };
    let hint = column.clone();
    let aria_label = wiring.label.clone();
    view! {
        <div class=class aria-invalid=move || wiring.invalid.get().then_some("true")>
            <input
                node_ref=node
                id=wiring.id
                name=wiring.name
                r#type=kind
                inputmode=mode
                autocomplete="off"
                spellcheck="false"
                aria-label=aria_label
                aria-invalid=move || wiring.invalid.get().then_some("true")
                aria-describedby=move || wiring.described_by.get()
                placeholder=move || placeholder(&hint, draft)
                value=first_text(draft)
                prop:value=move || draft_text(draft)
                on:input:target=move |event| draft.set(FieldValue::Text(event.target().value()))
            />
        </div>
    }
    .into_any()
}

fn area(column: &ColumnSpec, draft: RwSignal<FieldValue>, wiring: Wiring) -> AnyView {
    let node = NodeRef::<html::Textarea>::new();
    focus_when_shown(node, wiring.autofocus);
    let hint = column.clone();
    let class = if column.field_type == FieldType::Json { "mono" } else { "" };
    view! {
        <div class="input area" aria-invalid=move || wiring.invalid.get().then_some("true")>
            <textarea
                node_ref=node
                class=class
                id=wiring.id
                name=wiring.name
                rows="3"
                spellcheck="false"
                aria-label=wiring.label
                aria-invalid=move || wiring.invalid.get().then_some("true")
                aria-describedby=move || wiring.described_by.get()
                placeholder=move || placeholder(&hint, draft)
                prop:value=move || draft_text(draft)
                on:input:target=move |event| draft.set(FieldValue::Text(event.target().value()))
            >
                {first_text(draft)}
            </textarea>
        </div>
    }
    .into_any()
}

/// A fixed list. The empty first entry stands for null or default, whichever the column has.
fn choices(
    column: &ColumnSpec,
    draft: RwSignal<FieldValue>,
    wiring: Wiring,
    options: Vec<(String, String)>,
) -> AnyView {
    let node = NodeRef::<html::Select>::new();
    focus_when_shown(node, wiring.autofocus);
    let unset = unset_value(column);
    let first = match &unset {
        FieldValue::Default => column.default.clone().unwrap_or_else(|| "default".to_owned()),
        FieldValue::Null => "null".to_owned(),
        FieldValue::Text(_) => "Choose…".to_owned(),
    };
    let now = first_text(draft);
    let options = options.into_iter().map(|(value, shown)| {
        let selected = value == now;
        view! { <option value=value selected=selected>{shown}</option> }
    });
    view! {
        <div class="input" aria-invalid=move || wiring.invalid.get().then_some("true")>
            <select
                node_ref=node
                id=wiring.id
                name=wiring.name
                aria-label=wiring.label
                aria-invalid=move || wiring.invalid.get().then_some("true")
                aria-describedby=move || wiring.described_by.get()
                prop:value=move || draft_text(draft)
                on:change:target=move |event| {
                    let chosen = event.target().value();
                    draft.set(if chosen.is_empty() { unset.clone() } else { FieldValue::Text(chosen) });
                }
            >
                <option value="">{first}</option>
                {options.collect_view()}
            </select>
            <span class="end"><Icon name="chevrons-up-down" class="s14" /></span>
        </div>
    }
    .into_any()
}

/// What a field means when nothing is chosen.
pub fn unset_value(column: &ColumnSpec) -> FieldValue {
    if column.default.is_some() {
        FieldValue::Default
    } else if column.nullable {
        FieldValue::Null
    } else {
        FieldValue::Text(String::new())
    }
}

/// Put the focus into a control that a person just opened.
fn focus_when_shown<E>(node: NodeRef<E>, wanted: bool)
where
    E: html::ElementType,
    E::Output: JsCast + Clone + 'static,
{
    if wanted {
        Effect::new(move |_| {
            if let Some(element) = node.get() {
                // Only fails for an element that cannot hold focus.
                let _focused = element.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    }
}
