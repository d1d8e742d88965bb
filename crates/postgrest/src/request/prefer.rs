//! The header Prefer.

use http::HeaderMap;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    pub resolution: Option<Resolution>,
    pub representation: Option<Representation>,
    pub count: Option<Count>,
    /// Only where the client allows that a request chooses.
    pub transaction: Option<Transaction>,
    pub missing: Option<Missing>,
    pub handling: Option<Handling>,
    pub timezone: Option<String>,
    pub max_affected: Option<i64>,
    /// What was not understood.
    pub invalid: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representation {
    Full,
    Minimal,
    HeadersOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exact,
    Planned,
    Estimated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    Commit,
    Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Default,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    Strict,
    Lenient,
}

/// A preference with a fixed set of values, each written as it is echoed.
pub trait Preference: Copy + 'static {
    const VALUES: &'static [(&'static str, Self)];

    fn echo(self) -> &'static str
    where
        Self: PartialEq,
    {
        let found = Self::VALUES.iter().find(|(_, value)| *value == self);
        found.map_or("", |(text, _)| text)
    }
}

impl Preference for Resolution {
    const VALUES: &'static [(&'static str, Self)] = &[
        ("resolution=merge-duplicates", Self::MergeDuplicates),
        ("resolution=ignore-duplicates", Self::IgnoreDuplicates),
    ];
}

impl Preference for Representation {
    const VALUES: &'static [(&'static str, Self)] = &[
        ("return=representation", Self::Full),
        ("return=minimal", Self::Minimal),
        ("return=headers-only", Self::HeadersOnly),
    ];
}

impl Preference for Count {
    const VALUES: &'static [(&'static str, Self)] = &[
        ("count=exact", Self::Exact),
        ("count=planned", Self::Planned),
        ("count=estimated", Self::Estimated),
    ];
}

impl Preference for Transaction {
    const VALUES: &'static [(&'static str, Self)] =
        &[("tx=commit", Self::Commit), ("tx=rollback", Self::Rollback)];
}

impl Preference for Missing {
    const VALUES: &'static [(&'static str, Self)] =
        &[("missing=default", Self::Default), ("missing=null", Self::Null)];
}

impl Preference for Handling {
    const VALUES: &'static [(&'static str, Self)] =
        &[("handling=strict", Self::Strict), ("handling=lenient", Self::Lenient)];
}

impl Preferences {
    pub(super) fn parse(headers: &HeaderMap, may_choose_end: bool) -> Self {
        let sent: Vec<String> = headers
            .get_all("prefer")
            .iter()
            .flat_map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                text.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>()
            })
            .collect();
        let prefixed = |prefix: &str| sent.iter().find_map(|one| one.strip_prefix(prefix));
        Self {
            resolution: first(&sent),
            representation: first(&sent),
            count: first(&sent),
            transaction: if may_choose_end { first(&sent) } else { None },
            missing: first(&sent),
            handling: first(&sent),
            timezone: prefixed("timezone=").map(str::to_owned),
            max_affected: prefixed("max-affected=").and_then(|text| text.parse().ok()),
            invalid: sent.iter().filter(|one| !is_known(one)).cloned().collect(),
        }
    }

    pub fn is_strict(&self) -> bool {
        self.handling == Some(Handling::Strict)
    }

    /// Whether the rows are counted, and not only guessed.
    pub fn counts(&self) -> bool {
        matches!(self.count, Some(Count::Exact | Count::Estimated))
    }

    /// The value of Preference-Applied, for those preferences that had a say.
    pub(crate) fn applied(&self) -> Option<String> {
        let said = [
            self.resolution.map(|one| one.echo().to_owned()),
            self.missing.map(|one| one.echo().to_owned()),
            self.representation.map(|one| one.echo().to_owned()),
            self.count.map(|one| one.echo().to_owned()),
            self.transaction.map(|one| one.echo().to_owned()),
            self.handling.map(|one| one.echo().to_owned()),
            self.timezone.as_ref().map(|zone| format!("timezone={zone}")),
            self.max_affected.filter(|_| self.is_strict()).map(|max| format!("max-affected={max}")),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}

fn first<T: Preference>(sent: &[String]) -> Option<T> {
    let meaning = |one: &String| T::VALUES.iter().find(|(text, _)| text == one);
    sent.iter().find_map(meaning).map(|(_, value)| *value)
}

fn is_known(text: &str) -> bool {
    fn has<T: Preference>(text: &str) -> bool {
        T::VALUES.iter().any(|(known, _)| *known == text)
    }
    has::<Resolution>(text)
        || has::<Representation>(text)
        || has::<Count>(text)
        || has::<Transaction>(text)
        || has::<Missing>(text)
        || has::<Handling>(text)
        || text.starts_with("timezone=")
        || text.starts_with("max-affected=")
}
