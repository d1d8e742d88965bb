//! A view as one line for a shell.

use super::{
    KEY_VARIABLE, Unsaid, View,
    quote::{address, shell},
    rest::{self, Said},
};

pub(super) fn text(view: View<'_>, base: &str) -> Result<String, Unsaid> {
    let path = format!("{base}/rest/v1/{}", address(&view.resource.table));
    let pairs = pairs(view)?.into_iter();
    let pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{}={}", address(&key), address(&value))).collect();
    let client = format!("X-Athena-Client: {}", view.resource.client);
    let schema = format!("Accept-Profile: {}", rest::schema(view)?);
    let words = [
        format!("curl {}", shell(&format!("{path}?{}", pairs.join("&")))),
        format!("-H {}", shell(&client)),
        format!("-H {}", shell(&schema)),
        // In double quotes, so that the shell puts the key in.
        format!("-H \"apikey: ${KEY_VARIABLE}\""),
    ];
    Ok(words.join(" \\\n  "))
}

fn pairs(view: View<'_>) -> Result<Vec<(String, String)>, Unsaid> {
    let pair = |key: &str, value: String| (key.to_owned(), value);
    let mut pairs = Vec::new();
    if !view.columns.is_empty() {
        pairs.push(pair("select", rest::select(view).join(",")));
    }
    for said in rest::conditions(view)? {
        pairs.push(match said {
            Said::One(condition) => (rest::name(condition.column), condition.value()),
            Said::Any(conditions) => pair("or", format!("({})", rest::alternatives(&conditions))),
        });
    }
    let order = rest::order(view);
    if !order.is_empty() {
        pairs.push(pair("order", order.join(",")));
    }
    pairs.push(pair("limit", view.limit().to_string()));
    if view.offset() > 0 {
        pairs.push(pair("offset", view.offset().to_string()));
    }
    Ok(pairs)
}
