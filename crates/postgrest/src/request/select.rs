//! `select=id,name:full_name,client:clients!inner(id,...address(*)),count()`

use super::{
    Field,
    cursor::{Cursor, Failed, Read},
    names,
};
use crate::RestError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    Field(SelectedField),
    Embed(Embed),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedField {
    pub field: Field,
    pub alias: Option<String>,
    pub cast: Option<String>,
    pub aggregate: Option<Aggregate>,
    pub aggregate_cast: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Avg,
    Count,
    Max,
    Min,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embed {
    /// A relation, a foreign key, a column of one, or a routine.
    pub target: String,
    pub alias: Option<String>,
    pub hint: Option<String>,
    pub join: Option<Join>,
    /// `...`: its columns become the parent's.
    pub is_spread: bool,
    pub selected: Vec<Selected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Inner,
    Left,
}

/// Embeds within embeds; more would exhaust the stack, of the database too.
const DEEPEST: usize = 60;
/// The database has no row with more columns.
const MOST: usize = 1664;
/// Brackets: embeds in one request, each of which is a join.
const MOST_BRACKETS: usize = 500;

pub(super) fn parameter(text: &str) -> Result<Vec<Selected>, RestError> {
    let is_over = text.matches('(').count() > MOST_BRACKETS;
    Cursor::over(text, |cursor| {
        if is_over {
            return Err(
                cursor.error("failed to parse select parameter: more embeds than are taken")
            );
        }
        match forest(cursor, DEEPEST) {
            Ok(selected) if cursor.at_end() => Ok(selected),
            Ok(_) | Err(Failed) => {
                let _ = cursor.end();
                Err(cursor.error(&format!("failed to parse select parameter ({text})")))
            }
        }
    })
}

fn forest(cursor: &mut Cursor, depth: usize) -> Read<Vec<Selected>> {
    let depth = depth.checked_sub(1).ok_or(Failed)?;
    let start = cursor.position();
    let mut selected = match tree(cursor, depth) {
        Ok(one) => vec![one],
        Err(Failed) if cursor.position() == start => return Ok(Vec::new()),
        Err(Failed) => return Err(Failed),
    };
    while cursor.attempt(|cursor| cursor.lexeme(|cursor| cursor.char(','))).is_ok() {
        if selected.len() == MOST {
            return Err(Failed);
        }
        selected.push(tree(cursor, depth)?);
    }
    Ok(selected)
}

fn tree(cursor: &mut Cursor, depth: usize) -> Read<Selected> {
    let embed = cursor.quietly(spread).or_else(|Failed| cursor.quietly(relation));
    let Ok(mut embed) = embed else { return field(cursor).map(Selected::Field) };
    cursor.char('(')?;
    embed.selected = forest(cursor, depth)?;
    cursor.char(')')?;
    // Blanks after the bracket belong to nothing that follows.
    cursor.blanks();
    Ok(Selected::Embed(embed))
}

fn spread(cursor: &mut Cursor) -> Read<Embed> {
    cursor.lexeme(|cursor| {
        cursor.word("...")?;
        let target = names::name(cursor)?;
        embed(cursor, target, None, true)
    })
}

fn relation(cursor: &mut Cursor) -> Read<Embed> {
    cursor.lexeme(|cursor| {
        let alias = alias(cursor);
        let target = names::name(cursor)?;
        // `count()` is the number of rows.
        if target == "count" {
            return Err(Failed);
        }
        embed(cursor, target, alias, false)
    })
}

fn embed(
    cursor: &mut Cursor,
    target: String,
    alias: Option<String>,
    is_spread: bool,
) -> Read<Embed> {
    let (mut hint, mut join) = (None, None);
    for _ in 0..2 {
        if cursor.char('!').is_err() {
            break;
        }
        match embed_parameter(cursor)? {
            EmbedParameter::Join(found) => join = join.or(Some(found)),
            EmbedParameter::Hint(found) => hint = hint.or(Some(found)),
        }
    }
    cursor.ahead(|cursor| cursor.char('('))?;
    Ok(Embed { target, alias, hint, join, is_spread, selected: Vec::new() })
}

enum EmbedParameter {
    Join(Join),
    Hint(String),
}

/// A hint may begin like the name of a join.
fn embed_parameter(cursor: &mut Cursor) -> Read<EmbedParameter> {
    for (word, join) in [("left", Join::Left), ("inner", Join::Inner)] {
        let read = cursor.attempt(|cursor| {
            cursor.word(word)?;
            cursor.ahead(|cursor| cursor.satisfy(None, |seen| seen == '!' || seen == '('))
        });
        if read.is_ok() {
            return Ok(EmbedParameter::Join(join));
        }
    }
    cursor.attempt(names::name).map(EmbedParameter::Hint)
}

fn alias(cursor: &mut Cursor) -> Option<String> {
    let read = cursor.quietly(|cursor| {
        let alias = names::name(cursor)?;
        cursor.char(':')?;
        // Two colons begin a cast.
        cursor.not_followed_by(|seen| seen == ':')?;
        Ok(alias)
    });
    read.ok()
}

fn field(cursor: &mut Cursor) -> Read<SelectedField> {
    cursor.blanks();
    let read = cursor
        .quietly(|cursor| {
            cursor.word("*")?;
            ends(cursor)?;
            Ok(plain("*", None))
        })
        .or_else(|Failed| {
            cursor.quietly(|cursor| {
                let alias = alias(cursor);
                cursor.word("count()")?;
                let aggregate_cast = cast(cursor)?;
                ends(cursor)?;
                let aggregate = Some(Aggregate::Count);
                Ok(SelectedField { aggregate, aggregate_cast, ..plain("*", alias) })
            })
        })
        .or_else(|Failed| column(cursor))?;
    cursor.blanks();
    Ok(read)
}

fn plain(name: &str, alias: Option<String>) -> SelectedField {
    SelectedField {
        field: Field { name: name.to_owned(), path: Vec::new() },
        alias,
        cast: None,
        aggregate: None,
        aggregate_cast: None,
    }
}

fn column(cursor: &mut Cursor) -> Read<SelectedField> {
    let alias = alias(cursor);
    let field = names::field(cursor)?;
    let cast_to = cast(cursor)?;
    let aggregate = cursor.attempt(aggregate).ok();
    let aggregate_cast = cast(cursor)?;
    ends(cursor)?;
    Ok(SelectedField { field, alias, cast: cast_to, aggregate, aggregate_cast })
}

fn cast(cursor: &mut Cursor) -> Read<Option<String>> {
    if cursor.word("::").is_err() {
        return Ok(None);
    }
    names::identifier(cursor).map(Some)
}

fn aggregate(cursor: &mut Cursor) -> Read<Aggregate> {
    cursor.char('.')?;
    let found = [
        ("sum()", Aggregate::Sum),
        ("avg()", Aggregate::Avg),
        ("count()", Aggregate::Count),
        ("max()", Aggregate::Max),
        ("min()", Aggregate::Min),
    ]
    .into_iter()
    .find(|(word, _)| cursor.word(word).is_ok());
    found.map(|(_, aggregate)| aggregate).ok_or(Failed)
}

fn ends(cursor: &mut Cursor) -> Read<()> {
    for end in [')', ','] {
        if cursor.ahead(|cursor| cursor.char(end)).is_ok() {
            return Ok(());
        }
    }
    cursor.end()
}

/// `a,b` of `columns` and `on_conflict`.
pub(super) fn columns(parameter: &str, text: &str) -> Result<Vec<String>, RestError> {
    let read = |cursor: &mut Cursor| {
        let mut columns = vec![names::name(cursor)?];
        while cursor.attempt(|cursor| cursor.lexeme(|cursor| cursor.char(','))).is_ok() {
            columns.push(names::name(cursor)?);
        }
        Ok(columns)
    };
    Cursor::over(text, |cursor| {
        read(cursor).map_err(|Failed| {
            cursor.error(&format!("failed to parse {parameter} parameter ({text})"))
        })
    })
}
