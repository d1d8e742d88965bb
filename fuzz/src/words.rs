//! A statement's text consists of our words, of quoted names, and of parameters that are bound.

use crate::tokens::{Token, tokens};
use catalog::Ident;
use query::Statement;
use std::{collections::HashSet, sync::LazyLock};

static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    HashSet::from([
        "ALL",
        "AND",
        "ANY",
        "AS",
        "ASC",
        "BY",
        "CALL",
        "CASE",
        "CAST",
        "CONFLICT",
        "CURRENT_TIMESTAMP",
        "DEFAULT",
        "DELETE",
        "DESC",
        "DO",
        "ELSE",
        "END",
        "ESCAPE",
        "EXCLUDED",
        "EXISTS",
        "FALSE",
        "FIRST",
        "FROM",
        "GLOB",
        "ILIKE",
        "IN",
        "INSERT",
        "INTO",
        "IS",
        "LAST",
        "LIKE",
        "LIMIT",
        "NOT",
        "NOTHING",
        "NULL",
        "NULLS",
        "NUMERIC",
        "OFFSET",
        "ON",
        "OR",
        "ORDER",
        "OVER",
        "RETURNING",
        "SELECT",
        "SET",
        "TEXT",
        "THEN",
        "TRUE",
        "UNKNOWN",
        "UPDATE",
        "VALUES",
        "VARIADIC",
        "WHEN",
        "WHERE",
        "coalesce",
        "count",
        "json_agg",
        "json_each",
        "json_strip_nulls",
        "main",
        "row_to_json",
        "to_json",
        "WITH",
        "typeof",
        "unhex",
        "value",
        "1",
        // Types of the schema, and those a condition can be cast to.
        "any",
        "bool",
        "bytea",
        "date",
        "float4",
        "float8",
        "int2",
        "int4",
        "int4range",
        "int8",
        "interval",
        "json",
        "jsonb",
        "mood",
        "numeric",
        "text",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "uuid",
        "varchar",
    ])
});

const TEXTS: &[&str] = &["[]", "\\", "text"];

const SYMBOLS: &str = "(),.=<>:[]*@";

/// Every parameter is bound, every bound value has a place, and nothing else came in.
pub fn check(statement: &Statement) {
    let (text, bound) = (statement.text(), statement.params().len());
    let mut places = vec![false; bound];
    let tokens = tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let is_limit = || at > 0 && tokens[at - 1] == Token::Word("LIMIT".to_owned());
        match token {
            Token::Name(name) => {
                assert!(Ident::parse(name).is_ok(), "the name {name:?} in {text}")
            }
            Token::Text(inner) => assert!(TEXTS.contains(&inner.as_str()), "{inner:?} in {text}"),
            Token::Word(word) => {
                let fits = is_known(word) || (is_limit() && is_usual(word));
                assert!(fits, "the word {word:?} in {text}");
            }
            Token::Symbol(c) => assert!(SYMBOLS.contains(*c), "{c:?} in {text}"),
            Token::Param(number) => {
                assert!((1..=bound).contains(number), "${number} is bound to nothing: {text}");
                places[number - 1] = true;
            }
        }
    }
    assert!(places.iter().all(|place| *place), "a value has no place in {text}");
}

/// A limit that many requests share stands in the text, so that the database plans it once.
fn is_usual(limit: &str) -> bool {
    let limit = limit.parse::<u64>().ok();
    limit.is_some_and(|limit| limit <= 100 || (limit <= 10_000 && limit % 100 == 0))
}

fn is_known(word: &str) -> bool {
    let is_source = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    WORDS.contains(word) || word.strip_prefix('t').is_some_and(is_source)
}
