//! The parameters of the address.

use super::{
    EmbedPath, Filter, Logic, OrderTerm, Selected,
    filter::{self, Parameter},
    logic, order,
    range::Range,
    select, urlencoded,
};
use crate::RestError;
use http::{HeaderMap, Method};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pub select: Vec<Selected>,
    pub filters: Vec<(EmbedPath, Filter)>,
    /// The keys of the filters, as they were written.
    pub filter_keys: BTreeSet<String>,
    pub logic: Vec<(EmbedPath, Logic)>,
    pub order: Vec<(EmbedPath, Vec<OrderTerm>)>,
    pub ranges: Vec<(EmbedPath, Range)>,
    pub columns: Option<BTreeSet<String>>,
    pub on_conflict: Option<Vec<String>>,
    /// Arguments of a call.
    pub arguments: Vec<(String, String)>,
    /// All parameters in the order of their names.
    pub canonical: String,
}

impl Query {
    pub(super) fn parse(text: &str, may_be_arguments: bool) -> Result<Self, RestError> {
        let pairs = urlencoded::pairs(text);
        let given: Vec<(&str, &str)> = pairs
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)))
            .collect();
        let first = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.and_then(|(_, value)| value.as_deref())
        };
        let ending = |ends: &[&str]| {
            let found = given.iter().filter(|(key, _)| ends.contains(&last(key)));
            found.copied().collect::<Vec<_>>()
        };
        let mut query = Self { canonical: canonical(&pairs), ..Self::default() };
        for (key, value) in ending(&["order"]) {
            query.order.push(order::parameter(key, value)?);
        }
        for (key, value) in ending(&["and", "or"]) {
            query.logic.push(logic::parameter(key, value)?);
        }
        let columns = first("columns").map(|text| select::columns("columns", text)).transpose()?;
        query.columns = columns.map(BTreeSet::from_iter);
        query.select = select::parameter(first("select").unwrap_or("*"))?;
        query.read_filters(&given, may_be_arguments)?;
        let on_conflict = first("on_conflict");
        query.on_conflict =
            on_conflict.map(|text| select::columns("on_conflict", text)).transpose()?;
        query.ranges = ranges(&ending(&["limit"]), &ending(&["offset"]))?;
        Ok(query)
    }

    fn read_filters(&mut self, given: &[(&str, &str)], may_be: bool) -> Result<(), RestError> {
        for &(key, value) in given {
            let is_reserved = ["select", "columns", "on_conflict"].contains(&key)
                || ["order", "limit", "offset", "and", "or"].contains(&last(key));
            if is_reserved {
                continue;
            }
            match filter::parameter(key, value, may_be)? {
                Parameter::Filter(path, filter) => {
                    self.filter_keys.insert(key.to_owned());
                    self.filters.push((path, filter));
                }
                Parameter::Argument(name, value) => self.arguments.push((name, value)),
            }
        }
        Ok(())
    }

    /// The rows of the root, with the header's range.
    pub(super) fn restrict(
        &mut self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Range, RestError> {
        let asked = self.ranges.iter().find(|(path, _)| path.is_empty());
        let asked = asked.map(|(_, range)| *range).unwrap_or_default();
        let header =
            if method == Method::GET { Range::of_header(headers) } else { Range::default() };
        // No rows are only asked for by a limit of none.
        let range = if asked.limit == Some(0) { asked } else { header.intersection(asked) };
        if range.is_empty() && asked.limit != Some(0) {
            return Err(match header.is_empty() {
                true => RestError::BackwardRange,
                false => RestError::NegativeLimit,
            });
        }
        if method == Method::PUT && !range.is_all() {
            return Err(RestError::PutRange);
        }
        self.ranges.retain(|(path, _)| !path.is_empty());
        self.ranges.push((Vec::new(), range));
        Ok(range)
    }
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn ranges(
    limits: &[(&str, &str)],
    offsets: &[(&str, &str)],
) -> Result<Vec<(EmbedPath, Range)>, RestError> {
    let mut found: BTreeMap<EmbedPath, Range> = BTreeMap::new();
    for (key, value) in limits {
        let range = found.entry(filter::tree_path(key)?.0).or_default();
        range.limit = value.trim().parse().ok();
    }
    for (key, value) in offsets {
        let range = found.entry(filter::tree_path(key)?.0).or_default();
        range.offset = value.trim().parse().unwrap_or(0);
    }
    Ok(found.into_iter().collect())
}

fn canonical(pairs: &[(String, Option<String>)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort_by_key(|(key, _)| key);
    let encoded = sorted.into_iter().map(|(key, value)| {
        let value = value.as_deref().unwrap_or_default();
        format!("{}={}", urlencoded::encoded(key), urlencoded::encoded(value))
    });
    encoded.collect::<Vec<_>>().join("&")
}
