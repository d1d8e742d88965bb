//! Conditions on a row, for checks and partial indexes: structured, never SQL of the caller's.

use crate::{
    error::DdlError,
    expression::{Expression, constant},
    fields::Fields,
    sql::Sql,
};
use catalog::Ident;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test { subject: Subject, test: Box<Test> },
}

/// A column, or a function of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    column: Ident,
    function: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// `IS NULL` and the like.
    Words(&'static str),
    Value(&'static str, Expression),
    Column(&'static str, Ident),
    List(&'static str, Vec<Expression>),
    Between(Expression, Expression),
}

const DEEPEST: usize = 12;

const FUNCTIONS: [&str; 7] =
    ["length", "octet_length", "lower", "upper", "btrim", "cardinality", "abs"];

/// As it is typed and as it is written.
const COMPARISONS: [(&str, &str); 20] = [
    ("=", " = "),
    ("eq", " = "),
    ("<>", " <> "),
    ("!=", " <> "),
    ("ne", " <> "),
    ("neq", " <> "),
    ("<", " < "),
    ("lt", " < "),
    ("<=", " <= "),
    ("lte", " <= "),
    (">", " > "),
    ("gt", " > "),
    (">=", " >= "),
    ("gte", " >= "),
    ("like", " LIKE "),
    ("not_like", " NOT LIKE "),
    ("ilike", " ILIKE "),
    ("matches", " ~ "),
    ("is_distinct_from", " IS DISTINCT FROM "),
    ("is_not_distinct_from", " IS NOT DISTINCT FROM "),
];

const NULLS: [(&str, &str); 4] = [
    ("is_null", " IS NULL"),
    ("is_not_null", " IS NOT NULL"),
    ("is_true", " IS TRUE"),
    ("is_false", " IS FALSE"),
];

const LISTS: [(&str, &str); 2] = [("in", " IN ("), ("not_in", " NOT IN (")];

impl Condition {
    pub(crate) fn of(value: Value, path: &str) -> Result<Self, DdlError> {
        Self::read(value, path, 0)
    }

    fn read(value: Value, path: &str, depth: usize) -> Result<Self, DdlError> {
        if depth > DEEPEST {
            return Err(DdlError::TooMany { path: path.to_owned(), limit: DEEPEST });
        }
        let mut fields = Fields::within(value, path.to_owned())?;
        let found = if fields.has("all") {
            Self::All(several(&mut fields, "all", depth)?)
        } else if fields.has("any") {
            Self::Any(several(&mut fields, "any", depth)?)
        } else if let Some(inner) = fields.take("not") {
            Self::Not(Box::new(Self::read(inner, &fields.path("not"), depth + 1)?))
        } else {
            let column = fields.needed_ident("column")?;
            let function = fields.word(
                "function",
                &FUNCTIONS,
                "length, octet_length, lower, upper, btrim, cardinality or abs",
            )?;
            Self::Test { subject: Subject { column, function }, test: Box::new(test(&mut fields)?) }
        };
        fields.finish()?;
        Ok(found)
    }

    pub(crate) fn write(&self, sql: &mut Sql) {
        match self {
            Self::All(parts) => joined(sql, parts, " AND "),
            Self::Any(parts) => joined(sql, parts, " OR "),
            Self::Not(inner) => {
                sql.words("NOT (");
                inner.write(sql);
                sql.words(")");
            }
            Self::Test { subject, test } => {
                subject.write(sql);
                test.write(sql);
            }
        }
    }
}

fn several(fields: &mut Fields, name: &str, depth: usize) -> Result<Vec<Condition>, DdlError> {
    let parts = fields.list(name)?;
    if parts.is_empty() {
        return Err(fields.invalid(name, "an array with conditions"));
    }
    let read = |(path, value): (String, Value)| Condition::read(value, &path, depth + 1);
    parts.into_iter().map(read).collect()
}

fn joined(sql: &mut Sql, parts: &[Condition], between: &'static str) {
    for (index, part) in parts.iter().enumerate() {
        sql.words_if(index > 0, between).words("(");
        part.write(sql);
        sql.words(")");
    }
}

fn test(fields: &mut Fields) -> Result<Test, DdlError> {
    let typed = fields.needed_text("operator")?;
    let typed = typed.trim().to_ascii_lowercase().replace(' ', "_");
    let known = |table: &[(&str, &'static str)]| {
        table.iter().find(|(word, _)| *word == typed).map(|(_, text)| *text)
    };
    if let Some(words) = known(&NULLS) {
        return Ok(Test::Words(words));
    }
    if let Some(words) = known(&LISTS) {
        let values = constants(fields, "value")?;
        if values.is_empty() {
            return Err(fields.invalid("value", "an array with constants"));
        }
        return Ok(Test::List(words, values));
    }
    if typed == "between" {
        let ends: Result<[Expression; 2], _> = constants(fields, "value")?.try_into();
        let [low, high] = ends.map_err(|_other| fields.invalid("value", "an array of two"))?;
        return Ok(Test::Between(low, high));
    }
    let Some(words) = known(&COMPARISONS) else {
        return Err(fields.invalid("operator", "a comparison, in, between or is_null"));
    };
    if let Some(other) = fields.ident("other_column")? {
        return Ok(Test::Column(words, other));
    }
    let value = fields.take("value").ok_or_else(|| fields.missing("value"))?;
    Ok(Test::Value(words, constant(value, &fields.path("value"))?))
}

fn constants(fields: &mut Fields, name: &str) -> Result<Vec<Expression>, DdlError> {
    fields.list(name)?.into_iter().map(|(path, value)| constant(value, &path)).collect()
}

impl Subject {
    fn write(&self, sql: &mut Sql) {
        match self.function {
            Some(function) => sql.words(function).words("(").ident(&self.column).words(")"),
            None => sql.ident(&self.column),
        };
    }
}

impl Test {
    fn write(&self, sql: &mut Sql) {
        match self {
            Self::Words(words) => {
                sql.words(words);
            }
            Self::Value(words, value) => {
                sql.words(words);
                value.write(sql);
            }
            Self::Column(words, column) => {
                sql.words(words).ident(column);
            }
            Self::List(words, values) => {
                sql.words(words).list(values, |sql, value| value.write(sql)).words(")");
            }
            Self::Between(low, high) => {
                sql.words(" BETWEEN ");
                low.write(sql);
                sql.words(" AND ");
                high.write(sql);
            }
        }
    }
}
