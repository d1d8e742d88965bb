//! A view for supabase-js.

use super::{
    KEY_VARIABLE, Unsaid, View,
    quote::{address, javascript as text_of},
    rest::{self, Condition, Said, Test},
};

pub(super) fn text(view: View<'_>, base: &str) -> Result<String, Unsaid> {
    let mut calls = vec![
        call("schema", &[text_of(rest::schema(view)?)]),
        // The library puts the name into an address as it is.
        call("from", &[text_of(&address(&view.resource.table))]),
        call("select", &[text_of(&selected(view))]),
    ];
    for said in rest::conditions(view)? {
        calls.push(match said {
            Said::One(condition) => filter(&condition),
            Said::Any(conditions) => call("or", &[text_of(&rest::alternatives(&conditions))]),
        });
    }
    calls.extend(order(view));
    calls.push(window(view));
    let client = view.resource.client.as_str();
    Ok(format!(
        "import {{ createClient }} from '@supabase/supabase-js'\n\n\
         const db = createClient({}, process.env.{KEY_VARIABLE}, {{\n  \
         global: {{ headers: {{ 'X-Athena-Client': {} }} }},\n}})\n\
         const {{ data, error }} = await db\n  {}\n",
        text_of(base),
        text_of(client),
        calls.join("\n  ")
    ))
}

/// The library takes blanks out of it, and loses count at a quote within quotes.
fn selected(view: View<'_>) -> String {
    let is_lost = |column: &String| column.contains('"') && column.contains(char::is_whitespace);
    if view.columns.is_empty() || view.columns.iter().any(is_lost) {
        return "*".to_owned();
    }
    rest::select(view).join(", ")
}

fn filter(condition: &Condition<'_>) -> String {
    let column = text_of(&rest::name(condition.column));
    let (operator, value) = condition.operator_and_value();
    let value = match &condition.test {
        Test::Null => "null".to_owned(),
        Test::Part(part) if !part.needs_expression() => text_of(&part.pattern("%")),
        Test::In(values) if !condition.is_negated && values.iter().all(|value| is_safe(value)) => {
            let values: Vec<_> = values.iter().map(|value| text_of(value)).collect();
            return call("in", &[column, format!("[{}]", values.join(", "))]);
        }
        Test::Compare(..) | Test::Part(_) | Test::In(_) => text_of(&value),
    };
    match (condition.is_negated, operator) {
        (true, _) => call("not", &[column, text_of(operator), value]),
        // The library has a method of its own for neither.
        (false, "in" | "imatch") => call("filter", &[column, text_of(operator), value]),
        (false, _) => call(operator, &[column, value]),
    }
}

/// The library puts quotes around a value with a comma, and looks for none inside.
fn is_safe(value: &str) -> bool {
    !value.is_empty() && !value.contains(['"', '\\']) && value.trim() == value
}

fn order(view: View<'_>) -> Vec<String> {
    let sort = view.query.sort.iter().map(|term| {
        let column = text_of(&rest::name(&term.column));
        match term.descending {
            true => {
                let options = "{ ascending: false, nullsFirst: false }".to_owned();
                call("order", &[column, options])
            }
            false => call("order", &[column]),
        }
    });
    sort.chain(view.order_by_key().map(|id| call("order", &[text_of(&rest::name(id))]))).collect()
}

fn window(view: View<'_>) -> String {
    let (limit, offset) = (view.limit(), view.offset());
    match offset {
        0 => call("limit", &[limit.to_string()]),
        _ => call("range", &[offset.to_string(), (offset + limit).saturating_sub(1).to_string()]),
    }
}

fn call(method: &str, arguments: &[String]) -> String {
    format!(".{method}({})", arguments.join(", "))
}
