//! What looks like a secret is taken out before anything is written down.

use serde_json::{Map, Value};
use std::borrow::Cow;

const HIDDEN: &str = "[redacted]";

/// Parts of names, without their dashes and underscores, whose values nobody needs to see again.
const SECRET: [&str; 19] = [
    "authorization",
    "apikey",
    "xathenakey",
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
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

/// Any text: of addresses in it, the passwords are hidden, up to the last `@` of each, and what they
/// say behind a question mark unless they are of the web; and so are secrets that are `name=value`,
/// and those of SQL.
pub fn text(text: &str) -> Cow<'_, str> {
    [settings, spoken].iter().fold(addresses(text), |text, hide| match text {
        Cow::Borrowed(text) => hide(text),
        Cow::Owned(text) => Cow::Owned(hide(&text).into_owned()),
    })
}

/// Where an address begins, in clear or escaped, and how it is separated.
fn scheme(text: &str) -> Option<(usize, usize)> {
    let escaped = || text.to_ascii_lowercase().find("%3a%2f%2f").map(|at| (at, 9));
    let clear = text.find("://").map(|at| (at, 3));
    clear.or_else(|| text.contains('%').then(escaped).flatten())
}

fn addresses(text: &str) -> Cow<'_, str> {
    let Some((at, length)) = scheme(text) else { return Cow::Borrowed(text) };
    let (front, rest) = text.split_at(at + length);
    let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
    // A password may hold any of those where it was not written as it should be.
    let login = rest[..end].rfind('@').or_else(|| rest.rfind('@')).or_else(|| rest.rfind("%40"));
    let (hidden, tail) = match login {
        Some(login) => (HIDDEN, &rest[login..]),
        None => ("", rest),
    };
    let tail = if is_of_the_web(&text[..at]) { Cow::Borrowed(tail) } else { without_query(tail) };
    if hidden.is_empty() && matches!(tail, Cow::Borrowed(_)) && scheme(&tail).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{front}{hidden}{}", addresses(&tail)))
}

fn is_of_the_web(before: &str) -> bool {
    let before = before.to_ascii_lowercase();
    ["http", "https", "ws", "wss"].iter().any(|scheme| before.ends_with(scheme))
}

/// An address whose question mark has nothing behind it any more.
fn without_query(address: &str) -> Cow<'_, str> {
    let end = address.find([' ', '"', '\'', '\n']).unwrap_or(address.len());
    let (own, rest) = address.split_at(end);
    let escaped = || own.to_ascii_lowercase().find("%3f").map(|at| at + 3);
    match own.find('?').map(|at| at + 1).or_else(escaped) {
        Some(mark) => Cow::Owned(format!("{}{HIDDEN}{rest}", &own[..mark])),
        None => Cow::Borrowed(address),
    }
}

/// `password=…` as connection strings of the other kind have it, and as addresses do.
fn settings(text: &str) -> Cow<'_, str> {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('=') {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let name = before.rsplit(|c| !is_part(c)).next().unwrap_or_default();
        shown.push_str(before);
        shown.push('=');
        rest = after;
        if !name.is_empty() && is_secret(name) {
            shown.push_str(HIDDEN);
            rest = &after[value_end(after)..];
        }
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// `PASSWORD '…'` as SQL has it.
fn spoken(text: &str) -> Cow<'_, str> {
    let word = "password";
    let Some(at) = text.to_ascii_lowercase().find(word) else { return Cow::Borrowed(text) };
    let (front, rest) = text.split_at(at + word.len());
    let value = rest.trim_start();
    let begin = rest.len() - value.len();
    if begin > 0 && value.starts_with('\'') {
        let rest = spoken(&value[value_end(value)..]).into_owned();
        return Cow::Owned(format!("{front} '{HIDDEN}'{rest}"));
    }
    match spoken(rest) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(rest) => Cow::Owned(format!("{front}{rest}")),
    }
}

/// Where a value ends: at its quote, or before what cannot be in one without quotes.
fn value_end(text: &str) -> usize {
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        return text[1..].find(quote).map_or(text.len(), |end| end + 2);
    }
    text.find(|c: char| c.is_whitespace() || "&\"';,)".contains(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_known_by_their_names_in_every_spelling() {
        for name in
            ["api_key", "X-Athena-Key", "apiKey", "client_secret", "PASSWORD", "accessToken", "pwd"]
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
            "postgres%3a%2f%2fme%3ahunter2%40db",
            "postgres://me@db/x?sslmode=disable&password=hunter2&x=hunter2",
            "postgres://db/x?user=me&odd=hunter2",
            "postgres%3A%2F%2Fdb%2Fx%3Fpassword%3Dhunter2",
            "host=db user=me password=hunter2 dbname=x",
            "host=db sslpassword='my hunter2' dbname=x",
            "http://db/x?access_token=hunter2",
            "alter role PASSWORD_keeper Password  'hunter2' valid until 'never'",
            "http://a/ then postgres://db/x?odd=hunter2",
        ] {
            let hidden = text(shown);
            assert!(!hidden.contains("ter2"), "{hidden}");
        }
        for kept in ["https://example.com/a?b=c", "a = b and c=d", "sqlite:///var/lib/shop.db"] {
            assert_eq!(text(kept), kept);
        }
        let rest = "postgres://me@db/x?password=hunter2 is where it is";
        assert!(text(rest).ends_with("?[redacted] is where it is"), "{}", text(rest));
    }

    #[test]
    fn bodies_and_queries_keep_what_is_no_secret() {
        let body = json!({"table_name": "t", "insert_body": [{"password": "p", "n": 1}]});
        let hidden = json!({"table_name": "t", "insert_body": [{"password": HIDDEN, "n": 1}]});
        assert_eq!(super::json(body), hidden);
        assert_eq!(query("a=1&api_key=ath_x.y&b=2"), format!("a=1&api_key={HIDDEN}&b=2"));
    }
}
