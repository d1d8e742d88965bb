//! A stored value that can be changed in place: edit, save, saved, refused.

use super::control::{Control, Place, Wiring, draft_text};
use crate::serverfns::write::update_cell;
use api_types::{
    RecordKey,
    console::{Cell, ColumnSpec, DataType, FieldValue},
};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// How long a saved value says so.
const SAVED_FOR: Duration = Duration::from_millis(900);

/// Where an edit stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    Still,
    Editing,
    Saving,
    Saved,
    /// The database or the column's type said no; what was typed is kept.
    Refused(String),
}

/// One value under edit.
#[derive(Clone, Copy)]
pub struct Edit {
    pub cell: RwSignal<Cell>,
    pub stage: RwSignal<Stage>,
    pub draft: RwSignal<FieldValue>,
    slot: StoredValue<Slot>,
    /// Where the outcome is told to people who cannot see it.
    announce: RwSignal<String>,
}

/// Which value of which row.
#[derive(Clone)]
pub struct Slot {
    pub place: Place,
    pub key: RecordKey,
    pub column: ColumnSpec,
    /// The id of the element that holds the value; focus returns to it.
    pub home: String,
}

impl Edit {
    pub fn new(cell: Cell, slot: Slot, announce: RwSignal<String>) -> Self {
        let draft = RwSignal::new(stored(&cell));
        Self {
            cell: RwSignal::new(cell),
            stage: RwSignal::new(Stage::Still),
            draft,
            slot: StoredValue::new(slot),
            announce,
        }
    }

    pub fn column(self) -> ColumnSpec {
        self.slot.with_value(|slot| slot.column.clone())
    }

    pub fn is_open(self) -> bool {
        matches!(self.stage.get(), Stage::Editing | Stage::Refused(_))
    }

    pub fn start(self) {
        if matches!(self.stage.get_untracked(), Stage::Still | Stage::Saved) {
            self.draft.set(self.cell.with_untracked(stored));
            self.stage.set(Stage::Editing);
        }
    }

    /// Back to what the row holds. Nothing is written.
    pub fn restore(self) {
        self.stage.set(Stage::Still);
        self.go_home();
    }

    /// Focus was in the editor, which is going away; give it back to the value.
    fn go_home(self) {
        let home = self.slot.with_value(|slot| slot.home.clone());
        request_animation_frame(move || {
            let home = document().get_element_by_id(&home);
            if let Some(home) = home.and_then(|home| home.dyn_into::<HtmlElement>().ok()) {
                // The element is in the document, so it takes the focus.
                let _focused = home.focus();
            }
        });
    }

    /// Whether the person is still at this value.
    fn is_attended(self) -> bool {
        let home = self.slot.with_value(|slot| slot.home.clone());
        self.stage.get_untracked() == Stage::Editing
            || document().active_element().is_some_and(|active| active.id() == home)
    }

    /// Write the draft, unless nothing changed.
    pub fn save(self) {
        let value = self.meant();
        if self.cell.with_untracked(stored) == value {
            return self.restore();
        }
        self.stage.set(Stage::Saving);
        self.go_home();
        self.announce.set(self.words("is being saved"));
        let Slot { place, key, column, home: _ } = self.slot.get_value();
        spawn_local(async move {
            let saved = update_cell(place.client, place.resource, key, column.name, value).await;
            match saved {
                Ok(cell) => self.accept(cell),
                Err(error) => {
                    let problem = error.problem();
                    let own = problem.fields.first().map(|field| field.message.clone());
                    let message = own.unwrap_or(problem.message);
                    self.announce.try_set(String::new());
                    self.stage.try_set(Stage::Refused(message));
                }
            }
        });
    }

    fn accept(self, cell: Cell) {
        // The page may be gone by now; then there is nobody to tell.
        if self.cell.try_set(cell).is_some() {
            return;
        }
        self.announce.set(self.words("is saved"));
        self.stage.set(Stage::Saved);
        set_timeout(
            move || {
                if self.stage.try_get_untracked() == Some(Stage::Saved) {
                    self.stage.set(Stage::Still);
                }
            },
            SAVED_FOR,
        );
    }

    /// Empty text means null where the type has no empty text.
    fn meant(self) -> FieldValue {
        let (holds_text, nullable) =
            self.slot.with_value(|slot| (holds_empty_text(&slot.column), slot.column.nullable));
        match self.draft.get_untracked() {
            FieldValue::Text(text) if text.is_empty() && !holds_text && nullable => {
                FieldValue::Null
            }
            value => value,
        }
    }

    fn words(self, what: &str) -> String {
        self.slot.with_value(|slot| format!("{} {what}", slot.column.label))
    }
}

/// Whether `""` is a value of this column, and not only nothing.
pub fn holds_empty_text(column: &ColumnSpec) -> bool {
    column.data_type == DataType::String && column.options.is_empty() && column.reference.is_none()
}

fn stored(cell: &Cell) -> FieldValue {
    cell.value.clone().map_or(FieldValue::Null, FieldValue::Text)
}

/// The lifted editor with its former value, its keys, and what was refused.
#[component]
pub fn Editor(edit: Edit, #[prop(into)] id: String) -> impl IntoView {
    let (place, column) = edit.slot.with_value(|slot| (slot.place.clone(), slot.column.clone()));
    let tip_id = format!("{id}-tip");
    let refused = Signal::derive(move || match edit.stage.get() {
        Stage::Refused(message) => Some(message),
        Stage::Still | Stage::Editing | Stage::Saving | Stage::Saved => None,
    });
    let described_by = {
        let tip_id = tip_id.clone();
        Signal::derive(move || Some(tip_id.clone()))
    };
    let wiring = Wiring {
        id: format!("{id}-input"),
        name: None,
        label: column.label.clone(),
        invalid: Signal::derive(move || refused.get().is_some()),
        described_by,
        autofocus: edit.is_attended(),
    };
    let cell = edit.cell.get_untracked();
    let was = super::cell::plain(&column, &cell);
    let label = cell.label;
    view! {
        <div class="dg-edit" on:keydown=move |event| keys(edit, &event)>
            <Control column=column.clone() place draft=edit.draft wiring label />
        </div>
        <div class="dg-tip" id=tip_id>
            {move || refused.get().map(|message| refusal(message, was.clone()))}
            {hints(edit, &column)}
        </div>
    }
    .into_any()
}

fn refusal(message: String, was: String) -> AnyView {
    view! {
        <p class="refused" role="alert">
            <b>{crate::words::sentence(&message)}</b>
            " Nothing was written; the row still holds "
            <b>{was}</b>
            "."
        </p>
    }
    .into_any()
}

fn hints(edit: Edit, column: &ColumnSpec) -> AnyView {
    let set = move |value: FieldValue| {
        move |_| {
            edit.draft.set(value.clone());
            edit.save();
        }
    };
    let nullable = column.nullable;
    let button = |label: String, value: FieldValue| {
        view! {
            <button type="button" class="btn sm" on:click=set(value)>
                {label}
            </button>
        }
    };
    view! {
        <div class="edit-keys">
            <span><kbd class="kbd">"↵"</kbd>" save"</span>
            <span><kbd class="kbd">"esc"</kbd>" restore"</span>
            <span class="grow"></span>
            {nullable.then(|| button("Set null".to_owned(), FieldValue::Null))}
            {holds_empty_text(column)
                .then(|| button("Set \"\"".to_owned(), FieldValue::Text(String::new())))}
            {column.default.is_some().then(|| button("Set default".to_owned(), FieldValue::Default))}
        </div>
    }
    .into_any()
}

/// Enter saves, Shift+Enter is a new line, Esc restores. Nothing else leaves the editor.
fn keys(edit: Edit, event: &KeyboardEvent) {
    event.stop_propagation();
    match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            edit.save();
        }
        "Escape" => {
            event.prevent_default();
            edit.restore();
        }
        _ => {}
    }
}

/// The words of a draft, for a cell that is being saved.
pub fn draft_words(edit: Edit) -> String {
    match edit.draft.get() {
        FieldValue::Null => "null".to_owned(),
        FieldValue::Default => "default".to_owned(),
        FieldValue::Text(_) => draft_text(edit.draft),
    }
}
