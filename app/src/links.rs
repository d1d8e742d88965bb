//! Addresses inside the console, and the small text surgery that query strings need.

mod query;

pub use query::{
    ALL_OPS, COLUMN, OP, SHOW, VALUE, canonical, hidden_pairs, of_list, op_word, pairs,
    without_returned,
};

use api_types::{ClientName, RecordKey};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub const HOME: &str = "/console";
pub const SIGN_IN: &str = "/console/sign-in";
pub const ACCOUNT: &str = "/console/account";
/// The same page, when a password was just changed.
#[cfg(feature = "ssr")]
pub const ACCOUNT_CHANGED: &str = "/console/account?changed=password";

/// Where a second step is set up, and the account page once it is on or off.
#[cfg(feature = "ssr")]
pub const SECOND_STEP: &str = "/console/account/second-step";
#[cfg(feature = "ssr")]
pub const SECOND_STEP_ON: &str = "/console/account?second_step=on";
#[cfg(feature = "ssr")]
pub const SECOND_STEP_OFF: &str = "/console/account?second_step=off";

/// What stands unescaped in a path segment or a query value.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

pub fn client(client: &ClientName) -> String {
    format!("/console/c/{client}")
}

pub fn list(client: &ClientName, resource: &str) -> String {
    format!("/console/c/{client}/{}", encode(resource))
}

/// A list with a query; an empty one leaves no question mark behind.
pub fn list_with(client: &ClientName, resource: &str, query: &str) -> String {
    let path = list(client, resource);
    if query.is_empty() { path } else { format!("{path}?{}", query.trim_start_matches('?')) }
}

pub fn new_record(client: &ClientName, resource: &str) -> String {
    format!("{}/new", list(client, resource))
}

/// A record's page. A key that reads `new` is written so that it is not the form.
pub fn record(client: &ClientName, resource: &str, key: &RecordKey) -> String {
    let text = key.to_string();
    let text = if text == "new" { "new~2".to_owned() } else { text };
    format!("{}/{}", list(client, resource), encode(&text))
}

/// Sign in, then come back to where `path` was asked for.
pub fn sign_in_from(path: &str) -> String {
    match own_path(path) {
        Some(path) if path != HOME => format!("{SIGN_IN}?return_to={}", encode(path)),
        _ => SIGN_IN.to_owned(),
    }
}

/// The second step of signing in, then on to `path`.
pub fn sign_in_code(path: &str) -> String {
    match own_path(path) {
        Some(path) if path != HOME => format!("{SIGN_IN}/code?return_to={}", encode(path)),
        _ => format!("{SIGN_IN}/code"),
    }
}

/// The same with a field for a recovery code.
pub fn sign_in_recovery(path: &str) -> String {
    let page = sign_in_code(path);
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}recovery=1")
}

/// `asked`, when it is a path of this console and cannot be read as another site's address.
pub fn own_path(asked: &str) -> Option<&str> {
    let inside = asked == HOME || asked.starts_with("/console/") || asked.starts_with("/console?");
    let path = asked.split('?').next().unwrap_or_default();
    let odd = path.contains('\\') || path.contains("//") || asked.chars().any(char::is_control);
    (inside && !odd && !asked.starts_with(SIGN_IN)).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_consoles_own_paths_are_returned_to() {
        for own in ["/console", "/console/c/demo/invoices?status=paid", "/console/c/demo/a%20b"] {
            assert_eq!(own_path(own), Some(own));
        }
        for foreign in [
            "https://evil.example/console/",
            "//evil.example",
            "/console//evil.example",
            "/console/\\evil.example",
            "/consolex",
            "javascript:alert(1)",
            "/console/c\n/x",
            "/console/sign-in?return_to=/console/sign-in",
            "",
        ] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn a_key_that_reads_new_does_not_open_the_form() {
        let client = ClientName::parse("demo").unwrap();
        let key = RecordKey::new(vec!["new".to_owned()]);
        let path = record(&client, "words", &key);
        assert_eq!(path, "/console/c/demo/words/new~2");
        assert_eq!("new~2".parse::<RecordKey>(), Ok(key));
    }
}
