//! A foreign key's choice: server search after a pause, keys as well as labels, keyboard first.
//!
//! Without scripts it is a plain input that takes the key itself.

use super::control::{Place, Wiring, draft_text, placeholder};
use super::icon::Icon;
use crate::{ready::Ready, serverfns::rows::load_options, words};
use api_types::console::{ColumnSpec, FieldValue, OptionItem};
use leptos::{ev::KeyboardEvent, html, prelude::*, task::spawn_local};
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(250);

/// The list under the input, and what it is about to choose.
#[derive(Clone, Copy)]
struct Choices {
    open: RwSignal<bool>,
    items: RwSignal<Vec<OptionItem>>,
    active: RwSignal<usize>,
    note: RwSignal<String>,
    /// The words shown for the chosen key.
    shown: RwSignal<Option<String>>,
    draft: RwSignal<FieldValue>,
}

impl Choices {
    fn choose(self, index: usize) {
        if let Some(item) = self.items.with(|items| items.get(index).cloned()) {
            self.draft.set(FieldValue::Text(item.value));
            self.shown.set(Some(item.label));
            self.open.set(false);
        }
    }

    fn step(self, forward: bool) {
        let count = self.items.with(Vec::len);
        if count > 0 {
            let by = if forward { 1 } else { count - 1 };
            self.active.update(|active| *active = (*active + by) % count);
        }
    }

    fn typed(self, text: String) {
        // A typed key is accepted as it is; choosing a label replaces it.
        self.draft.set(FieldValue::Text(text));
        self.shown.set(None);
    }

    fn search(self, place: &Place, column: &str, text: String) {
        let (client, resource, column) =
            (place.client.clone(), place.resource.clone(), column.to_owned());
        spawn_local(async move {
            let found = load_options(client, resource, column, text).await;
            match found {
                Ok(list) => {
                    let more = if list.has_more { "first " } else { "" };
                    let note =
                        format!("{more}{}, {}", list.items.len(), words::duration(list.took_ms));
                    self.note.try_set(note);
                    self.active.try_set(0);
                    self.items.try_set(list.items);
                }
                Err(error) => {
                    self.items.try_set(Vec::new());
                    self.note.try_set(error.to_string());
                }
            }
            self.open.try_set(true);
        });
    }
}

#[component]
pub fn Combobox(
    column: ColumnSpec,
    place: Place,
    draft: RwSignal<FieldValue>,
    wiring: Wiring,
    label: Option<String>,
) -> impl IntoView {
    let choices = Choices {
        open: RwSignal::new(false),
        items: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        note: RwSignal::new(String::new()),
        shown: RwSignal::new(label),
        draft,
    };
    let name = column.name.clone();
    let searching = StoredValue::new(place);
    let find = StoredValue::new(name);
    let latest = StoredValue::new(0_u32);
    // Ask only when nothing more was typed for a moment.
    let search = move |text: String| {
        latest.update_value(|turn| *turn = turn.wrapping_add(1));
        let turn = latest.get_value();
        let ask = move || {
            if latest.try_get_value() == Some(turn) {
                searching
                    .with_value(|place| find.with_value(|name| choices.search(place, name, text)));
            }
        };
        set_timeout(ask, PAUSE);
    };
    let list_id = format!("{}-list", wiring.id);
    view! {
        <div class="combo">
            {input(column, wiring, choices, search, list_id.clone())}
            {move || choices.open.get().then(|| listbox(choices, list_id.clone()))}
        </div>
    }
    .into_any()
}

fn input(
    column: ColumnSpec,
    wiring: Wiring,
    choices: Choices,
    ask: impl Fn(String) + Copy + Send + Sync + 'static,
    list_id: String,
) -> AnyView {
    let ready = Ready::get();
    let node = NodeRef::<html::Input>::new();
    if wiring.autofocus {
        Effect::new(move |_| {
            if let Some(element) = node.get() {
                // Only fails for an element that cannot hold focus.
                let _focused = element.focus();
            }
        });
    }
    let hint = column.clone();
    let text = move || choices.shown.get().unwrap_or_else(|| draft_text(choices.draft));
    let active_id = {
        let list_id = list_id.clone();
        move || choices.open.get().then(|| format!("{list_id}-{}", choices.active.get()))
    };
    // With scripts the visible input shows a label, and a hidden one sends the key.
    let name = wiring.name.clone();
    let visible_name = wiring.name;
    view! {
        {move || {
            name.clone()
                .filter(|_| ready.is_ready())
                .map(|name| {
                    view! { <input type="hidden" name=name prop:value=move || draft_text(choices.draft) /> }
                })
        }}
        <div class="input" aria-invalid=move || wiring.invalid.get().then_some("true")>
            <input
                node_ref=node
                id=wiring.id
                name=move || visible_name.clone().filter(|_| !ready.is_ready())
                type="text"
                autocomplete="off"
                spellcheck="false"
                role=move || ready.is_ready().then_some("combobox")
                aria-label=wiring.label
                aria-expanded=move || ready.is_ready().then(|| choices.open.get().to_string())
                aria-controls=move || choices.open.get().then(|| list_id.clone())
                aria-activedescendant=active_id
                aria-autocomplete=move || ready.is_ready().then_some("list")
                aria-invalid=move || wiring.invalid.get().then_some("true")
                aria-describedby=move || wiring.described_by.get()
                placeholder=move || placeholder(&hint, choices.draft)
                value=untrack(text)
                prop:value=text
                on:input:target=move |event| {
                    let typed = event.target().value();
                    choices.typed(typed.clone());
                    ask(typed);
                }
                on:focus=move |_| ask(String::new())
                on:blur=move |_| choices.open.set(false)
                on:keydown=move |event| keys(choices, &event)
            />
            <span class="end"><Icon name="chevrons-up-down" class="s14" /></span>
        </div>
    }
    .into_any()
}

/// Arrows walk, Enter chooses, Esc closes the list before it closes anything else.
fn keys(choices: Choices, event: &KeyboardEvent) {
    let open = choices.open.get_untracked();
    let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
    match event.key().as_str() {
        "ArrowDown" | "ArrowUp" if plain && open => choices.step(event.key() == "ArrowDown"),
        "ArrowDown" if plain => choices.open.set(true),
        "Enter" if plain && open && choices.items.with_untracked(|items| !items.is_empty()) => {
            choices.choose(choices.active.get_untracked());
        }
        "Escape" if open => choices.open.set(false),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn listbox(choices: Choices, list_id: String) -> AnyView {
    let items = move || {
        let list_id = list_id.clone();
        let items = choices.items.get().into_iter().enumerate();
        items
            .map(move |(index, item)| option(choices, format!("{list_id}-{index}"), index, item))
            .collect_view()
    };
    view! {
        <div class="pop menu combo-list">
            <div role="listbox" aria-label="Choices">{items}</div>
            <div class="mh" role="status">{move || choices.note.get()}</div>
        </div>
    }
    .into_any()
}

fn option(choices: Choices, id: String, index: usize, item: OptionItem) -> AnyView {
    let is_active = move || choices.active.get() == index;
    view! {
        <div
            id=id
            class="mi"
            role="option"
            aria-selected=move || is_active().to_string()
            data-active=move || is_active().then_some("")
            // Before the input loses focus, which would close the list.
            on:mousedown=move |event| {
                event.prevent_default();
                choices.choose(index);
            }
        >
            <span class="cut">{item.label}</span>
            <span class="end mono">{item.value}</span>
        </div>
    }
    .into_any()
}
