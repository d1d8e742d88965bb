//! The small grammar in which a library writes its reads by key: recognised, such a text is planned,
//! permitted, bound and cached like any other read.

use super::lexer::{Lexer, Token, TokenKind};
use crate::request::{
    Condition, Filter, Operator, OrderTerm, ReadRequest, RelationName, Selection, Window,
};
use serde_json::{Number, Value};

/// A read that was written as SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    pub request: ReadRequest,
    /// Columns that are compared as text with something that looks like a UUID. Only for a column
    /// of type uuid or text does that mean the same as comparing in its own type.
    pub as_text: Vec<String>,
}

/// The read this text stands for, when it is nothing but one. `None` is not an error: then it is SQL.
pub fn recognise(text: &str) -> Option<Recognised> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next().ok()? {
        tokens.push(token);
        if tokens.len() > MAX_TOKENS {
            return None;
        }
    }
    let mut parser = Parser { rest: &tokens, as_text: Vec::new() };
    let request = parser.select()?;
    Some(Recognised { request, as_text: parser.as_text })
}

/// Longer texts come from people.
const MAX_TOKENS: usize = 5_000;

struct Parser<'a, 't> {
    rest: &'t [Token<'a>],
    as_text: Vec<String>,
}

/// Words that end a list or begin a clause, and so are no names.
const CLAUSES: [&str; 8] = ["from", "where", "order", "limit", "offset", "and", "as", "distinct"];

impl<'a> Parser<'a, '_> {
    fn select(&mut self) -> Option<ReadRequest> {
        self.word("select")?;
        let columns = self.columns()?;
        self.word("from")?;
        let relation = self.relation()?;
        let filter = if self.word("where").is_some() { self.conditions()? } else { Filter::All };
        let order = if self.word("order").is_some() { vec![self.order()?] } else { Vec::new() };
        let limit = if self.word("limit").is_some() { self.count()? } else { u64::MAX };
        let offset = if self.word("offset").is_some() { self.count()? } else { 0 };
        while self.symbol(";").is_some() {}
        let window = Window { limit, offset };
        self.rest.is_empty().then_some(ReadRequest {
            columns: columns.map_or_else(Selection::every, Selection::named),
            filter,
            order,
            window,
            ..ReadRequest::of(relation)
        })
    }

    /// `Some(None)` is every column. An alias that renames is left to the database.
    fn columns(&mut self) -> Option<Option<Vec<String>>> {
        if self.symbol("*").is_some() {
            return Some(None);
        }
        let mut columns: Vec<String> = Vec::new();
        loop {
            let name = self.name()?;
            if self.word("as").is_some() && self.name()? != name {
                return None;
            }
            // SQL answers a column twice that is named twice; an object cannot.
            if columns.contains(&name) {
                return None;
            }
            columns.push(name);
            if self.symbol(",").is_none() {
                return Some(Some(columns));
            }
        }
    }

    fn relation(&mut self) -> Option<RelationName> {
        let first = self.name()?;
        if self.symbol(".").is_none() {
            return Some(RelationName { schema: None, name: first });
        }
        Some(RelationName { schema: Some(first), name: self.name()? })
    }

    fn conditions(&mut self) -> Option<Filter> {
        let mut filters = Vec::new();
        loop {
            let path = format!("where[{}]", filters.len());
            filters.push(Filter::Condition(self.condition(path)?));
            if self.word("and").is_none() {
                return Some(Filter::And(filters));
            }
        }
    }

    fn condition(&mut self, path: String) -> Option<Condition> {
        let column = self.name()?;
        let cast = self.cast()?;
        let (operator, value) = self.predicate()?;
        match cast {
            None => {}
            Some("text") if looks_like_uuids(&value) => self.as_text.push(column.clone()),
            Some("text") if matches!(operator, Operator::Like | Operator::Ilike) => {}
            Some("text") if matches!(operator, Operator::IsNull | Operator::NotNull) => {}
            Some(_) => return None,
        }
        Some(Condition { path, column, operator, value })
    }

    fn predicate(&mut self) -> Option<(Operator, Value)> {
        if self.word("is").is_some() {
            return match self.literal()? {
                Value::Null => Some((Operator::IsNull, Value::Null)),
                value @ Value::Bool(_) => Some((Operator::Is, value)),
                _ => None,
            };
        }
        if self.word("in").is_some() {
            return Some((Operator::In, self.list()?));
        }
        let operator = self.operator()?;
        let value = self.literal()?;
        match (operator, value) {
            // The library means what it means elsewhere; in SQL this would never hold.
            (Operator::Eq, Value::Null) => Some((Operator::IsNull, Value::Null)),
            (Operator::Neq, Value::Null) => Some((Operator::NotNull, Value::Null)),
            (_, Value::Null) => None,
            (operator, value) => Some((operator, value)),
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        let (token, rest) = self.rest.split_first()?;
        let operator = match (token.kind, token.text) {
            (TokenKind::Symbol, "=") => Operator::Eq,
            (TokenKind::Symbol, "!=" | "<>") => Operator::Neq,
            (TokenKind::Symbol, ">") => Operator::Gt,
            (TokenKind::Symbol, ">=") => Operator::Gte,
            (TokenKind::Symbol, "<") => Operator::Lt,
            (TokenKind::Symbol, "<=") => Operator::Lte,
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("like") => Operator::Like,
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("ilike") => Operator::Ilike,
            _ => return None,
        };
        self.rest = rest;
        Some(operator)
    }

    fn list(&mut self) -> Option<Value> {
        self.symbol("(")?;
        let mut values = Vec::new();
        loop {
            values.push(self.literal().filter(|value| !value.is_null())?);
            if self.symbol(",").is_none() {
                self.symbol(")")?;
                return Some(Value::Array(values));
            }
        }
    }

    /// A value, with a cast that says what it is anyway.
    fn literal(&mut self) -> Option<Value> {
        let is_negative = self.symbol("-").is_some();
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        let value = match (token.kind, token.text) {
            (TokenKind::Number, digits) => {
                let sign = if is_negative { "-" } else { "" };
                return number(&format!("{sign}{digits}")).filter(|_| self.cast() == Some(None));
            }
            _ if is_negative => return None,
            (TokenKind::Text, text) => Value::String(unquoted(text, '\'')),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("true") => Value::Bool(true),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("false") => Value::Bool(false),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("null") => Value::Null,
            _ => return None,
        };
        matches!(self.cast()?, None | Some("text" | "uuid")).then_some(value)
    }

    /// `Some(None)` when there is none.
    fn cast(&mut self) -> Option<Option<&'a str>> {
        if self.symbol("::").is_none() {
            return Some(None);
        }
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        let is_array = self.rest.first().is_some_and(|next| next.is_symbol("["));
        (token.kind == TokenKind::Word && !is_array).then_some(Some(token.text))
    }

    fn order(&mut self) -> Option<OrderTerm> {
        self.word("by")?;
        let column = self.name()?;
        let descending = self.word("desc").is_some();
        if !descending {
            let _ = self.word("asc");
        }
        Some(OrderTerm { column, descending, nulls_first: None })
    }

    fn count(&mut self) -> Option<u64> {
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        if token.kind != TokenKind::Number {
            return None;
        }
        token.text.parse().ok().filter(|count| i64::try_from(*count).is_ok())
    }

    /// A name, folded as the database folds it.
    fn name(&mut self) -> Option<String> {
        let (token, rest) = self.rest.split_first()?;
        let name = match token.kind {
            TokenKind::Quoted => unquoted(token.text, '"'),
            TokenKind::Word if token.text.is_ascii() => token.text.to_ascii_lowercase(),
            _ => return None,
        };
        if token.kind == TokenKind::Word && CLAUSES.contains(&name.as_str()) {
            return None;
        }
        self.rest = rest;
        Some(name)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let (token, rest) = self.rest.split_first()?;
        token.is_word(word).then(|| self.rest = rest)
    }

    fn symbol(&mut self, symbol: &str) -> Option<()> {
        let (token, rest) = self.rest.split_first()?;
        token.is_symbol(symbol).then(|| self.rest = rest)
    }
}

/// A doubled quote stands for one.
fn unquoted(text: &str, quote: char) -> String {
    let inner = &text[1..text.len() - 1];
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

fn number(digits: &str) -> Option<Value> {
    digits.parse::<Number>().ok().map(Value::Number)
}

fn looks_like_uuids(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        Value::Array(values) => values.iter().all(looks_like_uuids),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
