//! Filters as chips, each with a link that drops it, and a form that adds one.

use super::{address, head::carried};
use crate::{components::icon::Icon, links, words};
use api_types::console::{ColumnSpec, DataType, FilterOp, FilterTerm, ListPage, ResourceSpec};
use leptos::prelude::*;
use leptos_router::components::Form;

pub fn view(page: &ListPage) -> AnyView {
    let chips = (0..page.query.filters.len()).map(|index| chip(page, index)).collect_view();
    let clear = (!page.query.filters.is_empty() || page.query.search.is_some()).then(|| {
        let href = address::changed(page, |query| {
            query.filters.clear();
            query.search = None;
        });
        view! {
            <a class="btn quiet sm" href=href>
                "Clear"
            </a>
        }
    });
    view! {
        <div class="filters" role="group" aria-label="Filter">
            {chips}
            {adder(page)}
            {clear}
        </div>
    }
    .into_any()
}

fn chip(page: &ListPage, index: usize) -> Option<AnyView> {
    let term = page.query.filters.get(index)?;
    let spec = &page.resource;
    let (label, op, value) = in_words(spec, term);
    let href = address::changed(page, |query| {
        query.filters.remove(index);
    });
    Some(
        view! {
            <span class="fchip">
                <span>{label.clone()}</span>
                <span class="op">{op}</span>
                <span class="v">{value}</span>
                <a class="x" href=href aria-label=format!("Remove filter {label}")>
                    <Icon name="x" />
                </a>
            </span>
        }
        .into_any(),
    )
}

/// A filter as it reads: `Status`, `is any of`, `Open, Overdue`.
fn in_words(spec: &ResourceSpec, term: &FilterTerm) -> (String, &'static str, String) {
    let column = spec.columns.iter().find(|column| column.name == term.column);
    let label = column.map_or_else(|| term.column.clone(), |column| column.label.clone());
    let data_type = column.map_or(DataType::Other, |column| column.data_type);
    let shown = |value: &String| {
        if value.is_empty() { "\"\"".to_owned() } else { reads(column, value) }
    };
    let value = term.values.iter().map(shown).collect::<Vec<_>>().join(", ");
    (label, words::operator(term.op, data_type), value)
}

fn reads(column: Option<&ColumnSpec>, value: &str) -> String {
    match column {
        Some(column) if column.is_status => words::prettify(value),
        Some(column) if column.data_type == DataType::Date => words::day(value),
        Some(column) if crate::components::cell::is_money(column) => words::grouped(value),
        _ => value.to_owned(),
    }
}

fn adder(page: &ListPage) -> AnyView {
    let spec = page.resource.clone();
    let action = links::list(&spec.client, &spec.key);
    let chosen = RwSignal::new(spec.columns.first().map(|column| column.name.clone()));
    let options = spec
        .columns
        .iter()
        .map(|column| {
            view! { <option value=column.name.clone()>{column.label.clone()}</option> }
        })
        .collect_view();
    let columns = StoredValue::new(spec.columns);
    let carried = carried(page, &[]);
    view! {
        <details class="drop" data-menu>
            <summary class="btn quiet sm">
                <Icon name="plus" class="s14" />
                "Filter"
            </summary>
            <div class="pop filter-pop">
                <Form method="GET" action=action>
                    {carried}
                    <div class="field">
                        <label class="lab" for="filter-column">
                            "Column"
                        </label>
                        <div class="input">
                            <select
                                id="filter-column"
                                name=links::COLUMN
                                on:change:target=move |event| chosen.set(Some(event.target().value()))
                            >
                                {options}
                            </select>
                        </div>
                    </div>
                    {condition(columns, chosen)}
                    <button class="btn primary">"Add filter"</button>
                </Form>
            </div>
        </details>
    }
    .into_any()
}

/// Operator and value. Without scripts every operator is offered; with them, those that fit.
fn condition(columns: StoredValue<Vec<ColumnSpec>>, chosen: RwSignal<Option<String>>) -> AnyView {
    let ready = crate::ready::Ready::get();
    let column = move || {
        let name = chosen.get()?;
        columns.with_value(|columns| columns.iter().find(|column| column.name == name).cloned())
    };
    let operators = move || {
        let fitting = column().filter(|_| ready.is_ready()).map(|column| column.data_type);
        let ops: &[FilterOp] = fitting.map_or(&links::ALL_OPS, words::operators);
        let data_type = fitting.unwrap_or(DataType::Other);
        let option = |op: &FilterOp| {
            view! { <option value=links::op_word(*op)>{words::operator(*op, data_type)}</option> }
        };
        ops.iter().map(option).collect_view()
    };
    let suggestions = move || {
        let column = column()?;
        let options =
            column.options.into_iter().map(|value| view! { <option value=value></option> });
        Some(options.collect_view())
    };
    view! {
        <div class="field">
            <label class="lab" for="filter-op">
                "Condition"
            </label>
            <div class="input">
                <select id="filter-op" name=links::OP>
                    {operators}
                </select>
            </div>
        </div>
        <div class="field">
            <label class="lab" for="filter-value">
                "Value"
            </label>
            <div class="input">
                <input id="filter-value" name=links::VALUE list="filter-values" autocomplete="off" />
            </div>
            <datalist id="filter-values">{suggestions}</datalist>
            <span class="help">"Several values for “any of” are separated by commas."</span>
        </div>
    }
    .into_any()
}
