//! YAML as a tree that knows where each thing stands.

use crate::{
    problem::{ConfigProblem, Place},
    route::Named,
};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub kind: Kind,
    pub place: Option<Place>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// Numbers keep their text.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Named, Node)>),
}

pub(super) fn parse(text: &str) -> Result<Node, serde_saphyr::Error> {
    if text.trim().is_empty() {
        return Ok(Node { kind: Kind::Map(Vec::new()), place: None });
    }
    serde_saphyr::from_str(text)
}

fn place<T>(spanned: &Spanned<T>) -> Option<Place> {
    let line = u32::try_from(spanned.referenced.line()).ok()?;
    let column = u32::try_from(spanned.referenced.column()).ok()?;
    (line > 0).then_some(Place { line, column })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        let place = place(&spanned);
        Ok(Self { kind: spanned.value, place })
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
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_owned()))
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
            let name = Named { place: place(&key), text: key.value };
            entries.push((name, map.next_value()?));
        }
        Ok(Kind::Map(entries))
    }
}

impl Node {
    pub fn wrong(&self, what: &str, expected: &str) -> ConfigProblem {
        ConfigProblem::new(format!("{what} must be {expected}")).at(self.place)
    }

    /// The entries of a map; anything else is a problem. Null is an empty map.
    pub fn entries(&self, what: &str, problems: &mut Vec<ConfigProblem>) -> &[(Named, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Null => &[],
            Kind::Bool(_) | Kind::Scalar(_) | Kind::List(_) => {
                problems.push(self.wrong(what, "a map"));
                &[]
            }
        }
    }
}

/// The fields of one map, taken out one by one; what is left over is unknown.
pub(super) struct Fields<'a> {
    what: String,
    entries: Vec<(&'a Named, &'a Node)>,
}

impl<'a> Fields<'a> {
    pub fn of(node: &'a Node, what: &str, problems: &mut Vec<ConfigProblem>) -> Option<Self> {
        if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
            problems.push(node.wrong(what, "a map"));
            return None;
        }
        let entries = node.entries(what, problems).iter().map(|(name, node)| (name, node));
        Some(Self { what: what.to_owned(), entries: entries.collect() })
    }

    pub fn take(&mut self, key: &str) -> Option<&'a Node> {
        let at = self.entries.iter().position(|(name, _)| name.text == key)?;
        Some(self.entries.remove(at).1)
    }

    pub fn text(&mut self, key: &str, problems: &mut Vec<ConfigProblem>) -> Option<Named> {
        let node = self.take(key)?;
        match &node.kind {
            Kind::Scalar(text) => Some(Named { text: text.clone(), place: node.place }),
            Kind::Null => None,
            Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => {
                problems.push(node.wrong(&format!("{key} of {}", self.what), "a text"));
                None
            }
        }
    }

    pub fn flag(&mut self, key: &str, problems: &mut Vec<ConfigProblem>) -> Option<bool> {
        let node = self.take(key)?;
        match &node.kind {
            Kind::Bool(flag) => Some(*flag),
            Kind::Null => None,
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => {
                problems.push(node.wrong(&format!("{key} of {}", self.what), "true or false"));
                None
            }
        }
    }

    /// A list of texts, or one text with commas.
    pub fn texts(&mut self, key: &str, problems: &mut Vec<ConfigProblem>) -> Option<Vec<Named>> {
        let node = self.take(key)?;
        let what = format!("{key} of {}", self.what);
        match &node.kind {
            Kind::Null => None,
            Kind::Scalar(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                let named = |part: &str| Named { text: part.to_owned(), place: node.place };
                Some(parts.map(named).collect())
            }
            Kind::List(items) => {
                let mut found = Vec::new();
                for item in items {
                    match &item.kind {
                        Kind::Scalar(text) => {
                            found.push(Named { text: text.clone(), place: item.place });
                        }
                        _ => problems.push(item.wrong(&what, "a list of texts")),
                    }
                }
                Some(found)
            }
            Kind::Bool(_) | Kind::Map(_) => {
                problems.push(node.wrong(&what, "a text or a list of texts"));
                None
            }
        }
    }

    /// Whatever was not taken is a problem; `known` are the names it may have meant.
    pub fn finish(self, known: &[&str], problems: &mut Vec<ConfigProblem>) {
        for (name, _) in self.entries {
            let message = format!("{} has no key {:?}", self.what, name.text);
            let known = known.iter().copied();
            problems.push(ConfigProblem::new(message).at(name.place).near(&name.text, known));
        }
    }

    /// Keys that have a meaning elsewhere and none here yet.
    pub fn not_built(&mut self, keys: &[&str], problems: &mut Vec<ConfigProblem>) {
        self.entries.retain(|(name, _)| {
            let is_waiting = keys.contains(&name.text.as_str());
            if is_waiting {
                let message = format!("{} of {} has no effect yet", name.text, self.what);
                problems.push(ConfigProblem::new(message).at(name.place));
            }
            !is_waiting
        });
    }
}
