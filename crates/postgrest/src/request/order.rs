//! `order=name.desc.nullslast,client(id)`

use super::{
    EmbedPath, Field,
    cursor::{Cursor, Failed, Read},
    filter, names,
};
use crate::RestError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTerm {
    pub by: OrderBy,
    pub direction: Option<Direction>,
    pub nulls: Option<Nulls>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderBy {
    Field(Field),
    /// A column of an embed with at most one row.
    Related {
        relation: String,
        field: Field,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

pub(super) fn parameter(key: &str, text: &str) -> Result<(EmbedPath, Vec<OrderTerm>), RestError> {
    let (path, _) = filter::tree_path(key)?;
    let terms = Cursor::over(text, |cursor| {
        terms(cursor).map_err(|Failed| cursor.error(&format!("failed to parse order ({text})")))
    })?;
    Ok((path, terms))
}

fn terms(cursor: &mut Cursor) -> Read<Vec<OrderTerm>> {
    let mut terms = vec![cursor.lexeme(term)?];
    while cursor.char(',').is_ok() {
        terms.push(cursor.lexeme(term)?);
    }
    Ok(terms)
}

fn term(cursor: &mut Cursor) -> Read<OrderTerm> {
    let related = cursor.quietly(|cursor| {
        let relation = names::name(cursor)?;
        cursor.char('(')?;
        let field = names::field(cursor)?;
        cursor.char(')')?;
        placed(cursor, OrderBy::Related { relation, field })
    });
    related.or_else(|Failed| {
        let field = names::field(cursor)?;
        placed(cursor, OrderBy::Field(field))
    })
}

fn placed(cursor: &mut Cursor, by: OrderBy) -> Read<OrderTerm> {
    let direction =
        one_of(cursor, &[("asc", Direction::Ascending), ("desc", Direction::Descending)]);
    let nulls = one_of(cursor, &[("nullsfirst", Nulls::First), ("nullslast", Nulls::Last)]);
    if cursor.ahead(|cursor| cursor.char(',')).is_err() {
        cursor.end()?;
    }
    Ok(OrderTerm { by, direction, nulls })
}

fn one_of<T: Copy>(cursor: &mut Cursor, words: &[(&str, T)]) -> Option<T> {
    let found = words.iter().find(|(word, _)| {
        let read = cursor.attempt(|cursor| {
            cursor.delimiter()?;
            cursor.word(word)
        });
        read.is_ok()
    });
    found.map(|(_, meaning)| *meaning)
}
