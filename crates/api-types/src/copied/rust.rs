//! A view for `athena-client`, the library for programs in Rust.

use super::{
    KEY_VARIABLE, Unsaid, View,
    quote::rust as text_of,
    rest::{self, Condition, Said, Test},
};

pub(super) fn text(view: View<'_>, base: &str) -> Result<String, Unsaid> {
    let spec = view.resource;
    let mut calls = vec![
        call("from", &[text_of(&spec.table)]),
        call("schema", &[text_of(&spec.schema)]),
        match view.columns {
            [] => call("all", &[]),
            columns => call("select", &[list(columns)]),
        },
    ];
    let said = rest::said(view)?;
    calls.extend(said.iter().map(condition));
    calls.extend(order(view));
    calls.push(call("limit", &[view.limit().to_string()]));
    if view.offset() > 0 {
        calls.push(call("offset", &[view.offset().to_string()]));
    }
    calls.push(call("rows", &[]));
    Ok(format!(
        "use athena_client::{{{}}};\n\n\
         let athena = Athena::builder({})\n    \
         .client({})\n    \
         .api_key(ApiKey::new(std::env::var({KEY_VARIABLE:?})?)?)\n    \
         .build()?;\n\
         let rows: Vec<serde_json::Value> = athena\n    {}\n    \
         .await?;\n",
        imports(&said),
        text_of(base),
        text_of(spec.client.as_str()),
        calls.join("\n    ")
    ))
}

fn imports(said: &[Said<'_>]) -> String {
    let any = said.iter().any(|said| matches!(said, Said::Any(_)));
    let not = said.iter().any(|said| match said {
        Said::One(condition) => needs_not(condition),
        Said::Any(conditions) => conditions.iter().any(needs_not),
    });
    let names =
        [(true, "ApiKey"), (true, "Athena"), (any, "any"), (any || not, "column"), (not, "not")];
    let names = names.into_iter().filter(|(is_used, _)| *is_used).map(|(_, name)| name);
    names.collect::<Vec<_>>().join(", ")
}

/// Part of a text is the only test that has no opposite of its own.
fn needs_not(condition: &Condition<'_>) -> bool {
    condition.is_negated && matches!(condition.test, Test::Part(_))
}

fn condition(said: &Said<'_>) -> String {
    match said {
        Said::One(condition) if needs_not(condition) => call("filter", &[member(condition)]),
        Said::One(condition) => {
            let (method, value) = method_and_value(condition);
            let column = std::iter::once(text_of(condition.column));
            call(method, &column.chain(value).collect::<Vec<_>>())
        }
        Said::Any(conditions) => {
            let members: Vec<_> = conditions.iter().map(member).collect();
            call("filter", &[format!("any([{}])", members.join(", "))])
        }
    }
}

fn member(condition: &Condition<'_>) -> String {
    let (method, value) = method_and_value(condition);
    let value: Vec<_> = value.into_iter().collect();
    let filter = format!("column({}){}", text_of(condition.column), call(method, &value));
    if needs_not(condition) { format!("not({filter})") } else { filter }
}

fn method_and_value(condition: &Condition<'_>) -> (&'static str, Option<String>) {
    match (&condition.test, condition.is_negated) {
        (Test::Compare(method, value), _) => (method, Some(text_of(value))),
        (Test::Part(part), _) => ("ilike", Some(text_of(&part.pattern("%")))),
        (Test::In(values), false) => ("in_", Some(list(values))),
        (Test::In(values), true) => ("not_in", Some(list(values))),
        (Test::Null, false) => ("is_null", None),
        (Test::Null, true) => ("not_null", None),
    }
}

fn order(view: View<'_>) -> Vec<String> {
    let mut calls = Vec::new();
    for term in &view.query.sort {
        calls.push(call("order_by", &[text_of(&term.column)]));
        if term.descending {
            calls.push(call("descending", &[]));
        }
        // Where a backend would have them first.
        calls.push(call("nulls_last", &[]));
    }
    calls.extend(view.order_by_key().map(|id| call("order_by", &[text_of(id)])));
    calls
}

fn list(values: &[String]) -> String {
    format!("[{}]", values.iter().map(|value| text_of(value)).collect::<Vec<_>>().join(", "))
}

fn call(method: &str, arguments: &[String]) -> String {
    format!(".{method}({})", arguments.join(", "))
}
