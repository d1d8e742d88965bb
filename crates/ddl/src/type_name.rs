//! The names of types: `numeric(12,2)`, `timestamp(3) with time zone`, `billing.status[]`.

use crate::{
    error::DdlError,
    lexer::{Reader, Token},
    sql::Sql,
};
use catalog::Ident;

/// A type by name. Whether it exists is the database's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    base: Base,
    modifiers: Vec<Modifier>,
    /// What stands behind the modifiers: `with time zone`.
    suffix: &'static str,
    /// One for each dimension of an array.
    dimensions: Vec<Option<i64>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    /// Words of the grammar, which cannot be quoted.
    Words(&'static str),
    Named {
        schema: Option<Ident>,
        name: Ident,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Modifier {
    Number(i64),
    /// `geometry(Point, 4326)`
    Word(Ident),
}

/// For people who choose from a list. Every other type is taken by its name too.
pub const COMMON_TYPES: [&str; 24] = [
    "text",
    "varchar(n)",
    "char(n)",
    "citext",
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "numeric(p,s)",
    "real",
    "double precision",
    "uuid",
    "json",
    "jsonb",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "bytea",
    "inet",
    "tsvector",
    "vector(n)",
    "type[]",
];

/// Types of several words, before those of one.
const LONG_WORDS: [(&[&str], &str); 18] = [
    (&["interval", "year", "to", "month"], "interval year to month"),
    (&["interval", "day", "to", "hour"], "interval day to hour"),
    (&["interval", "day", "to", "minute"], "interval day to minute"),
    (&["interval", "day", "to", "second"], "interval day to second"),
    (&["interval", "hour", "to", "minute"], "interval hour to minute"),
    (&["interval", "hour", "to", "second"], "interval hour to second"),
    (&["interval", "minute", "to", "second"], "interval minute to second"),
    (&["interval", "year"], "interval year"),
    (&["interval", "month"], "interval month"),
    (&["interval", "day"], "interval day"),
    (&["interval", "hour"], "interval hour"),
    (&["interval", "minute"], "interval minute"),
    (&["interval", "second"], "interval second"),
    (&["double", "precision"], "double precision"),
    (&["character", "varying"], "character varying"),
    (&["char", "varying"], "character varying"),
    (&["bit", "varying"], "bit varying"),
    (&["national", "character"], "character"),
];

const WORDS: [(&str, &str); 17] = [
    ("smallint", "smallint"),
    ("int", "integer"),
    ("integer", "integer"),
    ("bigint", "bigint"),
    ("real", "real"),
    ("float", "float"),
    ("numeric", "numeric"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("boolean", "boolean"),
    ("char", "character"),
    ("character", "character"),
    ("varchar", "character varying"),
    ("bit", "bit"),
    ("timestamp", "timestamp"),
    ("time", "time"),
    ("interval", "interval"),
];

const ZONES: [(&[&str], &str); 2] = [
    (&["with", "time", "zone"], " with time zone"),
    (&["without", "time", "zone"], " without time zone"),
];

const LONGEST: usize = 400;
const MOST_MODIFIERS: usize = 4;
const MOST_DIMENSIONS: usize = 6;

impl TypeName {
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("the name of a type is not that long".to_owned());
        }
        let mut reader = Reader::of(text)?;
        let found = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(found)
    }

    pub(crate) fn at(text: &str, path: &str) -> Result<Self, DdlError> {
        let unreadable = |reason| DdlError::Unreadable { path: path.to_owned(), reason };
        Self::parse(text).map_err(unreadable)
    }

    pub(crate) fn read(reader: &mut Reader) -> Result<Self, String> {
        let base = base(reader)?;
        let modifiers = modifiers(reader)?;
        let has_zone = matches!(base, Base::Words("timestamp" | "time"));
        let mut zones = ZONES.iter().filter(|_| has_zone);
        let suffix = zones.find(|(words, _)| reader.words(words)).map_or("", |(_, text)| text);
        Ok(Self { base, modifiers, suffix, dimensions: dimensions(reader)? })
    }

    pub(crate) fn write(&self, sql: &mut Sql) {
        match &self.base {
            Base::Words(words) => sql.words(words),
            Base::Named { schema: Some(schema), name } => sql.ident(schema).words(".").ident(name),
            Base::Named { schema: None, name } => sql.ident(name),
        };
        if !self.modifiers.is_empty() {
            sql.words("(").list(&self.modifiers, |sql, modifier| {
                match modifier {
                    Modifier::Number(number) => sql.integer(*number),
                    Modifier::Word(word) => sql.ident(word),
                };
            });
            sql.words(")");
        }
        sql.words(self.suffix);
        for dimension in &self.dimensions {
            match dimension {
                Some(length) => sql.words("[").integer(*length).words("]"),
                None => sql.words("[]"),
            };
        }
    }

    /// As it stands in a statement.
    pub fn to_sql(&self) -> String {
        let mut sql = Sql::default();
        self.write(&mut sql);
        sql.as_str().to_owned()
    }
}

fn base(reader: &mut Reader) -> Result<Base, String> {
    for (words, text) in LONG_WORDS {
        if reader.words(words) {
            return Ok(Base::Words(text));
        }
    }
    let first = name(reader)?;
    if let (false, Name::Bare(word)) = (reader.is_symbol(0, "."), &first)
        && let Some((_, text)) = WORDS.iter().find(|(known, _)| known == word)
    {
        return Ok(Base::Words(text));
    }
    if reader.symbol(".") {
        let (schema, name) = (Some(first.ident()?), name(reader)?.ident()?);
        return Ok(Base::Named { schema, name });
    }
    Ok(Base::Named { schema: None, name: first.ident()? })
}

enum Name {
    Bare(String),
    Quoted(String),
}

impl Name {
    fn ident(self) -> Result<Ident, String> {
        let (Self::Bare(text) | Self::Quoted(text)) = self;
        Ident::parse(&text).map_err(|error| error.to_string())
    }
}

fn name(reader: &mut Reader) -> Result<Name, String> {
    let place = reader.place();
    match reader.next() {
        Some(Token::Word(text)) => Ok(Name::Bare(text)),
        Some(Token::Quoted(text)) => Ok(Name::Quoted(text)),
        _ => Err(format!("the name of a type is expected {place}")),
    }
}

fn modifiers(reader: &mut Reader) -> Result<Vec<Modifier>, String> {
    let mut found = Vec::new();
    if !reader.symbol("(") {
        return Ok(found);
    }
    loop {
        found.push(modifier(reader)?);
        if found.len() > MOST_MODIFIERS {
            return Err("a type has at most four modifiers".to_owned());
        }
        if reader.symbol(")") {
            return Ok(found);
        }
        reader.expect(",")?;
    }
}

fn modifier(reader: &mut Reader) -> Result<Modifier, String> {
    let sign = if reader.symbol("-") { -1 } else { 1 };
    let place = reader.place();
    match reader.next() {
        Some(Token::Number(digits)) => {
            let number: i32 = digits.parse().map_err(|_big| format!("{digits} is too large"))?;
            Ok(Modifier::Number(sign * i64::from(number)))
        }
        Some(Token::Word(word) | Token::Quoted(word)) if sign == 1 => {
            Ok(Modifier::Word(Ident::parse(&word).map_err(|error| error.to_string())?))
        }
        _ => Err(format!("a number is expected {place}")),
    }
}

fn dimensions(reader: &mut Reader) -> Result<Vec<Option<i64>>, String> {
    let mut found = Vec::new();
    if reader.words(&["array"]) {
        found.push(None);
    }
    while reader.symbol("[") {
        let length = match reader.peek(0) {
            Some(Token::Number(digits)) => {
                let length: i32 =
                    digits.parse().map_err(|_big| format!("{digits} is too large"))?;
                reader.skip(1);
                Some(i64::from(length))
            }
            _ => None,
        };
        reader.expect("]")?;
        found.push(length);
        if found.len() > MOST_DIMENSIONS {
            return Err("an array has at most six dimensions".to_owned());
        }
    }
    Ok(found)
}
