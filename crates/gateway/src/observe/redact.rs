//! What looks like a secret is taken out before anything is written down.

use serde_json::{Map, Value};
use std::borrow::Cow;

const HIDDEN: &str = "[redacted]";

/// Parts of names, without their dashes and underscores, whose values nobody needs to see again.
const SECRET: [&str; 18] = [
    "authorization",
    "apikey",
    "xathenakey",
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "jwt",
    "supabasekey",
    "jdbcurl",
    "pguri",
    "dsn",
    "credential",
    "accesskey",
    "privatekey",
    "passphrase",
    "signature",
];

fn is_secret(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRET.iter().any(|needle| plain.contains(needle))
}

/// The query string, each secret's value hidden, as `api_key`'s is.
pub fn query(text: &str) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => Cow::Owned(format!("{name}={HIDDEN}")),
        _ => self::text(pair),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A body's members, at any depth.
pub fn json(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(json).collect()),
        Value::String(words) => Value::String(text(&words).into_owned()),
        other => other,
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let value = if is_secret(&name) { Value::from(HIDDEN) } else { json(value) };
    (name, value)
}

/// Any text: the passwords of addresses in it are hidden, up to the last `@` of each.
pub fn text(text: &str) -> Cow<'_, str> {
    let Some(scheme) = text.find("://").or_else(|| text.find("%3A%2F%2F")) else {
        return Cow::Borrowed(text);
    };
    let start = scheme + if text[scheme..].starts_with(':') { 3 } else { 9 };
    let rest = &text[start..];
    let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
    // A password may hold any of those where it was not written as it should be.
    let at = rest[..end].rfind('@').or_else(|| rest.rfind('@')).or_else(|| rest.rfind("%40"));
    match at {
        Some(at) => {
            let tail = self::text(&rest[at..]).into_owned();
            Cow::Owned(format!("{}{HIDDEN}{tail}", &text[..start]))
        }
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_known_by_their_names_in_every_spelling() {
        for name in
            ["api_key", "X-Athena-Key", "apiKey", "client_secret", "PASSWORD", "accessToken"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["name", "table_name", "key", "page", "passed"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn no_password_of_an_address_is_left() {
        for shown in [
            "postgres://me:hunter2@db/x",
            "see jdbc:postgresql://me:hun@ter2@db:5432/x?y=1",
            "postgres://me:hun/ter2@db/x",
            "postgres%3A%2F%2Fme%3Ahunter2%40db",
            "a http://x/ and postgres://me:hunter2@db",
        ] {
            let hidden = text(shown);
            assert!(!hidden.contains("ter2"), "{hidden}");
        }
        assert_eq!(text("https://example.com/a"), "https://example.com/a");
    }

    #[test]
    fn bodies_and_queries_keep_what_is_no_secret() {
        let body = json!({"table_name": "t", "insert_body": [{"password": "p", "n": 1}]});
        let hidden = json!({"table_name": "t", "insert_body": [{"password": HIDDEN, "n": 1}]});
        assert_eq!(super::json(body), hidden);
        assert_eq!(query("a=1&api_key=ath_x.y&b=2"), format!("a=1&api_key={HIDDEN}&b=2"));
    }
}
