//! Values that stand in a definition: constants, a few functions, and casts of them.

use crate::{
    error::DdlError,
    lexer::{Reader, Token},
    sql::{Number, Sql},
    type_name::TypeName,
};
use catalog::Ident;
use serde_json::Value;

/// A value, or how one is come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    Text(String),
    Number(Number),
    /// Words with nothing of the caller's in them: `now()`, `true`.
    Words(&'static str),
    /// Only where a column is what the value is made of.
    Column(Ident),
    Call(&'static str, Vec<Expression>),
    Cast(Box<Expression>, TypeName),
}

/// What may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Constants,
    Columns,
}

/// What may stand alone, as it is typed and as it is written.
const ALONE: [(&[&str], &str); 8] = [
    (&["true"], "true"),
    (&["false"], "false"),
    (&["null"], "null"),
    (&["current_timestamp"], "current_timestamp"),
    (&["current_date"], "current_date"),
    (&["localtimestamp"], "localtimestamp"),
    (&["current_user"], "current_user"),
    (&["session_user"], "session_user"),
];

/// Functions without arguments.
const PLAIN_CALLS: [(&str, &str); 7] = [
    ("now", "now()"),
    ("clock_timestamp", "clock_timestamp()"),
    ("statement_timestamp", "statement_timestamp()"),
    ("transaction_timestamp", "transaction_timestamp()"),
    ("gen_random_uuid", "gen_random_uuid()"),
    ("uuid_generate_v4", "uuid_generate_v4()"),
    ("random", "random()"),
];

/// Functions that turn one value into another.
const CALLS: [&str; 14] = [
    "lower",
    "upper",
    "btrim",
    "length",
    "abs",
    "round",
    "floor",
    "ceil",
    "to_timestamp",
    "to_date",
    "coalesce",
    "nullif",
    "replace",
    "to_number",
];

const EPOCH: [&str; 3] = ["epoch", "from", "now"];

const LONGEST: usize = 4_000;
const DEEPEST: usize = 12;

impl Expression {
    /// `default_expression`: a text in SQL's words, or a JSON constant.
    pub(crate) fn of(value: Value, path: &str, scope: Scope) -> Result<Self, DdlError> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => {
                let expected = "a text in SQL's words, a number, true or false";
                return Err(DdlError::Invalid { path: path.to_owned(), expected });
            }
        };
        let unreadable = |reason| DdlError::Unreadable { path: path.to_owned(), reason };
        Self::parse(&text, scope).map_err(unreadable)
    }

    pub(crate) fn parse(text: &str, scope: Scope) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("it is too long".to_owned());
        }
        let mut reader = Reader::of(text)?;
        let found = Self::read(&mut reader, scope, 0)?;
        reader.finish()?;
        Ok(found)
    }

    pub(crate) fn read(reader: &mut Reader, scope: Scope, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut found = Self::atom(reader, scope, depth)?;
        let mut casts = 0;
        while reader.symbol("::") {
            found = Self::Cast(Box::new(found), TypeName::read(reader)?);
            casts += 1;
            if casts > DEEPEST {
                return Err("it is cast too often".to_owned());
            }
        }
        Ok(found)
    }

    fn atom(reader: &mut Reader, scope: Scope, depth: usize) -> Result<Self, String> {
        if reader.symbol("(") {
            let inner = Self::read(reader, scope, depth + 1)?;
            reader.expect(")")?;
            return Ok(inner);
        }
        let is_negative = reader.symbol("-");
        let place = reader.place();
        let token = reader.next().ok_or_else(|| "it ends where a value is expected".to_owned())?;
        match token {
            Token::Number(digits) => number(is_negative, &digits),
            _ if is_negative => Err(format!("a number is expected {place}")),
            Token::Text(text) if !text.contains('\0') => Ok(Self::Text(text)),
            Token::Text(_) => Err("a text holds a NUL character".to_owned()),
            Token::Word(word) if reader.is_symbol(0, "(") => {
                reader.skip(1);
                Self::call(reader, &word, scope, depth)
            }
            Token::Word(word) => Self::word(&word, scope),
            Token::Quoted(name) if scope == Scope::Columns => column(&name),
            _ => Err(format!("a value is expected {place}")),
        }
    }

    fn word(word: &str, scope: Scope) -> Result<Self, String> {
        let mut alone = ALONE.iter().filter(|(words, _)| words == &[word]);
        match (alone.next(), scope) {
            (Some((_, text)), _) => Ok(Self::Words(text)),
            (None, Scope::Columns) => column(word),
            (None, Scope::Constants) => {
                Err(format!("'{}' is no constant", crate::error::shown(word)))
            }
        }
    }

    fn call(reader: &mut Reader, name: &str, scope: Scope, depth: usize) -> Result<Self, String> {
        if name == "extract" && reader.words(&EPOCH) {
            reader.expect("(")?;
            reader.expect(")")?;
            reader.expect(")")?;
            return Ok(Self::Words("extract(epoch from now())"));
        }
        if let Some((_, text)) = PLAIN_CALLS.iter().find(|(known, _)| *known == name) {
            reader.expect(")")?;
            return Ok(Self::Words(text));
        }
        let Some(known) = CALLS.iter().find(|known| **known == name) else {
            return Err(format!(
                "the function '{}' is not allowed here",
                crate::error::shown(name)
            ));
        };
        let mut arguments = vec![Self::read(reader, scope, depth + 1)?];
        while reader.symbol(",") {
            arguments.push(Self::read(reader, scope, depth + 1)?);
            if arguments.len() > DEEPEST {
                return Err("a function has too many arguments".to_owned());
            }
        }
        reader.expect(")")?;
        Ok(Self::Call(known, arguments))
    }

    pub(crate) fn write(&self, sql: &mut Sql) {
        match self {
            Self::Text(text) => sql.text(text),
            Self::Number(number) => sql.number(number),
            Self::Words(words) => sql.words(words),
            Self::Column(column) => sql.ident(column),
            Self::Call(name, arguments) => {
                sql.words(name).words("(").list(arguments, |sql, one| one.write(sql)).words(")")
            }
            Self::Cast(inner, to) => {
                sql.words("CAST(");
                inner.write(sql);
                sql.words(" AS ");
                to.write(sql);
                sql.words(")")
            }
        };
    }
}

fn column(name: &str) -> Result<Expression, String> {
    Ident::parse(name).map(Expression::Column).map_err(|error| error.to_string())
}

fn number(is_negative: bool, digits: &str) -> Result<Expression, String> {
    let text = if is_negative { format!("-{digits}") } else { digits.to_owned() };
    let number = Number::parse(&text)
        .ok_or_else(|| format!("{} is no number", crate::error::shown(&text)))?;
    Ok(Expression::Number(number))
}

/// A JSON value as a constant.
pub(crate) fn constant(value: Value, path: &str) -> Result<Expression, DdlError> {
    let invalid = |expected| DdlError::Invalid { path: path.to_owned(), expected };
    match value {
        Value::String(text) if text.contains('\0') => Err(invalid("a text without a NUL")),
        Value::String(text) => Ok(Expression::Text(text)),
        Value::Bool(true) => Ok(Expression::Words("true")),
        Value::Bool(false) => Ok(Expression::Words("false")),
        Value::Number(number) => Number::parse(&number.to_string())
            .map(Expression::Number)
            .ok_or_else(|| invalid("a number")),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(invalid("a text, a number, true or false"))
        }
    }
}
