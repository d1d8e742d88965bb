//! A record's facts and sections: definition lists whose values can be edited in place.

use crate::{
    components::{
        cell::{cell_value, is_wide},
        control::Place,
        editable::{Edit, Editor, Slot, Stage, draft_words},
        icon::Icon,
    },
    pages::list::state,
};
use api_types::console::{Cell, ColumnSpec, RecordPage, Section};
use leptos::prelude::*;

/// At most five facts at the top.
pub fn facts(page: &RecordPage) -> Option<AnyView> {
    let facts = page.summary.iter().filter_map(|name| find(page, name));
    let facts = facts.map(|(_, column, cell)| {
        view! {
            <div class="kv">
                <dt>{column.label.clone()}</dt>
                <dd class="fact">{cell_value(&page.resource.client, column, cell)}</dd>
            </div>
        }
    });
    let facts = facts.collect::<Vec<_>>();
    (!facts.is_empty()).then(|| view! { <dl class="facts">{facts}</dl> }.into_any())
}

pub fn sections(page: &RecordPage, announce: RwSignal<String>) -> AnyView {
    let sections = page.sections.iter().map(|section| one_section(page, section, announce));
    sections.collect_view().into_any()
}

fn one_section(page: &RecordPage, section: &Section, announce: RwSignal<String>) -> AnyView {
    let fields = section.columns.iter().filter_map(|name| find(page, name));
    let fields = fields.map(|(index, column, cell)| field(page, index, column, cell, announce));
    view! {
        <section class="record-section" aria-label=section.title.clone()>
            <h2>{section.title.clone()}</h2>
            <dl class="pairs">{fields.collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn find<'a>(page: &'a RecordPage, name: &str) -> Option<(usize, &'a ColumnSpec, &'a Cell)> {
    let index = page.resource.columns.iter().position(|column| column.name == name)?;
    Some((index, page.resource.columns.get(index)?, page.cells.get(index)?))
}

fn field(
    page: &RecordPage,
    index: usize,
    column: &ColumnSpec,
    cell: &Cell,
    announce: RwSignal<String>,
) -> AnyView {
    let reason = page.resource.read_only.clone().or_else(|| column.read_only.clone());
    let class = if is_wide(column) { "kv wide-field" } else { "kv" };
    let mark = if column.reference.is_some() {
        Some("link-2")
    } else {
        reason.is_some().then_some("lock")
    };
    let value = match &reason {
        Some(reason) => {
            let content = cell_value(&page.resource.client, column, cell);
            view! { <dd title=reason.clone()>{content}</dd> }.into_any()
        }
        None => editable(page, index, column, cell, announce),
    };
    view! {
        <div class=class>
            <dt title=column.help.clone()>
                {column.label.clone()} {mark.map(|name| view! { <Icon name class="s12" /> })}
            </dt>
            {value}
        </div>
    }
    .into_any()
}

fn editable(
    page: &RecordPage,
    index: usize,
    column: &ColumnSpec,
    cell: &Cell,
    announce: RwSignal<String>,
) -> AnyView {
    let id = format!("field-{index}");
    let slot = Slot {
        place: Place { client: page.resource.client.clone(), resource: page.resource.key.clone() },
        key: page.key.clone(),
        column: column.clone(),
        home: format!("{id}-edit"),
    };
    let edit = Edit::new(cell.clone(), slot, announce);
    let client = page.resource.client.clone();
    let known = column.clone();
    let button_id = format!("{id}-edit");
    let shown = move || {
        let value = || edit.cell.with(|cell| cell_value(&client, &known, cell));
        match edit.stage.get() {
            Stage::Still => value(),
            Stage::Editing | Stage::Refused(_) => {
                view! { <Editor edit id=id.clone() /> }.into_any()
            }
            Stage::Saving => {
                view! { <span class="cut">{draft_words(edit)}</span> <span class="spin"></span> }
                    .into_any()
            }
            Stage::Saved => {
                view! { {value()} <span class="tick"><Icon name="check" class="s14" /></span> }
                    .into_any()
            }
        }
    };
    let ready = crate::ready::Ready::get();
    view! {
        <dd
            class="slot"
            data-state=move || state(&edit.stage.get())
            on:dblclick=move |_| edit.start()
        >
            {shown}
            <button
                type="button"
                id=button_id
                class="btn quiet sq sm edit-button"
                aria-label=format!("Edit {}", column.label)
                hidden=move || !ready.is_ready()
                on:click=move |_| edit.start()
            >
                <Icon name="pencil" class="s14" />
            </button>
        </dd>
    }
    .into_any()
}
