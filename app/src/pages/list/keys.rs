//! The grid under the keyboard: arrows move one focus, Enter edits, modified keys never do.

use super::grid::{At, Grid};
use leptos::{
    ev::{FocusEvent, KeyboardEvent, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlElement};

/// Rows that Page Up and Page Down pass over.
const PAGE: usize = 10;

/// A key on a cell. Keys inside an editor or on a link never come here as cell keys.
pub fn press(grid: Grid, event: &KeyboardEvent) {
    let Some((cell, at)) = event.target().and_then(own_cell) else { return };
    let with_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
    let last: At = (grid.rows, grid.columns.saturating_sub(1));
    let to = match event.key().as_str() {
        "Home" if event.ctrl_key() => (0, 0),
        "End" if event.ctrl_key() => last,
        _ if with_modifier => return,
        "ArrowUp" => (at.0.saturating_sub(1), at.1),
        "ArrowDown" => ((at.0 + 1).min(last.0), at.1),
        "ArrowLeft" => (at.0, at.1.saturating_sub(1)),
        "ArrowRight" => (at.0, (at.1 + 1).min(last.1)),
        "Home" => (at.0, 0),
        "End" => (at.0, last.1),
        "PageUp" => (at.0.saturating_sub(PAGE), at.1),
        "PageDown" => ((at.0 + PAGE).min(last.0), at.1),
        "Enter" | "F2" => {
            event.prevent_default();
            return act(grid, &cell, at, event.shift_key());
        }
        _ => return,
    };
    event.prevent_default();
    go(grid, to);
}

/// Edit what can be edited, else follow the cell's link. Shift always follows it.
fn act(grid: Grid, cell: &HtmlElement, at: At, follow: bool) {
    let edit = grid.edits.with_value(|edits| edits.get(&at).copied());
    match edit.filter(|_| !follow) {
        Some(edit) => edit.start(),
        None => {
            let link = cell.query_selector("a").ok().flatten();
            if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
                link.click();
            }
        }
    }
}

pub fn double_click(grid: Grid, event: &MouseEvent) {
    let at = event.target().and_then(cell_around).and_then(|cell| place(&cell));
    if let Some(edit) = at.and_then(|at| grid.edits.with_value(|edits| edits.get(&at).copied())) {
        edit.start();
    }
}

/// Wherever the focus came from, that cell is now the grid's one Tab stop.
pub fn focus_in(grid: Grid, event: &FocusEvent) {
    let at = event.target().and_then(cell_around).and_then(|cell| place(&cell));
    if let Some(at) = at.filter(|at| grid.active.get_untracked() != *at) {
        grid.active.set(at);
    }
}

fn go(grid: Grid, to: At) {
    let Some(table) = grid.table.get_untracked() else { return };
    let found = table.query_selector(&format!("[data-at=\"{},{}\"]", to.0, to.1)).ok().flatten();
    if let Some(cell) = found.and_then(|cell| cell.dyn_into::<HtmlElement>().ok()) {
        // The cell is in the document, so it takes the focus.
        let _focused = cell.focus();
    }
}

/// The cell that has the focus itself, not something inside it.
fn own_cell(target: EventTarget) -> Option<(HtmlElement, At)> {
    let cell = target.dyn_into::<HtmlElement>().ok()?;
    let at = place(cell.as_ref())?;
    Some((cell, at))
}

fn cell_around(target: EventTarget) -> Option<Element> {
    target.dyn_into::<Element>().ok()?.closest("[data-at]").ok().flatten()
}

fn place(cell: &Element) -> Option<At> {
    let text = cell.get_attribute("data-at")?;
    let (row, column) = text.split_once(',')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}
