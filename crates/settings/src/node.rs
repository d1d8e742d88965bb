//! YAML as a tree that knows where each thing stands.

use crate::Mistake;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

pub(crate) type Place = Option<(u32, u32)>;

pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
}

pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

/// The parser's own words are not passed on: they may quote what stands in the file.
pub(crate) fn parse(text: &str) -> Result<Node, Mistake> {
    let is_empty = text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    if is_empty {
        return Ok(Node { kind: Kind::Null, place: None });
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().and_then(|found| position(found.line(), found.column()));
        Mistake::new(
            "this is not YAML. Look for a missing space after a colon, a key that stands twice, \
             tabs, or a value with special characters and no quotes",
        )
        .at(place)
    })
}

fn position(line: u64, column: u64) -> Place {
    let place = (u32::try_from(line).ok()?, u32::try_from(column).ok()?);
    (place.0 > 0).then_some(place)
}

fn place<T>(spanned: &Spanned<T>) -> Place {
    position(spanned.referenced.line(), spanned.referenced.column())
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { place: place(&spanned), kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let place = place(&key);
            entries.push(Entry { name: key.value, place, node: map.next_value()? });
        }
        Ok(Kind::Map(entries))
    }
}
