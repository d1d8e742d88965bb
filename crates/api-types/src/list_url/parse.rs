//! A URL read as a query, against the columns that exist.

use super::value::{self, Spelled};
use super::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_TERMS, UrlProblem};
use crate::console::{ColumnSpec, DataType, FilterOp, FilterTerm, ListQuery, SortTerm};
use percent_encoding::percent_decode_str;

pub(super) fn parse(query: &str, columns: &[ColumnSpec]) -> Result<ListQuery, Vec<UrlProblem>> {
    let mut reader =
        Reader { columns, problems: Vec::new(), query: empty(), sort_descending: None };
    let mut seen: Vec<&'static str> = Vec::new();
    for (index, raw) in query.split('&').filter(|raw| !raw.is_empty()).enumerate() {
        if index == MAX_TERMS {
            reader.note(UrlProblem::TooMany { parameter: "the query".into(), limit: MAX_TERMS });
            break;
        }
        reader.pair(raw, &mut seen);
    }
    reader.finish()
}

fn empty() -> ListQuery {
    ListQuery { page: 1, page_size: DEFAULT_PAGE_SIZE, ..ListQuery::default() }
}

struct Reader<'a> {
    columns: &'a [ColumnSpec],
    problems: Vec<UrlProblem>,
    query: ListQuery,
    sort_descending: Option<bool>,
}

impl Reader<'_> {
    fn note(&mut self, problem: UrlProblem) {
        self.problems.push(problem);
    }

    fn pair(&mut self, raw: &str, seen: &mut Vec<&'static str>) {
        let (raw_name, raw_value) = match raw.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (raw, None),
        };
        let (Some(name), Some(value)) = (decode(raw_name), decode(raw_value.unwrap_or_default()))
        else {
            let parameter = raw_name.chars().take(80).collect();
            return self.note(UrlProblem::NotText { parameter });
        };
        if let Some(reserved) = super::RESERVED.into_iter().find(|known| *known == name) {
            // Two names for one thing count as one.
            let slot = if reserved == "rows_per_page" { "per_page" } else { reserved };
            if slot != "filters" && seen.contains(&slot) {
                return self.note(UrlProblem::Repeated { parameter: slot.to_owned() });
            }
            seen.push(slot);
            return self.reserved(slot, &value);
        }
        match raw_value {
            Some(_) => self.named(&name, &value),
            None => self.bare(&name),
        }
    }

    fn reserved(&mut self, name: &'static str, value: &str) {
        match name {
            "q" => self.query.search = Some(value.to_owned()).filter(|text| !text.is_empty()),
            "page" => {
                if let Some(page) = self.number("page", value, u32::MAX, "not a page from 1") {
                    self.query.page = page;
                }
            }
            "per_page" => {
                let expected = "not a number of rows from 1 to 1000";
                if let Some(size) = self.number("per_page", value, MAX_PAGE_SIZE, expected) {
                    self.query.page_size = size;
                }
            }
            "sortdir" => match value {
                "asc" | "" => self.sort_descending = Some(false),
                "desc" => self.sort_descending = Some(true),
                _ => self.note(UrlProblem::BadValue {
                    parameter: "sortdir",
                    value: value.chars().take(80).collect(),
                    expected: "neither asc nor desc",
                }),
            },
            "sortby" => self.sort(value),
            "cols" => self.visible(value),
            "filters" => self.structured(value),
            _ if value.is_empty() => {}
            _ => self.note(UrlProblem::NotBuilt { parameter: name }),
        }
    }

    fn number(
        &mut self,
        parameter: &'static str,
        value: &str,
        most: u32,
        expected: &'static str,
    ) -> Option<u32> {
        match value.parse::<u32>() {
            Ok(number) if (1..=most).contains(&number) => Some(number),
            _ => {
                let value = value.chars().take(80).collect();
                self.note(UrlProblem::BadValue { parameter, value, expected });
                None
            }
        }
    }

    fn sort(&mut self, text: &str) {
        let mut rest = (!text.is_empty()).then_some(text);
        while let Some(text) = rest {
            let (descending, item) = match text.strip_prefix('-') {
                Some(item) => (true, item),
                None => (false, text),
            };
            let Some((column, more)) = value::first_item(item) else {
                return self.bad_list("sortby", text);
            };
            rest = more;
            self.sort_by(column, descending);
        }
    }

    fn sort_by(&mut self, column: String, descending: bool) {
        if !self.has(&column) {
            self.unknown(&column);
        } else if self.query.sort.iter().any(|term| term.column == column) {
            self.note(UrlProblem::Repeated { parameter: format!("sortby {column}") });
        } else {
            self.query.sort.push(SortTerm { column, descending });
        }
    }

    fn visible(&mut self, text: &str) {
        let Some(names) = value::split_list(text) else { return self.bad_list("cols", text) };
        for name in names {
            if !self.has(&name) {
                self.unknown(&name);
            } else if !self.query.columns.contains(&name) {
                self.query.columns.push(name);
            }
        }
    }

    fn bad_list(&mut self, parameter: &'static str, text: &str) {
        let value = text.chars().take(80).collect();
        let expected = "not a comma list of columns";
        self.note(UrlProblem::BadValue { parameter, value, expected });
    }

    fn structured(&mut self, text: &str) {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Term {
            column: String,
            op: String,
            #[serde(default)]
            value: serde_json::Value,
        }
        if text.is_empty() {
            return;
        }
        let terms = match serde_json::from_str::<Vec<Term>>(text) {
            Ok(terms) if terms.len() <= MAX_TERMS => terms,
            Ok(_) => {
                let parameter = "filters".to_owned();
                return self.note(UrlProblem::TooMany { parameter, limit: MAX_TERMS });
            }
            Err(error) => return self.note(UrlProblem::BadFilters { reason: error.to_string() }),
        };
        for Term { column, op, value } in terms {
            if !self.has(&column) {
                self.unknown(&column);
                continue;
            }
            let symbol = value::SYMBOLS.into_iter().find(|(symbol, _)| *symbol == op);
            match (value::op_by_word(&op).or(symbol.map(|(_, op)| op)), texts(value)) {
                (None, _) => self.note(UrlProblem::UnknownOperator { column, operator: op }),
                (Some(_), None) => {
                    self.note(UrlProblem::BadFilter { column, reason: "has an object as value" });
                }
                (Some(op), Some(values)) => self.filter(column, op, values),
            }
        }
    }

    /// `name=value`, where an operator may end the name or start the value.
    fn named(&mut self, name: &str, value: &str) {
        if self.has(name) {
            return match value::spelled(value) {
                Spelled::Plain(text) => self.filter(name.to_owned(), FilterOp::Eq, one(text)),
                Spelled::With(op, text) => self.worded(name, op, text),
                Spelled::Unknown(word) => self.note(UrlProblem::UnknownOperator {
                    column: name.to_owned(),
                    operator: word.to_owned(),
                }),
            };
        }
        // `amount>=10` unencoded arrives as the name `amount>`: the `=` belongs to the operator.
        let suffixes = [(">", FilterOp::Gte), ("<", FilterOp::Lte), ("!", FilterOp::Neq)];
        let split = |(symbol, op)| Some((name.strip_suffix(symbol)?, op));
        let found = value::SYMBOLS
            .into_iter()
            .filter(|(symbol, _)| !matches!(*symbol, ">" | "<"))
            .find_map(split)
            .or_else(|| suffixes.into_iter().find_map(split));
        match found {
            Some((column, op)) if self.has(column) => self.worded(column, op, value),
            _ => self.unknown(name),
        }
    }

    /// A parameter without `=`, such as `amount>10`.
    fn bare(&mut self, text: &str) {
        if self.has(text) {
            return self.note(UrlProblem::EmptyFilter { column: text.to_owned() });
        }
        let split = text.find(['>', '<', '!', '~', '^', '$']).map(|at| text.split_at(at));
        match split.map(|(column, rest)| (column, value::spelled(rest))) {
            Some((column, Spelled::With(op, value))) if self.has(column) => {
                self.worded(column, op, value);
            }
            _ => self.unknown(text),
        }
    }

    fn worded(&mut self, column: &str, op: FilterOp, text: &str) {
        let values = match op {
            FilterOp::In | FilterOp::NotIn => value::split_list(text),
            FilterOp::IsNull | FilterOp::IsNotNull => Some(Vec::new()),
            _ => Some(one(text)),
        };
        match values {
            Some(values) => self.filter(column.to_owned(), op, values),
            None => {
                let reason = "has a quote that is not closed";
                self.note(UrlProblem::BadFilter { column: column.to_owned(), reason });
            }
        }
    }

    fn filter(&mut self, column: String, op: FilterOp, values: Vec<String>) {
        let is_null_test = matches!(op, FilterOp::IsNull | FilterOp::IsNotNull);
        let is_list = matches!(op, FilterOp::In | FilterOp::NotIn);
        if is_null_test {
            return self.keep(FilterTerm { column, op, values: Vec::new() });
        }
        if values.len() > MAX_TERMS {
            return self.note(UrlProblem::TooMany { parameter: column, limit: MAX_TERMS });
        }
        if !is_list && values.len() > 1 {
            let reason = "takes one value, not a list";
            return self.note(UrlProblem::BadFilter { column, reason });
        }
        let text = self.columns.iter().any(|c| c.name == column && c.data_type == DataType::String);
        // An empty text is a value of a text column only, and then only when compared whole.
        let is_whole = is_list || matches!(op, FilterOp::Eq | FilterOp::Neq);
        if values.is_empty() || (!(text && is_whole) && values.iter().any(String::is_empty)) {
            return self.note(UrlProblem::EmptyFilter { column });
        }
        self.keep(FilterTerm { column, op, values });
    }

    /// A term said twice stands once.
    fn keep(&mut self, term: FilterTerm) {
        if !self.query.filters.contains(&term) {
            self.query.filters.push(term);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    fn unknown(&mut self, name: &str) {
        let column: String = name.chars().take(80).collect();
        let fold = |text: &str| text.to_ascii_lowercase().replace(['_', '-', ' '], "");
        let nearest = self.columns.iter().find(|known| fold(&known.name) == fold(&column));
        let nearest = nearest.map(|known| known.name.clone());
        self.note(UrlProblem::UnknownColumn { column, nearest });
    }

    fn finish(mut self) -> Result<ListQuery, Vec<UrlProblem>> {
        if self.sort_descending == Some(true) {
            self.query.sort.iter_mut().for_each(|term| term.descending = true);
        }
        self.query.filters = gathered(self.query.filters);
        if self.problems.is_empty() { Ok(self.query) } else { Err(self.problems) }
    }
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn one(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

/// Equalities on one column gather into "any of", as the filter builder writes them.
fn gathered(terms: Vec<FilterTerm>) -> Vec<FilterTerm> {
    let mut kept: Vec<FilterTerm> = Vec::with_capacity(terms.len());
    let mut places: Vec<(String, usize)> = Vec::new();
    for term in terms {
        let place = places.iter().find(|(column, _)| *column == term.column);
        match (term.op, place) {
            (FilterOp::Eq, Some((_, at))) => {
                let first = &mut kept[*at];
                for value in term.values {
                    if first.values.contains(&value) {
                        continue;
                    }
                    first.op = FilterOp::In;
                    first.values.push(value);
                }
                continue;
            }
            (FilterOp::Eq, None) => places.push((term.column.clone(), kept.len())),
            _ => {}
        }
        kept.push(term);
    }
    let mut once = Vec::with_capacity(kept.len());
    for term in kept {
        if !once.contains(&term) {
            once.push(term);
        }
    }
    once
}

/// A JSON value as the texts it stands for; `None` for an object.
fn texts(value: serde_json::Value) -> Option<Vec<String>> {
    use serde_json::Value;
    Some(match value {
        Value::Null => Vec::new(),
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) => vec![text],
        Value::Array(items) => items.into_iter().map(texts).collect::<Option<Vec<_>>>()?.concat(),
        Value::Object(_) => return None,
    })
}
