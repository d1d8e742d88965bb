//! A value as its type reads: status, money, date, chip, null.

use super::icon::Icon;
use crate::{links, ready::Ready, words};
use api_types::{
    ClientName, RecordKey,
    console::{Cell, ColumnSpec, DataType, FieldType, ReferenceSpec},
};
use leptos::prelude::*;

/// How a column stands in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    Start,
    End,
}

pub fn alignment(column: &ColumnSpec) -> Alignment {
    if column.data_type == DataType::Number && column.reference.is_none() && !column.is_key {
        Alignment::End
    } else {
        Alignment::Start
    }
}

/// A column whose numbers are amounts: digits after the point, no key, no reference.
pub fn is_money(column: &ColumnSpec) -> bool {
    alignment(column) == Alignment::End && column.scale.is_some_and(|scale| scale > 0)
}

/// A cell's content.
pub fn cell_value(client: &ClientName, column: &ColumnSpec, cell: &Cell) -> AnyView {
    let Some(value) = cell.value.as_deref() else {
        return view! { <span class="null">"null"</span> }.into_any();
    };
    if value.is_empty() {
        return view! { <span class="nil">"\"\""</span> }.into_any();
    }
    if let Some(reference) = &column.reference {
        return chip(client, reference, value, cell.label.as_deref());
    }
    if column.is_status {
        return status(value);
    }
    match column.data_type {
        DataType::Number => number(column, value),
        DataType::Boolean => boolean(value),
        DataType::Date => moment(value, words::day(value)),
        DataType::Timestamp => moment(value, words::moment(value)),
        DataType::Uuid => mono(value),
        DataType::Json => long(value, cell.cut_from, "mono cut"),
        DataType::String | DataType::Other if column.is_key => mono(value),
        DataType::String | DataType::Other => long(value, cell.cut_from, "cut"),
    }
}

/// A foreign key: monogram and label, leading to the record.
fn chip(
    client: &ClientName,
    reference: &ReferenceSpec,
    value: &str,
    label: Option<&str>,
) -> AnyView {
    let shown = label.filter(|label| !label.is_empty()).unwrap_or(value).to_owned();
    let (letter, tint) = words::monogram(&shown);
    let content = view! {
        <span class=format!("mg k{tint}") aria-hidden="true">{letter}</span>
        <span>{shown}</span>
    };
    let title = format!("{} {value}", reference.resource_label);
    match &reference.resource {
        Some(resource) => {
            let key = RecordKey::new(vec![value.to_owned()]);
            let href = links::record(client, resource, &key);
            let ready = Ready::get();
            view! {
                <a class="fk" href=href title=title tabindex=move || ready.roving()>{content}</a>
            }
            .into_any()
        }
        None => view! { <span class="fk" title=title>{content}</span> }.into_any(),
    }
}

fn status(value: &str) -> AnyView {
    let phase = words::phase_of(value);
    view! {
        <span class=format!("status {}", phase.word)>
            <svg class=format!("ph {}", phase.tone) aria-hidden="true">
                <use href=format!("#{}", phase.symbol) />
            </svg>
            {words::prettify(value)}
        </span>
    }
    .into_any()
}

fn number(column: &ColumnSpec, value: &str) -> AnyView {
    if column.is_key {
        return mono(value);
    }
    let is_zero = value.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
    // Years and codes read worse with a comma; amounts and long numbers better.
    let shown =
        if is_money(column) || value.len() > 5 { words::grouped(value) } else { value.to_owned() };
    view! { <span class=if is_zero { "num zero" } else { "num" }>{shown}</span> }.into_any()
}

fn boolean(value: &str) -> AnyView {
    match value {
        "true" | "t" => {
            view! { <span class="yes"><Icon name="check" class="s14" />"Yes"</span> }.into_any()
        }
        _ => view! { <span class="no">"No"</span> }.into_any(),
    }
}

fn moment(iso: &str, shown: String) -> AnyView {
    view! {
        <time class="num" datetime=iso.to_owned() title=iso.to_owned()>
            {shown}
        </time>
    }
    .into_any()
}

fn mono(value: &str) -> AnyView {
    let value = value.to_owned();
    view! { <span class="mono cut" title=value.clone()>{value.clone()}</span> }.into_any()
}

fn long(value: &str, cut_from: Option<u64>, class: &'static str) -> AnyView {
    let cut = cut_from.map(|bytes| view! { <span class="cap">{words::size(bytes)}</span> });
    view! { <span class=class>{value.to_owned()}</span> {cut} }.into_any()
}

/// The value in one line of text, for titles and `was …`.
pub fn plain(column: &ColumnSpec, cell: &Cell) -> String {
    match (&cell.value, &cell.label) {
        (None, _) => "null".to_owned(),
        (Some(_), Some(label)) => label.clone(),
        (Some(value), None) if value.is_empty() => "\"\"".to_owned(),
        (Some(value), None) if is_money(column) => words::grouped(value),
        (Some(value), None) => value.chars().take(80).collect(),
    }
}

/// Whether a value is best read over several lines.
pub fn is_wide(column: &ColumnSpec) -> bool {
    matches!(column.field_type, FieldType::Textarea | FieldType::Json)
}
