//! One row of the grid, and its cells: still, editing, saving, saved, refused.

use super::{
    grid::{At, Grid},
    header::stop,
};
use crate::{
    components::{
        cell::{Alignment, alignment, cell_value},
        control::Place,
        editable::{Edit, Editor, Slot, Stage, draft_words},
        icon::Icon,
    },
    links,
    ready::Ready,
};
use api_types::{
    RecordKey,
    console::{Cell, ColumnSpec, ListPage, ResourceSpec, Row},
};
use leptos::prelude::*;

pub fn view(
    page: &ListPage,
    columns: &[ColumnSpec],
    roles: &[Option<&'static str>],
    grid: Grid,
    first: usize,
    index: usize,
    row: &Row,
) -> AnyView {
    let spec = &page.resource;
    let link_at = columns.iter().position(carries_link);
    let cells = columns.iter().zip(&row.cells).zip(roles).enumerate();
    let cells = cells.map(|(at, ((column, cell), role))| {
        let look = Look {
            at: (index + 1, at),
            role: *role,
            href: (link_at == Some(at) || names_row(column, *role))
                .then(|| href(spec, row.key.as_ref()))
                .flatten(),
        };
        match (&row.key, why_not(spec, column, cell)) {
            (Some(key), None) => editable(grid, spec, column, key, cell, look),
            (_, reason) => still(grid, spec, column, cell, reason, look),
        }
    });
    view! {
        <tr role="row" aria-rowindex=(first + index + 2).to_string()>
            {cells.collect_view()}
            {open(grid, spec, row, (index + 1, columns.len()))}
        </tr>
    }
    .into_any()
}

/// Where a cell stands and what it does besides showing its value.
struct Look {
    at: At,
    role: Option<&'static str>,
    /// The record, when this cell is the row's link.
    href: Option<String>,
}

/// A key, or what names the row on a narrow screen's card, leads to the record as well.
fn names_row(column: &ColumnSpec, role: Option<&'static str>) -> bool {
    let names = column.is_key || matches!(role, Some("number" | "customer"));
    names && carries_link(column)
}

fn carries_link(column: &ColumnSpec) -> bool {
    column.reference.is_none() && !column.is_status
}

fn href(spec: &ResourceSpec, key: Option<&RecordKey>) -> Option<String> {
    key.map(|key| links::record(&spec.client, &spec.key, key))
}

/// Why a cell cannot be edited here, if it cannot.
fn why_not(spec: &ResourceSpec, column: &ColumnSpec, cell: &Cell) -> Option<String> {
    let cut = || cell.cut_from.map(|_| "Too long to edit here; open the record.".to_owned());
    spec.read_only.clone().or_else(|| column.read_only.clone()).or_else(cut)
}

fn class_of(column: &ColumnSpec) -> &'static str {
    match (alignment(column), column.is_key) {
        (Alignment::End, _) => "r",
        (Alignment::Start, true) => "id",
        (Alignment::Start, false) => "",
    }
}

fn linked(content: AnyView, href: Option<String>) -> AnyView {
    let ready = Ready::get();
    match href {
        Some(href) => {
            view! { <a class="row-link cut" href=href tabindex=move || ready.roving()>{content}</a> }.into_any()
        }
        None => content,
    }
}

fn still(
    grid: Grid,
    spec: &ResourceSpec,
    column: &ColumnSpec,
    cell: &Cell,
    reason: Option<String>,
    look: Look,
) -> AnyView {
    let Look { at, role, href } = look;
    let content = linked(cell_value(&spec.client, column, cell), href);
    view! {
        <td
            class=class_of(column)
            role="gridcell"
            aria-readonly="true"
            title=reason
            data-c=role
            data-at=format!("{},{}", at.0, at.1)
            tabindex=move || stop(grid, at)
        >
            {content}
        </td>
    }
    .into_any()
}

fn editable(
    grid: Grid,
    spec: &ResourceSpec,
    column: &ColumnSpec,
    key: &RecordKey,
    cell: &Cell,
    look: Look,
) -> AnyView {
    let Look { at, role, href } = look;
    let id = format!("cell-{}-{}-{}", grid.prefix, at.0, at.1);
    let slot = Slot {
        place: Place { client: spec.client.clone(), resource: spec.key.clone() },
        key: key.clone(),
        column: column.clone(),
        home: id.clone(),
    };
    let edit = Edit::new(cell.clone(), slot, grid.announce);
    grid.edits.update_value(|edits| {
        edits.insert(at, edit);
    });
    let tip = format!("{id}-tip");
    let content = contents(edit, id.clone(), spec, href);
    view! {
        <td
            id=id
            class=class_of(column)
            role="gridcell"
            data-c=role
            data-at=format!("{},{}", at.0, at.1)
            data-state=move || state(&edit.stage.get())
            aria-invalid=move || matches!(edit.stage.get(), Stage::Refused(_)).then_some("true")
            aria-describedby=move || edit.is_open().then(|| tip.clone())
            aria-busy=move || (edit.stage.get() == Stage::Saving).then_some("true")
            tabindex=move || stop(grid, at)
        >
            {content}
        </td>
    }
    .into_any()
}

fn contents(
    edit: Edit,
    id: String,
    spec: &ResourceSpec,
    href: Option<String>,
) -> impl Fn() -> AnyView + use<> {
    let client = spec.client.clone();
    move || {
        let value = || {
            let column = edit.column();
            linked(edit.cell.with(|cell| cell_value(&client, &column, cell)), href.clone())
        };
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
    }
}

pub fn state(stage: &Stage) -> Option<&'static str> {
    match stage {
        Stage::Still => None,
        Stage::Editing => Some("edit"),
        Stage::Saving => Some("saving"),
        Stage::Saved => Some("saved"),
        Stage::Refused(_) => Some("error"),
    }
}

fn open(grid: Grid, spec: &ResourceSpec, row: &Row, at: At) -> AnyView {
    let ready = Ready::get();
    let link = href(spec, row.key.as_ref()).map(|href| {
        let label = format!("Open {} {}", spec.singular, row.key.as_ref().map(RecordKey::to_string).unwrap_or_default());
        view! {
            <a class="rowact btn quiet sq sm" href=href aria-label=label tabindex=move || ready.roving()>
                <Icon name="chevron-right" class="dir" />
            </a>
        }
    });
    view! {
        <td class="mid" role="gridcell" data-at=format!("{},{}", at.0, at.1) tabindex=move || stop(grid, at)>
            {link}
        </td>
    }
    .into_any()
}
