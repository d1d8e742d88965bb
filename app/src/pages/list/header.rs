//! Column headers: sort by link, order numbers, and what kind of column it is.

use super::{
    address,
    grid::{At, Grid},
};
use crate::{
    components::{
        cell::{Alignment, alignment},
        icon::Icon,
    },
    ready::Ready,
};
use api_types::console::{ColumnSpec, ListPage};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_router::hooks::use_navigate;

pub fn view(page: &ListPage, columns: &[ColumnSpec], grid: Grid) -> AnyView {
    let cells = columns.iter().enumerate().map(|(at, column)| cell(page, column, grid, (0, at)));
    let last = columns.len();
    view! {
        <tr role="row" aria-rowindex="1">
            {cells.collect_view()}
            <th class="mid" role="columnheader" data-at=format!("0,{last}") tabindex=move || stop(grid, (0, last))>
                <span class="sr">"Open"</span>
            </th>
        </tr>
    }
    .into_any()
}

/// `0` on the one cell that Tab reaches, `-1` on the others; nothing before scripts run.
pub fn stop(grid: Grid, at: At) -> Option<&'static str> {
    let ready = Ready::get().is_ready();
    ready.then(|| if grid.active.get() == at { "0" } else { "-1" })
}

fn cell(page: &ListPage, column: &ColumnSpec, grid: Grid, at: At) -> AnyView {
    let order = page.query.sort.iter().position(|term| term.column == column.name);
    let descending = order.is_some_and(|index| page.query.sort[index].descending);
    let aria_sort = order.map(|_| if descending { "descending" } else { "ascending" });
    let mark = order.map(|index| {
        let arrow = if descending { "arrow-down" } else { "arrow-up" };
        let number = (page.query.sort.len() > 1).then_some(index + 1);
        view! { <span class="ord"><Icon name=arrow />{number}</span> }
    });
    let ready = Ready::get();
    let navigate = use_navigate();
    let beside = address::sorted(page, &column.name, true);
    let add = move |event: MouseEvent| {
        // Shift keeps the other columns' order; without it the link itself does the work.
        if event.shift_key() {
            event.prevent_default();
            navigate(&beside, leptos_router::NavigateOptions::default());
        }
    };
    let class = if alignment(column) == Alignment::End { "r" } else { "" };
    let title = format!("{}. Click to sort, Shift+click to sort by it as well", column.sql_type);
    view! {
        <th
            class=class
            role="columnheader"
            scope="col"
            aria-sort=aria_sort
            data-at=format!("{},{}", at.0, at.1)
            tabindex=move || stop(grid, at)
        >
            <a
                href=address::sorted(page, &column.name, false)
                title=title
                tabindex=move || ready.roving()
                on:click=add
            >
                {column.label.clone()}
            </a>
            {kind_mark(column)}
            {mark}
        </th>
    }
    .into_any()
}

fn kind_mark(column: &ColumnSpec) -> Option<AnyView> {
    let (icon, word) = if column.reference.is_some() {
        ("link-2", "leads to another record")
    } else if column.is_key {
        ("key-round", "key")
    } else if column.read_only.is_some() {
        ("lock", "read-only")
    } else {
        return None;
    };
    Some(view! { <Icon name=icon /> <span class="sr">{word}</span> }.into_any())
}
