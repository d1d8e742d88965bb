//! The small grammar in which a library writes its reads by key: recognised, such a text is planned,
//! permitted, bound and cached like any other read.

use super::lexer::{Lexer, Token, TokenKind};
use crate::request::{
    CastType, Casts, Condition, Filter, LimitFrom, Operator, OrderTerm, ReadRequest, RelationName,
    Selected, Selection, Window,
};
use serde_json::{Number, Value};

/// The read this text stands for, when it is nothing but one. `None` is not an error: then it is SQL.
pub fn recognise(text: &str) -> Option<ReadRequest> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next().ok()? {
        tokens.push(token);
        if tokens.len() > MAX_TOKENS {
            return None;
        }
    }
    Parser { rest: &tokens }.select()
}

/// Longer texts come from people.
const MAX_TOKENS: usize = 5_000;

struct Parser<'a, 't> {
    rest: &'t [Token<'a>],
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
        let (limit, limit_from) = match self.word("limit") {
            Some(_) => (self.count()?, LimitFrom::Caller),
            None => (u64::MAX, LimitFrom::Default),
        };
        let offset = if self.word("offset").is_some() { self.count()? } else { 0 };
        while self.symbol(";").is_some() {}
        let window = Window { limit, offset };
        self.rest.is_empty().then_some(ReadRequest {
            columns,
            filter,
            order,
            window,
            limit_from,
            ..ReadRequest::of(relation)
        })
    }

    fn columns(&mut self) -> Option<Selection> {
        if self.symbol("*").is_some() {
            return Some(Selection::every());
        }
        let mut columns: Vec<Selected> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        loop {
            let name = self.name()?;
            let alias = if self.word("as").is_some() { Some(self.name()?) } else { None };
            let member = alias.as_ref().unwrap_or(&name);
            // SQL answers a column twice that is named twice; an object cannot.
            if seen.contains(member) {
                return None;
            }
            seen.push(member.clone());
            columns.push(Selected::Column { name, alias });
            if self.symbol(",").is_none() {
                return Some(Selection { columns, ..Selection::default() });
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
            filters.push(self.condition(path)?);
            if self.word("and").is_none() {
                return Some(Filter::And(filters));
            }
        }
    }

    fn condition(&mut self, path: String) -> Option<Filter> {
        // What the library makes of a list without values.
        if self.word("false").is_some() {
            return Some(Filter::Or(Vec::new()));
        }
        let column = self.name()?;
        let cast = self.cast()?;
        let (operator, value, value_cast) = self.predicate()?;
        let condition = Condition { path, column, operator, value };
        if cast.is_none() && value_cast.is_none() {
            return Some(Filter::Condition(condition));
        }
        let casts = Casts { column: cast, value: value_cast, is_automatic: false };
        Some(Filter::Cast(condition, casts))
    }

    fn predicate(&mut self) -> Option<(Operator, Value, Option<CastType>)> {
        if self.word("is").is_some() {
            return match self.literal()? {
                (Value::Null, None) => Some((Operator::IsNull, Value::Null, None)),
                (value @ Value::Bool(_), None) => Some((Operator::Is, value, None)),
                _ => None,
            };
        }
        if self.word("in").is_some() {
            let (values, cast) = self.list()?;
            return Some((Operator::In, values, cast));
        }
        let operator = self.operator()?;
        match (operator, self.literal()?) {
            // The library means what it means elsewhere; in SQL this would never hold.
            (Operator::Eq, (Value::Null, _)) => Some((Operator::IsNull, Value::Null, None)),
            (Operator::Neq, (Value::Null, _)) => Some((Operator::NotNull, Value::Null, None)),
            (_, (Value::Null, _)) => None,
            (operator, (value, cast)) => Some((operator, value, cast)),
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

    fn list(&mut self) -> Option<(Value, Option<CastType>)> {
        self.symbol("(")?;
        let mut values = Vec::new();
        let mut cast = None;
        loop {
            let (value, its_cast) = self.literal()?;
            if value.is_null() || (!values.is_empty() && its_cast != cast) {
                return None;
            }
            cast = its_cast;
            values.push(value);
            if self.symbol(",").is_none() {
                self.symbol(")")?;
                return Some((Value::Array(values), cast));
            }
        }
    }

    fn literal(&mut self) -> Option<(Value, Option<CastType>)> {
        let is_negative = self.symbol("-").is_some();
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        let value = match (token.kind, token.text) {
            (TokenKind::Number, digits) => {
                number(&format!("{}{digits}", if is_negative { "-" } else { "" }))?
            }
            _ if is_negative => return None,
            (TokenKind::Text, text) => Value::String(unquoted(text, '\'')),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("true") => Value::Bool(true),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("false") => Value::Bool(false),
            (TokenKind::Word, word) if word.eq_ignore_ascii_case("null") => Value::Null,
            _ => return None,
        };
        Some((value, self.cast()?))
    }

    /// `Some(None)` when there is none.
    fn cast(&mut self) -> Option<Option<CastType>> {
        if self.symbol("::").is_none() {
            return Some(None);
        }
        let (token, rest) = self.rest.split_first()?;
        self.rest = rest;
        let is_longer = rest.first().is_some_and(|next| next.is_symbol("[") || next.is_symbol("("));
        if token.kind != TokenKind::Word || is_longer {
            return None;
        }
        CastType::parse(token.text).map(Some)
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

#[cfg(test)]
mod tests;
