//! The fields of one map, taken out one by one; what is left over is unknown and refused.

use crate::{
    Mistake, Secret,
    error::nearest,
    node::{Entry, Kind, Node, Place},
};
use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

pub(crate) struct Fields<'n, 'm> {
    /// The map's own name, with a dot behind it; empty for the whole file.
    path: String,
    entries: Vec<&'n Entry>,
    known: Vec<&'static str>,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'n, 'm> Fields<'n, 'm> {
    /// A map, or the older form: a list of maps with one key each.
    pub(crate) fn of(node: &'n Node, path: &str, mistakes: &'m mut Vec<Mistake>) -> Self {
        let entries = entries(node).unwrap_or_else(|place| {
            let what = if path.is_empty() { "the file" } else { path };
            mistakes.push(Mistake::new(format!("{what} must be a map")).at(place));
            Vec::new()
        });
        let path = if path.is_empty() { String::new() } else { format!("{path}.") };
        let mut fields = Self { path, entries: Vec::new(), known: Vec::new(), mistakes };
        for entry in entries {
            if fields.entries.iter().any(|other| other.name == entry.name) {
                fields.refuse(&entry.name, "stands there twice", entry.place);
            }
            fields.entries.push(entry);
        }
        fields
    }

    pub(crate) fn mistakes(&mut self) -> &mut Vec<Mistake> {
        self.mistakes
    }

    pub(crate) fn refuse(&mut self, key: &str, message: &str, place: Place) {
        let name: String = format!("{}{key}", self.path).chars().take(128).collect();
        self.mistakes.push(Mistake::new(format!("{name} {message}")).at(place));
    }

    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let at = self.entries.iter().position(|entry| entry.name == key)?;
        let node = &self.entries.remove(at).node;
        (!matches!(node.kind, Kind::Null)).then_some(node)
    }

    /// Everything that was not taken, whatever it is called.
    pub(crate) fn rest(&mut self) -> Vec<&'n Entry> {
        std::mem::take(&mut self.entries)
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.take(key)?;
        match &node.kind {
            Kind::Text(text) | Kind::Number(text) => Some(text.clone()),
            Kind::Null | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => {
                self.refuse(key, "must be a text", node.place);
                None
            }
        }
    }

    /// A number would lose its leading zeros, so a secret has to be a text.
    pub(crate) fn secret(&mut self, key: &'static str) -> Option<Secret> {
        let node = self.take(key)?;
        match &node.kind {
            Kind::Text(text) => Some(Secret::new(text.as_str())),
            _ => {
                self.refuse(key, "must be a text; put it in quotes", node.place);
                None
            }
        }
    }

    pub(crate) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.take(key)?;
        let flag = match &node.kind {
            Kind::Bool(flag) => Some(*flag),
            Kind::Text(text) => text.parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            self.refuse(key, "must be true or false", node.place);
        }
        flag
    }

    pub(crate) fn number(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let node = self.take(key)?;
        let number = match &node.kind {
            Kind::Number(text) | Kind::Text(text) => text.parse().ok(),
            _ => None,
        };
        let fitting = number.filter(|number| range.contains(number));
        if fitting.is_none() {
            let (least, most) = (range.start(), range.end());
            self.refuse(key, &format!("must be a number from {least} to {most}"), node.place);
        }
        fitting
    }

    /// A number, or the word `none`.
    pub(crate) fn limit(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Option<u64>> {
        let (least, most) = (range.start(), range.end());
        let node = self.take(key)?;
        let limit = match &node.kind {
            Kind::Text(text) if text == "none" => Some(None),
            Kind::Number(text) | Kind::Text(text) => text.parse().ok().map(Some),
            _ => None,
        };
        let fitting = limit.filter(|limit| limit.is_none_or(|number: u64| range.contains(&number)));
        if fitting.is_none() {
            let message = format!("must be a number from {least} to {most}, or none");
            self.refuse(key, &message, node.place);
        }
        fitting
    }

    pub(crate) fn small(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let number = self.number(key, u64::from(*range.start())..=u64::from(*range.end()))?;
        u32::try_from(number).ok()
    }

    pub(crate) fn seconds(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Duration> {
        self.number(key, range).map(Duration::from_secs)
    }

    /// A list of texts, or one text with commas.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.take(key)?;
        let texts = match &node.kind {
            Kind::Text(text) => Some(commas(text)),
            Kind::List(items) => items.iter().map(plain).collect(),
            _ => None,
        };
        if texts.is_none() {
            self.refuse(key, "must be a list of texts", node.place);
        }
        texts
    }

    /// Refuse what was not taken, and say what was probably meant.
    pub(crate) fn finish(mut self) {
        for entry in self.rest() {
            let meant = nearest(&entry.name, &self.known);
            let meant = meant.map(|known| format!("; did you mean {known:?}?"));
            let message = format!("is not a known setting{}", meant.unwrap_or_default());
            self.refuse(&entry.name, &message, entry.place);
        }
    }
}

pub(crate) fn commas(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn plain(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn entries(node: &Node) -> Result<Vec<&Entry>, Place> {
    match &node.kind {
        Kind::Null => Ok(Vec::new()),
        Kind::Map(entries) => Ok(entries.iter().collect()),
        Kind::List(items) => {
            let each = items.iter().map(|item| match &item.kind {
                Kind::Map(entries) => Ok(entries),
                _ => Err(item.place),
            });
            Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => Err(node.place),
    }
}
