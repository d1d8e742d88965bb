//! A view in PostgREST's words: columns, conditions and order, before they are put into an address.

use super::{Unsaid, View, like::Part};
use crate::console::{FilterOp, FilterTerm};

/// What one condition compares a column with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test<'a> {
    /// By PostgREST's word for it.
    Compare(&'static str, &'a str),
    Part(Part<'a>),
    In(&'a [String]),
    Null,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition<'a> {
    pub(super) column: &'a str,
    pub(super) is_negated: bool,
    pub(super) test: Test<'a>,
}

/// Conditions are joined by "and"; some are alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<'a> {
    One(Condition<'a>),
    Any(Vec<Condition<'a>>),
}

/// What no column can be called without quotes: it would be a parameter of another meaning.
const WORDS: [&str; 10] =
    ["select", "columns", "on_conflict", "order", "limit", "offset", "and", "or", "not", "api_key"];

pub(super) fn select(view: View<'_>) -> Vec<String> {
    view.columns.iter().map(|column| name(column)).collect()
}

/// The order asked for, then the key. Rows without a value are last, whichever way the rest runs.
pub(super) fn order(view: View<'_>) -> Vec<String> {
    let sort = view.query.sort.iter().map(|term| {
        let direction = if term.descending { ".desc.nullslast" } else { "" };
        format!("{}{direction}", name(&term.column))
    });
    sort.chain(view.order_by_key().map(name)).collect()
}

/// The schema, as a header can name it.
pub(super) fn schema(view: View<'_>) -> Result<&str, Unsaid> {
    let schema = view.resource.schema.as_str();
    let fits = schema.chars().all(|c| matches!(c, ' '..='~')) && schema.trim() == schema;
    if fits { Ok(schema) } else { Err(Unsaid::Schema { schema: schema.to_owned() }) }
}

/// The filters and the search, as far as PostgREST can say them.
pub(super) fn conditions(view: View<'_>) -> Result<Vec<Said<'_>>, Unsaid> {
    let all = said(view)?;
    let each = all.iter().flat_map(|said| match said {
        Said::One(condition) => std::slice::from_ref(condition),
        Said::Any(conditions) => conditions,
    });
    for condition in each {
        let column = || condition.column.to_owned();
        let is_json = view.column(condition.column).is_some_and(|known| known.sql_type == "json");
        match condition.test {
            Test::Part(_) if !view.is_text(condition.column) => {
                return Err(Unsaid::PartOfNoText { column: column() });
            }
            Test::Compare(..) | Test::In(_) if is_json => {
                return Err(Unsaid::PlainJson { column: column() });
            }
            Test::Compare(..) | Test::In(_) | Test::Part(_) | Test::Null => {}
        }
    }
    Ok(all)
}

/// The filters and the search.
pub(super) fn said(view: View<'_>) -> Result<Vec<Said<'_>>, Unsaid> {
    let mut all: Vec<Said<'_>> =
        view.query.filters.iter().map(|term| of_term(view, term)).collect();
    if let Some(text) = view.search() {
        let part = Part { text, may_begin: true, may_go_on: true };
        let columns = view.resource.search_by.iter();
        let each: Vec<_> = columns.map(|column| is(column, Test::Part(part))).collect();
        all.push(match each.len() {
            0 => return Err(Unsaid::SearchOfNothing),
            1 => Said::One(is(&view.resource.search_by[0], Test::Part(part))),
            _ => Said::Any(each),
        });
    }
    Ok(all)
}

fn of_term<'a>(view: View<'a>, term: &'a FilterTerm) -> Said<'a> {
    let column = term.column.as_str();
    let first = term.values.first().map_or("", String::as_str);
    let part = |may_begin, may_go_on| Test::Part(Part { text: first, may_begin, may_go_on });
    // An empty text alone in a list would be an empty list.
    let one_of = || match term.values.as_slice() {
        [only] => Test::Compare("eq", only),
        values => Test::In(values),
    };
    // A person who asks for "not paid" means the rows without a status too.
    let or_null = |condition: Condition<'a>| match view.is_nullable(column) {
        true => Said::Any(vec![condition, is(column, Test::Null)]),
        false => Said::One(condition),
    };
    let compare = |word| Said::One(is(column, Test::Compare(word, first)));
    match term.op {
        FilterOp::Eq => compare("eq"),
        FilterOp::Neq => or_null(is(column, Test::Compare("neq", first))),
        FilterOp::Gt => compare("gt"),
        FilterOp::Gte => compare("gte"),
        FilterOp::Lt => compare("lt"),
        FilterOp::Lte => compare("lte"),
        FilterOp::Contains => Said::One(is(column, part(true, true))),
        FilterOp::NotContains => or_null(is_not(column, part(true, true))),
        FilterOp::StartsWith => Said::One(is(column, part(false, true))),
        FilterOp::EndsWith => Said::One(is(column, part(true, false))),
        FilterOp::In => Said::One(is(column, one_of())),
        FilterOp::NotIn => or_null(match one_of() {
            Test::Compare(_, only) => is(column, Test::Compare("neq", only)),
            list => is_not(column, list),
        }),
        FilterOp::IsNull => Said::One(is(column, Test::Null)),
        FilterOp::IsNotNull => Said::One(is_not(column, Test::Null)),
    }
}

fn is<'a>(column: &'a str, test: Test<'a>) -> Condition<'a> {
    Condition { column, is_negated: false, test }
}

fn is_not<'a>(column: &'a str, test: Test<'a>) -> Condition<'a> {
    Condition { column, is_negated: true, test }
}

impl Condition<'_> {
    /// `not.in.(a,b)`: what stands behind a column's name in an address.
    pub(super) fn value(&self) -> String {
        let (operator, value) = self.operator_and_value();
        format!("{}{operator}.{value}", self.not())
    }

    /// `status.neq."a,b"`: the whole condition, among alternatives.
    pub(super) fn member(&self) -> String {
        let (operator, value) = self.operator_and_value();
        let value = match self.test {
            Test::Compare(..) | Test::Part(_) => quoted(&value),
            Test::In(_) | Test::Null => value,
        };
        format!("{}.{}{operator}.{value}", name(self.column), self.not())
    }

    pub(super) fn operator_and_value(&self) -> (&'static str, String) {
        match self.test {
            Test::Compare(operator, value) => (operator, value.to_owned()),
            Test::Part(part) if part.needs_expression() => ("imatch", part.expression()),
            Test::Part(part) => ("ilike", part.pattern("*")),
            Test::In(values) => ("in", list(values)),
            Test::Null => ("is", "null".to_owned()),
        }
    }

    fn not(&self) -> &'static str {
        if self.is_negated { "not." } else { "" }
    }
}

/// `or=(…)`, without the brackets.
pub(super) fn alternatives(conditions: &[Condition<'_>]) -> String {
    conditions.iter().map(Condition::member).collect::<Vec<_>>().join(",")
}

fn list(values: &[String]) -> String {
    format!("({})", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(","))
}

/// A value beside others, in quotes where it could be taken for something else.
fn quoted(value: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '@' | '*' | '%');
    if !value.is_empty() && value.chars().all(is_plain) {
        value.to_owned()
    } else {
        in_quotes(value)
    }
}

/// A column's name, in quotes where it is not a plain word.
pub(super) fn name(column: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fits = !column.is_empty() && column.chars().all(is_plain) && !WORDS.contains(&column);
    if fits { column.to_owned() } else { in_quotes(column) }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
