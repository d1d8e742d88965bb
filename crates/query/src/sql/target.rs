//! The one table that a simple change is about.
//!
//! Whoever relies on it must be right, so anything out of the ordinary has none.

use super::lexer::{Token, TokenKind};
use crate::request::RelationName;

/// Words with which a statement looks at, or writes, more than one table.
const FURTHER: [&str; 8] =
    ["from", "intersect", "join", "merge", "select", "table", "using", "with"];

/// Of `INSERT INTO t …`, `UPDATE t SET …` and `DELETE FROM t …` that name no other table. A dot
/// behind the table's name may be a call in disguise, `row.function`.
pub(super) fn of(tokens: &[Token<'_>]) -> Option<RelationName> {
    let (first, tokens) = tokens.split_first()?;
    let (into, follows): (Option<&str>, &[&str]) = match first.text.to_ascii_lowercase().as_str() {
        "insert" => (Some("into"), &["(", "values", "default", "overriding"]),
        "update" => (None, &["set"]),
        "delete" => (Some("from"), &["where", "returning"]),
        _ => return None,
    };
    let tokens = match into {
        None => tokens,
        Some(word) => tokens.split_first().filter(|(found, _)| found.is_word(word))?.1,
    };
    let (relation, rest) = relation(tokens)?;
    let is_next =
        |token: &Token<'_>| follows.iter().any(|word| token.is_word(word) || token.is_symbol(word));
    let begins_well = rest.first().map_or(first.is_word("delete"), is_next);
    let is_further =
        |token: &Token<'_>| token.is_symbol(".") || FURTHER.iter().any(|word| token.is_word(word));
    (begins_well && !rest.iter().any(is_further)).then_some(relation)
}

fn relation<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(RelationName, &'t [Token<'a>])> {
    let (first, rest) = tokens.split_first()?;
    let first = name(first)?;
    match rest {
        [dot, second, rest @ ..] if dot.is_symbol(".") => {
            Some((RelationName { schema: Some(first), name: name(second)? }, rest))
        }
        _ => Some((RelationName { schema: None, name: first }, rest)),
    }
}

/// As the catalog has it. How other letters than ASCII's are folded is the database's to know.
fn name(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word if token.text.is_ascii() => Some(token.text.to_ascii_lowercase()),
        TokenKind::Quoted => {
            let inner = token.text.strip_prefix('"')?.strip_suffix('"')?;
            Some(inner.replace("\"\"", "\""))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Script;

    fn target(text: &str) -> Option<String> {
        let script = Script::parse(text).unwrap();
        let relation = script.single().unwrap().changes()?;
        let schema = relation.schema.as_deref().map(|schema| format!("{schema}."));
        Some(format!("{}{}", schema.unwrap_or_default(), relation.name))
    }

    #[test]
    fn a_simple_change_names_its_table() {
        for (text, expected) in [
            ("insert into t values (1)", "t"),
            ("INSERT INTO S.T (a, b) VALUES ($1, now()) ON CONFLICT DO NOTHING", "s.t"),
            ("insert into t default values", "t"),
            ("insert into \"A \"\"b\"\"\".t(a) values (1.5) returning a", "A \"b\".t"),
            ("update /* x */ T set a = a + 1 where b in (1, 2)", "t"),
            ("delete from t", "t"),
            ("delete from t where a = 'select' returning *", "t"),
        ] {
            assert_eq!(target(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn whatever_may_touch_more_than_one_table_names_none() {
        for text in [
            "select 1",
            "truncate t",
            "with x as (delete from t returning *) select * from x",
            "merge into t using s on true when matched then delete",
            "insert into t select * from s",
            "insert into t values ((select max(a) from s))",
            "insert into t values (evil())",
            "insert into t values (evil.lower('x'))",
            "update t set a = s.a from s",
            "update t set a = 1 where t.evil",
            "update t as x set a = 1",
            "update only t set a = 1",
            "update or ignore t set a = 1",
            "update t * set a = 1",
            "delete from t using s",
            "delete from only t",
            "delete from a.b.c",
            "insert or replace into t values (1)",
            "insert into tÄ values (1)",
            "delete from U&\"t\"",
        ] {
            assert_eq!(target(text), None, "{text}");
        }
    }
}
