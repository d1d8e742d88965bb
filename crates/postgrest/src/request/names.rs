//! Names of columns and relations, and paths into JSON.

use super::cursor::{Cursor, Read};

/// A column, and a way into its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub path: Vec<JsonStep>,
}

/// `->key` or `->>0`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonStep {
    /// `->>`: what is there comes out as text.
    pub as_text: bool,
    pub to: JsonKey,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonKey {
    Member(String),
    /// With its sign.
    Index(String),
}

pub(super) fn field(cursor: &mut Cursor) -> Read<Field> {
    cursor.lexeme(|cursor| Ok(Field { name: name(cursor)?, path: json_path(cursor)? }))
}

/// Quoted, or words of letters, digits and `_ $` joined by dashes.
pub(super) fn name(cursor: &mut Cursor) -> Read<String> {
    cursor.named("field name (* or [a..z0..9_$])", |cursor| {
        if cursor.peek() == Some('"') {
            return quoted(cursor);
        }
        dashed(cursor, identifier)
    })
}

/// Letters, digits, `_`, `$` and blanks, of which those around are cut off.
pub(super) fn identifier(cursor: &mut Cursor) -> Read<String> {
    let is_part = |seen: char| seen.is_alphanumeric() || matches!(seen, '_' | ' ' | '$');
    if !cursor.peek().is_some_and(is_part) {
        // Said as the parts of which one is missing.
        let _ = cursor.satisfy(Some("letter"), |_| false);
        cursor.satisfy(Some("digit"), |_| false)?;
    }
    let text = cursor.while_(is_part);
    // More of it could have followed.
    let _ = cursor.ahead(|cursor| cursor.satisfy(Some("letter"), |_| false));
    let _ = cursor.ahead(|cursor| cursor.satisfy(Some("digit"), |_| false));
    Ok(text.trim().to_owned())
}

fn dashed(cursor: &mut Cursor, part: impl Fn(&mut Cursor) -> Read<String>) -> Read<String> {
    let mut text = part(cursor)?;
    let dash = |cursor: &mut Cursor| {
        cursor.attempt(|cursor| {
            cursor.char('-')?;
            // An arrow is not a part of a name.
            cursor.not_followed_by(|seen| seen == '>')
        })
    };
    while dash(cursor).is_ok() {
        text.push('-');
        text.push_str(&part(cursor)?);
    }
    Ok(text)
}

/// `"…"`, where a backslash takes the next character as it is.
pub(super) fn quoted(cursor: &mut Cursor) -> Read<String> {
    cursor.char('"')?;
    let mut text = String::new();
    loop {
        text.push_str(&cursor.while_(|seen| seen != '"' && seen != '\\'));
        if cursor.peek() == Some('\\') {
            cursor.char('\\')?;
            text.push(cursor.satisfy(None, |_| true)?);
        } else {
            cursor.char('"')?;
            return Ok(text);
        }
    }
}

pub(super) fn json_path(cursor: &mut Cursor) -> Read<Vec<JsonStep>> {
    let mut path = Vec::new();
    loop {
        let as_text = if cursor.word("->>").is_ok() {
            true
        } else if cursor.word("->").is_ok() {
            false
        } else {
            return Ok(path);
        };
        path.push(JsonStep { as_text, to: json_key(cursor)? });
    }
}

fn json_key(cursor: &mut Cursor) -> Read<JsonKey> {
    if let Ok(index) = cursor.attempt(json_index) {
        return Ok(JsonKey::Index(index));
    }
    cursor.attempt(|cursor| {
        cursor.named("any non reserved character different from: .,>()", |cursor| {
            if cursor.peek() == Some('"') {
                return quoted(cursor).map(JsonKey::Member);
            }
            let part = |cursor: &mut Cursor| {
                let is_part = |seen: char| !matches!(seen, '(' | '-' | ':' | '.' | ',' | '>' | ')');
                let first = cursor.satisfy(None, is_part)?;
                let text = first.to_string() + &cursor.while_(is_part);
                Ok(text.trim().to_owned())
            };
            dashed(cursor, part).map(JsonKey::Member)
        })
    })
}

/// Digits with a sign that nothing of a name follows.
fn json_index(cursor: &mut Cursor) -> Read<String> {
    let sign = if cursor.char('-').is_ok() { '-' } else { '+' };
    let is_digit = |seen: char| seen.is_ascii_digit();
    let first = cursor.satisfy(Some("digit"), is_digit)?;
    let digits = first.to_string() + &cursor.while_(is_digit);
    let _ = cursor.ahead(|cursor| cursor.satisfy(Some("digit"), |_| false));
    for follower in ["->", "::", ".", ","] {
        if cursor.ahead(|cursor| cursor.word(follower)).is_ok() {
            return Ok(format!("{sign}{digits}"));
        }
    }
    // PostgREST would go on with a bracket as a part of a key; an embed's last member ends so too.
    if cursor.peek() == Some(')') {
        return Ok(format!("{sign}{digits}"));
    }
    cursor.end()?;
    Ok(format!("{sign}{digits}"))
}
