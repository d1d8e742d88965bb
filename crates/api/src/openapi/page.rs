//! The document as a page for people: plain HTML, readable without scripts and without a network.

use serde_json::{Map, Value};
use std::fmt::Write;

const STYLE: &str = "
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 20%,transparent)}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:4.5rem;font-family:ui-monospace,monospace}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto;padding:.6rem;border:1px solid var(--line)}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-top:1px solid var(--line)}
";

pub(super) fn html(document: &Value) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let _ = write!(
        out,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Athena: the API</title>\
         <style>{STYLE}</style></head><body><main><h1>Athena</h1>\
         <p>{} Version {}. The same as <a href=\"/openapi.json\">JSON</a> and as <a href=\"/openapi.yaml\">YAML</a>.</p>",
        text(&document["info"]["description"]),
        text(&document["info"]["version"]),
    );
    out.push_str("<h2>Operations</h2>");
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            if operation.get("responses").is_some() {
                write_operation(&mut out, path, method, operation);
            }
        }
    }
    out.push_str("<h2>Shapes</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        let name = escaped(name);
        let _ = write!(
            out,
            "<details id=\"{name}\"><summary>{name}</summary><pre>{}</pre></details>",
            escaped(&pretty(schema))
        );
    }
    out.push_str("</main></body></html>");
    out
}

fn write_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        out,
        "<details><summary><b>{}</b> <code>{}</code> {}</summary>",
        method.to_uppercase(),
        escaped(path),
        text(&operation["summary"])
    );
    if let Some(description) = operation["description"].as_str() {
        let _ = write!(out, "<p>{}</p>", escaped(description));
    }
    write_parameters(out, &operation["parameters"]);
    if let Some(shape) = shape(&operation["requestBody"]["content"]) {
        let _ = write!(out, "<p>Body: {shape}</p>");
    }
    out.push_str("<table><tr><th>Status</th><th>Meaning</th><th>Body</th></tr>");
    for (status, response) in members(&operation["responses"]) {
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(status),
            text(&response["description"]),
            shape(&response["content"]).unwrap_or_default()
        );
    }
    out.push_str("</table></details>");
}

fn write_parameters(out: &mut String, parameters: &Value) {
    let Some(parameters) = parameters.as_array() else { return };
    out.push_str("<table><tr><th>Parameter</th><th>In</th><th>What it says</th></tr>");
    for parameter in parameters {
        let needed = if parameter["required"] == true { " (required)" } else { "" };
        let _ = write!(
            out,
            "<tr><td><code>{}</code>{needed}</td><td>{}</td><td>{}</td></tr>",
            text(&parameter["name"]),
            text(&parameter["in"]),
            text(&parameter["description"])
        );
    }
    out.push_str("</table>");
}

/// A link to the shape of a body, or its media type alone.
fn shape(content: &Value) -> Option<String> {
    let (media, content) = members(content).next()?;
    let reference = content["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    Some(match reference {
        Some(name) => format!("<a href=\"#{0}\">{0}</a>", escaped(name)),
        None => format!("<code>{}</code>", escaped(media)),
    })
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
