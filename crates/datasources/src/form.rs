//! Which members an object may have: one table that both judges it and describes it to a form.

use crate::Invalid;
use serde_json::{Map, Value, json};

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A text of several lines.
    LongText,
    Whole {
        least: u64,
        most: u64,
    },
    Flag,
    OneOf(&'static [&'static str]),
    /// Texts, none of them empty, and not none at all.
    Texts,
    Object(&'static Form),
}

/// One member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub title: &'static str,
    /// As JSON; what holds when it is left out.
    pub default: Option<&'static str>,
}

/// An object: its members, and where members that people put here by mistake belong.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    pub fields: &'static [Field],
    pub misplaced: &'static [(&'static str, &'static str)],
}

impl Field {
    pub const fn new(name: &'static str, shape: Shape, title: &'static str) -> Self {
        Self { name, shape, title, default: None }
    }

    pub const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

/// A text longer than this is no setting.
const LONGEST: usize = 4_096;
const LONGEST_TEXT: usize = 64 << 10;
const MOST: usize = 200;

impl Form {
    /// Judge an object that stands at `path`; an empty path is the whole record.
    pub fn check(&self, path: &str, object: &Map<String, Value>, wrong: &mut Invalid) {
        for (name, value) in object {
            let at = joined(path, name);
            match self.fields.iter().find(|field| field.name == name) {
                Some(field) => field.shape.check(&at, value, wrong),
                None => wrong.add(at, self.unknown(name)),
            }
        }
    }

    /// What to say about a member that is not here.
    pub fn unknown(&self, name: &str) -> String {
        let plain = plain(name);
        if let Some((_, place)) = self.misplaced.iter().find(|(known, _)| *known == plain) {
            return format!("does not belong here: {place}");
        }
        let known = self.fields.iter().map(|field| field.name);
        match known.min_by_key(|known| distance(&plain, &self::plain(known))) {
            Some(near) if distance(&plain, &self::plain(near)) <= 2 => {
                format!("is not known; {near} may be meant")
            }
            _ => "is not known".to_owned(),
        }
    }

    /// JSON Schema, draft 2020-12, of what [`Form::check`] lets pass.
    pub fn json_schema(&self) -> Value {
        let properties: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| {
                let mut schema = field.shape.json_schema();
                schema["title"] = field.title.into();
                let default = field.default.and_then(|text| serde_json::from_str(text).ok());
                if let Some(default) = default {
                    schema["default"] = default;
                }
                (field.name.to_owned(), schema)
            })
            .collect();
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    }
}

impl Shape {
    fn check(self, path: &str, value: &Value, wrong: &mut Invalid) {
        let complaint = match (self, value) {
            (Self::Text, Value::String(text)) => bad_text(text, LONGEST),
            (Self::LongText, Value::String(text)) => bad_text(text, LONGEST_TEXT),
            (Self::Flag, Value::Bool(_)) => None,
            (Self::Whole { least, most }, value) => {
                let fits = value.as_u64().is_some_and(|number| (least..=most).contains(&number));
                (!fits).then(|| format!("must be a whole number from {least} to {most}"))
            }
            (Self::OneOf(words), Value::String(text)) if words.contains(&text.as_str()) => None,
            (Self::Texts, Value::Array(items)) => bad_texts(items),
            (Self::Object(form), Value::Object(object)) => {
                form.check(path, object, wrong);
                None
            }
            _ => Some(self.expected()),
        };
        if let Some(complaint) = complaint {
            wrong.add(path, complaint);
        }
    }

    fn expected(self) -> String {
        match self {
            Self::Text | Self::LongText => "must be a text".to_owned(),
            Self::Flag => "must be true or false".to_owned(),
            Self::Whole { least, most } => {
                format!("must be a whole number from {least} to {most}")
            }
            Self::OneOf(words) => format!("must be one of {}", words.join(", ")),
            Self::Texts => "must be a list of texts".to_owned(),
            Self::Object(_) => "must be an object".to_owned(),
        }
    }

    fn json_schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string", "minLength": 1, "maxLength": LONGEST }),
            Self::LongText => {
                json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT })
            }
            Self::Flag => json!({ "type": "boolean" }),
            Self::Whole { least, most } => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Self::OneOf(words) => json!({ "type": "string", "enum": words }),
            Self::Texts => json!({
                "type": "array",
                "items": { "type": "string", "minLength": 1, "maxLength": LONGEST },
                "minItems": 1,
                "maxItems": MOST,
            }),
            Self::Object(form) => form.json_schema(),
        }
    }
}

fn bad_text(text: &str, most: usize) -> Option<String> {
    if text.is_empty() {
        return Some("must not be empty".to_owned());
    }
    // Neither PostgreSQL nor a socket takes a NUL.
    let bad = text.len() > most || text.contains('\0');
    bad.then(|| format!("must have at most {most} bytes, and no NUL"))
}

fn bad_texts(items: &[Value]) -> Option<String> {
    let are_texts = items
        .iter()
        .all(|item| item.as_str().is_some_and(|text| bad_text(text, LONGEST).is_none()));
    let fits = are_texts && !items.is_empty() && items.len() <= MOST;
    (!fits).then(|| format!("must be a list of 1 to {MOST} texts"))
}

pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Without the marks by which one spelling differs from another.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).take(64);
    letters.flat_map(char::to_lowercase).collect()
}

/// Letters to change, add or drop to get from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
