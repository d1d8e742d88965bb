//! The data grid: an ARIA grid over plain table markup, one Tab stop in and one out.

use super::{header, keys, paging, row};
use crate::components::{
    cell::{Alignment, alignment, is_money},
    editable::Edit,
};
use api_types::console::{ColumnSpec, DataType, ListPage, RowCount};
use leptos::{html, prelude::*};
use std::collections::HashMap;

/// A cell's place: row 0 is the header.
pub type At = (usize, usize);

/// What the cells of one grid share.
#[derive(Clone, Copy)]
pub struct Grid {
    /// Tells the cells of several grids on one page apart.
    pub prefix: usize,
    pub table: NodeRef<html::Table>,
    /// The one cell that Tab reaches.
    pub active: RwSignal<At>,
    pub edits: StoredValue<HashMap<At, Edit>>,
    pub announce: RwSignal<String>,
    pub rows: usize,
    pub columns: usize,
}

/// The columns of a page in the order its cells come in.
pub fn shown_columns(page: &ListPage) -> Vec<ColumnSpec> {
    let known = &page.resource.columns;
    let of_name = |name: &String| known.iter().find(|column| column.name == *name).cloned();
    page.columns.iter().filter_map(of_name).collect()
}

pub fn view(page: &ListPage) -> AnyView {
    let table = table(page, &page.resource.label, 0);
    let arrows = paging::arrows(page);
    view! {
        <div class="dgw">
            {table} <div class="narrow-pager">{arrows}</div>
        </div>
    }
    .into_any()
}

/// Rows of another resource inside a record.
pub fn related_grid(page: &ListPage, title: &str, prefix: usize) -> AnyView {
    let table = table(page, title, prefix);
    view! { <div class="dgw flat">{table}</div> }.into_any()
}

fn table(page: &ListPage, label: &str, prefix: usize) -> AnyView {
    let columns = shown_columns(page);
    let grid = Grid {
        prefix,
        table: NodeRef::new(),
        active: RwSignal::new((usize::from(!page.rows.is_empty()), 0)),
        edits: StoredValue::new(HashMap::new()),
        announce: RwSignal::new(String::new()),
        rows: page.rows.len(),
        columns: columns.len() + 1,
    };
    let roles = card_roles(&columns);
    let head = header::view(page, &columns, grid);
    let first = (page.query.page.max(1) as usize - 1) * page.query.page_size as usize;
    let rows = page.rows.iter().enumerate();
    let body = rows
        .map(|(index, data)| row::view(page, &columns, &roles, grid, first, index, data))
        .collect_view();
    view! {
        <table
            node_ref=grid.table
            class="dg cards"
            role="grid"
            aria-label=label.to_owned()
            aria-rowcount=row_count(page)
            aria-colcount=grid.columns.to_string()
            style=format!("--cols: {}", widths(&columns))
            on:keydown=move |event| keys::press(grid, &event)
            on:dblclick=move |event| keys::double_click(grid, &event)
            on:focusin=move |event| keys::focus_in(grid, &event)
        >
            <thead role="rowgroup">{head}</thead>
            <tbody role="rowgroup">{body}</tbody>
        </table>
        <div class="sr" role="status">
            {move || grid.announce.get()}
        </div>
    }
    .into_any()
}

/// All rows there are, with the header; -1 when nobody knows.
fn row_count(page: &ListPage) -> String {
    match page.count {
        RowCount::Exact { rows, .. } => (rows + 1).to_string(),
        RowCount::About { .. } | RowCount::AtLeast { .. } | RowCount::Unknown => "-1".to_owned(),
    }
}

fn widths(columns: &[ColumnSpec]) -> String {
    let each = columns.iter().map(width).collect::<Vec<_>>().join(" ");
    format!("{each} 44px")
}

fn width(column: &ColumnSpec) -> &'static str {
    match column.data_type {
        _ if column.reference.is_some() => "minmax(178px, 1fr)",
        _ if column.is_status => "minmax(132px, 0.6fr)",
        DataType::Number if column.is_key => "minmax(96px, 0.4fr)",
        DataType::Number if is_money(column) => "minmax(124px, 0.6fr)",
        DataType::Number => "minmax(104px, 0.5fr)",
        DataType::Boolean => "minmax(96px, 0.4fr)",
        DataType::Date => "minmax(120px, 0.5fr)",
        DataType::Timestamp => "minmax(164px, 0.7fr)",
        DataType::Uuid => "minmax(150px, 0.8fr)",
        DataType::Json | DataType::String | DataType::Other => "minmax(150px, 1.2fr)",
    }
}

/// Which cell takes which place when a row becomes a two-line card on a narrow screen.
fn card_roles(columns: &[ColumnSpec]) -> Vec<Option<&'static str>> {
    let mut roles = vec![None; columns.len()];
    let mut give = |role: &'static str, fits: &dyn Fn(&ColumnSpec) -> bool| {
        // Two cells cannot take the same place.
        if roles.contains(&Some(role)) {
            return;
        }
        let free =
            columns.iter().enumerate().find(|(at, column)| roles[*at].is_none() && fits(column));
        if let Some((at, _)) = free {
            roles[at] = Some(role);
        }
    };
    let is_plain = |column: &ColumnSpec| {
        column.reference.is_none()
            && !column.is_status
            && matches!(column.data_type, DataType::String | DataType::Uuid | DataType::Other)
    };
    give("status", &|column| column.is_status);
    give("amount", &|column| is_money(column));
    give("amount", &|column| alignment(column) == Alignment::End);
    give("due", &|column| matches!(column.data_type, DataType::Date | DataType::Timestamp));
    give("customer", &|column| column.reference.is_some());
    give("customer", &|column| is_plain(column) && !column.is_key);
    give("number", &|column| is_plain(column) && !column.is_key);
    give("number", &|column| column.is_key);
    give("customer", &|column| column.is_key);
    roles
}
