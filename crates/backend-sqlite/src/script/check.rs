//! Reads a statement as SQLite does, whose words are not quite PostgreSQL's: what it would take
//! for two statements, or for one that reaches beyond its file, is refused.

use crate::error::misread;
use backend::BackendError;
use query::sql::{Script, SqlError};
use serde_json::Value;

pub(super) fn script(script: &Script, params: &[Value]) -> Result<(), BackendError> {
    if script.single().is_none() && !params.is_empty() {
        return Err(SqlError::ParametersForScript.into());
    }
    for statement in script.statements() {
        refuse_beyond_the_file(statement.word())?;
        let places = Places::of(statement.text())?;
        if places.expected() != params.len() {
            return Err(BackendError::ParameterCount {
                expected: places.expected(),
                given: params.len(),
            });
        }
    }
    Ok(())
}

/// One statement that takes no values.
pub(crate) fn stands_alone(text: &str) -> Result<(), BackendError> {
    match Places::of(text)?.expected() {
        0 => Ok(()),
        expected => Err(BackendError::ParameterCount { expected, given: 0 }),
    }
}

fn refuse_beyond_the_file(word: &str) -> Result<(), SqlError> {
    const OTHER_FILES: &str = "A client is one file, and this would open or write another.";
    const SETTINGS: &str = "Its settings are fixed. To look at the schema, select from \
                            sqlite_schema or pragma_table_info('…').";
    match word {
        "ATTACH" => Err(SqlError::NotRun { word: "ATTACH", why: OTHER_FILES }),
        "DETACH" => Err(SqlError::NotRun { word: "DETACH", why: OTHER_FILES }),
        "VACUUM" => Err(SqlError::NotRun { word: "VACUUM", why: OTHER_FILES }),
        "PRAGMA" => Err(SqlError::NotRun { word: "PRAGMA", why: SETTINGS }),
        _ => Ok(()),
    }
}

/// The places of parameters in one statement.
#[derive(Debug, Default, PartialEq, Eq)]
struct Places {
    /// `?`
    bare: usize,
    /// The greatest of `$1`, `$2`, `?3`.
    numbered: usize,
}

impl Places {
    fn of(text: &str) -> Result<Self, BackendError> {
        let mut places = Self::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = match c {
                '\'' | '"' | '`' => after_quoted(rest, c),
                '[' => rest.split_once(']').map_or("", |(_, after)| after),
                '-' if rest.starts_with("--") => {
                    rest.split_once('\n').map_or("", |(_, after)| after)
                }
                '/' if rest.starts_with("/*") => {
                    rest[2..].split_once("*/").map_or("", |(_, after)| after)
                }
                ';' => return Err(misread("a semicolon inside a statement")),
                '?' | '$' | ':' | '@' | '#' => places.take(rest)?,
                c if is_of_name(c) => rest.trim_start_matches(is_of_name),
                c => &rest[c.len_utf8()..],
            };
        }
        if places.bare > 0 && places.numbered > 0 {
            return Err(misread("parameters with and without numbers"));
        }
        Ok(places)
    }

    /// `?`, `?1` or `$1`: names are not for parameters that come as a list.
    fn take<'a>(&mut self, rest: &'a str) -> Result<&'a str, BackendError> {
        let name = &rest[1..];
        let after = name.trim_start_matches(is_of_name);
        let name = &name[..name.len() - after.len()];
        let is_list = rest.starts_with(['?', '$']);
        match name.parse::<usize>() {
            _ if rest.starts_with('?') && name.is_empty() => self.bare += 1,
            Ok(number @ 1..=32_766) if is_list && name.bytes().all(|b| b.is_ascii_digit()) => {
                self.numbered = self.numbered.max(number);
            }
            _ => return Err(misread("a parameter that is not $1, $2 and so on")),
        }
        // `$1::…` and `$1(…)` would be one long name.
        if after.starts_with(['(', ':']) {
            return Err(misread("a parameter with something attached"));
        }
        Ok(after)
    }

    fn expected(&self) -> usize {
        self.bare.max(self.numbered)
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Past the closing quote; one that is doubled begins another quoted piece, which is the same.
fn after_quoted(text: &str, quote: char) -> &str {
    text[1..].split_once(quote).map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Option<usize> {
        Places::of(text).ok().map(|places| places.expected())
    }

    #[test]
    fn parameters_are_counted_as_sqlite_counts_them() {
        for (text, expected) in [
            ("select 1", Some(0)),
            ("select $1, $2, $1", Some(2)),
            ("select ?, ?", Some(2)),
            ("select ?2", Some(2)),
            ("select '$1', \"$2\", `$3`, [$4] -- $5\n /* $6 */", Some(0)),
            ("select 'it''s $1'", Some(0)),
            ("select a$1 from t", Some(0)),
            ("select ?, $1", None),
            ("select :name", None),
            ("select @a", None),
            ("select $name", None),
            ("select $0", None),
            ("select $99999", None),
            ("select $1::text", None),
            ("select $1(a;b)", None),
        ] {
            assert_eq!(places(text), expected, "{text}");
        }
    }

    #[test]
    fn two_statements_never_pass_for_one() {
        for text in [
            "select $a$ ; delete from t; select $a$",
            "select $$; delete from t; --$$",
            "select e'\\'; delete from t; --'",
            "select 1; delete from t",
        ] {
            assert_eq!(places(text), None, "{text}");
        }
        for text in
            ["select ';'", "select [a;b]", "select `a;b`", "select 1 -- ;", "select /* ; */ 1"]
        {
            assert_eq!(places(text), Some(0), "{text}");
        }
    }
}
