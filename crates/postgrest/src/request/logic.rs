//! `and=(a.eq.1,or(b.gt.2,not.and(c.is.null,d.lt.3)))`

use super::{
    EmbedPath, Filter,
    cursor::{Cursor, Failed, Read},
    filter, names,
};
use crate::RestError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logic {
    Filter(Filter),
    Group { is_negated: bool, connective: Connective, members: Vec<Logic> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    And,
    Or,
}

/// Groups within groups; more would exhaust the stack, of the database too.
const DEEPEST: usize = 100;

/// A parameter whose name ends in `and` or `or`.
pub(super) fn parameter(key: &str, text: &str) -> Result<(EmbedPath, Logic), RestError> {
    let (path, opening) = logic_path(key)?;
    let logic = Cursor::over(&format!("{opening}{text}"), |cursor| {
        tree(cursor, DEEPEST)
            .map_err(|Failed| cursor.error(&format!("failed to parse logic tree ({text})")))
    })?;
    Ok((path, logic))
}

/// `embed.not.or` is the path to the embed and `not.or`.
fn logic_path(key: &str) -> Result<(EmbedPath, String), RestError> {
    let read = |cursor: &mut Cursor| {
        let mut path = vec![names::name(cursor)?];
        while cursor.delimiter().is_ok() {
            path.push(names::name(cursor)?);
        }
        Ok(path)
    };
    let mut path = Cursor::over(key, |cursor| {
        read(cursor).map_err(|Failed| cursor.error(&format!("failed to parse logic path ({key})")))
    })?;
    let connective = path.pop().unwrap_or_default();
    let is_negated = path.iter().any(|part| part == "not");
    path.retain(|part| part != "not");
    Ok((path, if is_negated { format!("not.{connective}") } else { connective }))
}

fn tree(cursor: &mut Cursor, depth: usize) -> Read<Logic> {
    let depth = depth.checked_sub(1).ok_or(Failed)?;
    cursor.either(|cursor| one_filter(cursor).map(Logic::Filter), |cursor| group(cursor, depth))
}

fn group(cursor: &mut Cursor, depth: usize) -> Read<Logic> {
    let not = cursor.named("negation operator (not)", |cursor| {
        cursor.attempt(|cursor| {
            cursor.word("not")?;
            cursor.delimiter()
        })
    });
    let connective = cursor.named("logic operator (and, or)", |cursor| {
        if cursor.word("and").is_ok() {
            return Ok(Connective::And);
        }
        cursor.word("or").map(|()| Connective::Or)
    })?;
    cursor.lexeme(|cursor| cursor.char('('))?;
    let mut members = vec![tree(cursor, depth)?];
    while cursor.attempt(|cursor| cursor.lexeme(|cursor| cursor.char(','))).is_ok() {
        members.push(tree(cursor, depth)?);
    }
    cursor.lexeme(|cursor| cursor.char(')'))?;
    Ok(Logic::Group { is_negated: not.is_ok(), connective, members })
}

fn one_filter(cursor: &mut Cursor) -> Read<Filter> {
    let field = names::field(cursor)?;
    cursor.delimiter()?;
    let (is_negated, operation) = filter::operation(cursor, value)?;
    Ok(Filter { field, is_negated, operation })
}

/// In quotes, an array in braces, or everything up to a comma or the bracket.
fn value(cursor: &mut Cursor) -> Read<String> {
    if cursor.peek() == Some('{') {
        let array = cursor.attempt(|cursor| {
            cursor.char('{')?;
            let inner = cursor.while_(|seen| seen != '{' && seen != '}');
            cursor.char('}')?;
            Ok(format!("{{{inner}}}"))
        });
        if array.is_ok() {
            return array;
        }
    }
    Ok(filter::element(cursor))
}
