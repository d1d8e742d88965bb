//! `column=operator.value`

use super::{
    EmbedPath, Field,
    cursor::{Cursor, Failed, Read},
    names,
};
use crate::RestError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub field: Field,
    pub is_negated: bool,
    pub operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    Simple(SimpleOperator, String),
    Compare { comparison: Comparison, quantifier: Option<Quantifier>, value: String },
    In(Vec<String>),
    Is(IsValue),
    IsDistinct(String),
    Fts { operator: FtsOperator, language: Option<String>, value: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimpleOperator {
    NotEqual,
    Contains,
    Contained,
    Overlap,
    StrictlyLeft,
    StrictlyRight,
    NotExtendsRight,
    NotExtendsLeft,
    Adjacent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    GreaterOrEqual,
    Greater,
    LessOrEqual,
    Less,
    Like,
    ILike,
    Match,
    IMatch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsValue {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FtsOperator {
    Query,
    Plain,
    Phrase,
    Websearch,
}

/// Where no word begins another one that stands after it.
const SIMPLE: [(&str, SimpleOperator); 9] = [
    ("neq", SimpleOperator::NotEqual),
    ("cs", SimpleOperator::Contains),
    ("cd", SimpleOperator::Contained),
    ("ov", SimpleOperator::Overlap),
    ("sl", SimpleOperator::StrictlyLeft),
    ("sr", SimpleOperator::StrictlyRight),
    ("nxr", SimpleOperator::NotExtendsRight),
    ("nxl", SimpleOperator::NotExtendsLeft),
    ("adj", SimpleOperator::Adjacent),
];

const COMPARISONS: [(&str, Comparison); 9] = [
    ("eq", Comparison::Equal),
    ("gte", Comparison::GreaterOrEqual),
    ("gt", Comparison::Greater),
    ("lte", Comparison::LessOrEqual),
    ("lt", Comparison::Less),
    ("like", Comparison::Like),
    ("ilike", Comparison::ILike),
    ("match", Comparison::Match),
    ("imatch", Comparison::IMatch),
];

const FTS: [(&str, FtsOperator); 4] = [
    ("fts", FtsOperator::Query),
    ("plfts", FtsOperator::Plain),
    ("phfts", FtsOperator::Phrase),
    ("wfts", FtsOperator::Websearch),
];

const IS: [(&str, IsValue); 5] = [
    ("null", IsValue::Null),
    ("not_null", IsValue::NotNull),
    ("true", IsValue::True),
    ("false", IsValue::False),
    ("unknown", IsValue::Unknown),
];

/// What a parameter of the address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parameter {
    Filter(EmbedPath, Filter),
    /// No operator: the value is an argument as it is.
    Argument(String, String),
}

/// A parameter; that it may be an argument depends on what is asked.
pub(super) fn parameter(
    key: &str,
    text: &str,
    may_be_argument: bool,
) -> Result<Parameter, RestError> {
    let (path, field) = tree_path(key)?;
    let read = Cursor::over(text, |cursor| match operation(cursor, |cursor| Ok(cursor.rest())) {
        Ok(read) => Ok(Some(read)),
        Err(Failed) if may_be_argument && cursor.is_at_start() => Ok(None),
        Err(Failed) => Err(cursor.error(&format!("failed to parse filter ({text})"))),
    })?;
    Ok(match read {
        Some((is_negated, operation)) => {
            Parameter::Filter(path, Filter { field, is_negated, operation })
        }
        None => Parameter::Argument(field.name, text.to_owned()),
    })
}

/// `embed.embed.column->path`
pub(super) fn tree_path(key: &str) -> Result<(EmbedPath, Field), RestError> {
    let read = |cursor: &mut Cursor| {
        let mut path = vec![names::name(cursor)?];
        while cursor.delimiter().is_ok() {
            path.push(names::name(cursor)?);
        }
        let steps = names::json_path(cursor)?;
        let name = path.pop().ok_or(Failed)?;
        Ok((path, Field { name, path: steps }))
    };
    Cursor::over(key, |cursor| {
        read(cursor).map_err(|Failed| cursor.error(&format!("failed to parse tree path ({key})")))
    })
}

/// Whether it is negated, and what it does with the value that the given reader reads.
pub(super) fn operation(
    cursor: &mut Cursor,
    value: impl Fn(&mut Cursor) -> Read<String>,
) -> Read<(bool, Operation)> {
    let not = cursor.attempt(|cursor| {
        cursor.word("not")?;
        cursor.delimiter()
    });
    let operation = cursor.named("operator (eq, gt, ...)", |cursor| positive(cursor, value))?;
    Ok((not.is_ok(), operation))
}

fn positive(cursor: &mut Cursor, value: impl Fn(&mut Cursor) -> Read<String>) -> Read<Operation> {
    let keyword = |cursor: &mut Cursor, word: &str| {
        cursor.attempt(|cursor| {
            cursor.word(word)?;
            cursor.delimiter()
        })
    };
    if keyword(cursor, "in").is_ok() {
        return list(cursor).map(Operation::In);
    }
    if keyword(cursor, "is").is_ok() {
        return is_value(cursor).map(Operation::Is);
    }
    if keyword(cursor, "isdistinct").is_ok() {
        return value(cursor).map(Operation::IsDistinct);
    }
    cursor
        .attempt(|cursor| fts(cursor, &value))
        .or_else(|Failed| {
            cursor.attempt(|cursor| {
                let operator = one_of(cursor, &SIMPLE)?;
                cursor.delimiter()?;
                Ok(Operation::Simple(operator, value(cursor)?))
            })
        })
        .or_else(|Failed| {
            cursor.attempt(|cursor| {
                let comparison = one_of(cursor, &COMPARISONS)?;
                let quantifier = quantifier(cursor);
                cursor.delimiter()?;
                Ok(Operation::Compare { comparison, quantifier, value: value(cursor)? })
            })
        })
}

fn one_of<T: Copy>(cursor: &mut Cursor, words: &[(&str, T)]) -> Read<T> {
    let found = words.iter().find(|(word, _)| cursor.word(word).is_ok());
    found.map(|(_, meaning)| *meaning).ok_or(Failed)
}

fn quantifier(cursor: &mut Cursor) -> Option<Quantifier> {
    let read = cursor.attempt(|cursor| {
        cursor.char('(')?;
        let quantifier = one_of(cursor, &[("any", Quantifier::Any), ("all", Quantifier::All)])?;
        cursor.char(')')?;
        Ok(quantifier)
    });
    read.ok()
}

fn fts(cursor: &mut Cursor, value: impl Fn(&mut Cursor) -> Read<String>) -> Read<Operation> {
    let operator = one_of(cursor, &FTS)?;
    let language = cursor.attempt(|cursor| {
        cursor.char('(')?;
        let language = names::identifier(cursor)?;
        cursor.char(')')?;
        Ok(language)
    });
    cursor.delimiter()?;
    Ok(Operation::Fts { operator, language: language.ok(), value: value(cursor)? })
}

fn is_value(cursor: &mut Cursor) -> Read<IsValue> {
    cursor.named("isVal: (null, not_null, true, false, unknown)", |cursor| {
        let found = IS.iter().find(|(word, _)| cursor.word_in_any_case(word).is_ok());
        found.map(|(_, meaning)| *meaning).ok_or(Failed)
    })
}

/// `(a,"b,c",d)`
fn list(cursor: &mut Cursor) -> Read<Vec<String>> {
    cursor.lexeme(|cursor| cursor.char('('))?;
    let mut values = vec![element(cursor)];
    while cursor.char(',').is_ok() {
        values.push(element(cursor));
    }
    cursor.lexeme(|cursor| cursor.char(')'))?;
    Ok(values)
}

/// In quotes, or everything up to a comma or the bracket.
pub(super) fn element(cursor: &mut Cursor) -> String {
    let ends = |seen: char| seen == ',' || seen == ')';
    let quoted = cursor.attempt(|cursor| {
        let text = names::quoted(cursor)?;
        cursor.not_followed_by(|seen| !ends(seen))?;
        Ok(text)
    });
    quoted.unwrap_or_else(|Failed| cursor.while_(|seen| !ends(seen)))
}
