//! One field of the form: label, control, the choice between value, null and default, and errors.

use super::form::Frame;
use crate::{
    components::{
        control::{Control, Place, Wiring, unset_value},
        icon::Icon,
    },
    error::ConsoleError,
};
use api_types::console::{ColumnSpec, FieldType, FieldValue};
use leptos::prelude::*;

#[component]
pub fn Field(
    column: ColumnSpec,
    place: Place,
    index: usize,
    failed: Signal<Option<ConsoleError>>,
    autofocus: bool,
    frame: Frame,
) -> impl IntoView {
    let draft = RwSignal::new(unset_value(&column));
    let prefix = if frame == Frame::Dialog { "new" } else { "page" };
    let id = format!("{prefix}-{index}");
    let error_id = format!("{id}-error");
    let help_id = format!("{id}-help");
    let name = column.name.clone();
    // With what was refused, so that the message goes once something else is typed.
    let refused = Memo::new(move |_| {
        let fields = failed.get()?.problem().fields;
        let own = fields.into_iter().find(|field| field.field == name)?;
        Some((own.message, draft.get_untracked()))
    });
    let still_refused = move || {
        let (message, value) = refused.get()?;
        draft.with(|now| *now == value).then_some(message)
    };
    let json = Memo::new({
        let is_json = column.field_type == FieldType::Json;
        move |_| draft.with(|value| if is_json { json_fault(value) } else { None })
    });
    let message = Signal::derive(move || still_refused().or_else(|| json.get()));
    let described_by = {
        let (error_id, help_id) = (error_id.clone(), help_id.clone());
        let has_help = column.help.is_some();
        Signal::derive(move || match message.get() {
            Some(_) => Some(error_id.clone()),
            None => has_help.then(|| help_id.clone()),
        })
    };
    let wiring = Wiring {
        id: id.clone(),
        name: Some(format!("fields[{index}][text]")),
        label: column.label.clone(),
        invalid: Signal::derive(move || message.get().is_some()),
        described_by,
        autofocus,
    };
    let class =
        if crate::components::cell::is_wide(&column) { "field wide-field" } else { "field" };
    let help = column.help.clone();
    view! {
        <div class=class>
            <input type="hidden" name=format!("fields[{index}][column]") value=column.name.clone() />
            {label(&column, &id, index, draft)}
            <Control column=column.clone() place draft wiring label=None />
            {move || match message.get() {
                Some(message) => {
                    view! {
                        <span class="err" role="alert" id=error_id.clone()>
                            <Icon name="circle-alert" class="s14" />
                            <span>{crate::words::sentence(&message)}</span>
                        </span>
                    }
                        .into_any()
                }
                None => {
                    let help = help.clone();
                    help.map(|help| view! { <span class="help" id=help_id.clone()>{help}</span> }).into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// Label, *optional*, and what an untouched field means.
fn label(column: &ColumnSpec, id: &str, index: usize, draft: RwSignal<FieldValue>) -> AnyView {
    let optional = !column.required;
    let word = |value: &FieldValue| match value {
        FieldValue::Null => "null",
        FieldValue::Default => "default",
        FieldValue::Text(_) => "text",
    };
    let default = column.default.clone();
    let mut choices = vec![("text", "a value".to_owned())];
    if column.nullable {
        choices.push(("null", "null".to_owned()));
    }
    if let Some(default) = default {
        choices.push(("default", format!("default {default}")));
    }
    let chosen = word(&unset_value(column));
    let name = format!("fields[{index}][kind]");
    let kind = (choices.len() > 1).then(|| {
        let options = choices.into_iter().map(|(kind, shown)| {
            view! { <option value=kind selected=kind == chosen>{shown}</option> }
        });
        view! {
            <select
                class="kind"
                name=name.clone()
                aria-label=format!("{}: a value, null or default", column.label)
                prop:value=move || draft.with(word)
                on:change:target=move |event| draft.set(of_kind(&event.target().value()))
            >
                {options.collect_view()}
            </select>
        }
    });
    let fixed = kind.is_none().then(|| view! { <input type="hidden" name=name value="text" /> });
    view! {
        <div class="lab">
            <label for=id.to_owned()>{column.label.clone()}</label>
            {optional.then(|| view! { <span class="opt">"optional"</span> })}
            {kind}
            {fixed}
        </div>
    }
    .into_any()
}

fn of_kind(kind: &str) -> FieldValue {
    match kind {
        "null" => FieldValue::Null,
        "default" => FieldValue::Default,
        _ => FieldValue::Text(String::new()),
    }
}

/// The line and reason when a text is no JSON; the database is not asked about it.
fn json_fault(value: &FieldValue) -> Option<String> {
    let FieldValue::Text(text) = value else { return None };
    if text.trim().is_empty() {
        return None;
    }
    crate::components::json::fault(text)
}
