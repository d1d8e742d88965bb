//! A script as single statements. Each is sent alone, so a cut at a wrong place is an error of the
//! database and never two statements where one was allowed.

use super::{
    MAX_SCRIPT_BYTES, MAX_STATEMENTS,
    error::SqlError,
    lexer::{Lexer, Token, TokenKind},
    target,
};
use crate::request::RelationName;

use std::ops::Range;

/// What a statement begins with, as far as it decides how it may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// `SELECT`, `VALUES`, `TABLE`: reads, unless a function it calls writes.
    Read,
    /// `WITH`: reads, or changes rows.
    With,
    Show,
    Explain,
    /// `INSERT`, `UPDATE`, `DELETE`, `MERGE`.
    Change,
    /// Anything else: DDL, `CALL`, `SET` and so on.
    Command,
}

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlStatement {
    text: String,
    kind: StatementKind,
    word: String,
    is_plain: bool,
    changes: Option<RelationName>,
    parameters: Vec<Placeholder>,
}

/// A `$n` in a statement's text, outside of quotes and comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Counted from 1.
    pub number: usize,
    /// In bytes.
    pub span: Range<usize>,
}

impl SqlStatement {
    /// Without the semicolon.
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn kind(&self) -> StatementKind {
        self.kind
    }
    /// Its first word, in capitals.
    pub fn word(&self) -> &str {
        &self.word
    }
    /// Every place where a parameter stands, in order.
    pub fn placeholders(&self) -> &[Placeholder] {
        &self.parameters
    }
    /// How many parameters it takes: the highest `$n`.
    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().map(|place| place.number).max().unwrap_or(0)
    }
    /// It reads, and calls nothing that could leave a trace in the session.
    pub fn is_plain_read(&self) -> bool {
        self.is_plain && self.kind == StatementKind::Read
    }
    /// It changes rows, and calls nothing that could leave a trace in the session.
    pub fn is_plain_change(&self) -> bool {
        self.is_plain && self.kind == StatementKind::Change
    }

    /// The table of a simple change: no other one is looked at, and nothing is called. `None` says
    /// nothing.
    pub fn changes(&self) -> Option<&RelationName> {
        self.changes.as_ref()
    }

    /// Refuse what a caller who only reads cannot ask for. The transaction is read-only as well.
    pub fn must_read(&self) -> Result<(), SqlError> {
        match self.kind {
            StatementKind::Read
            | StatementKind::With
            | StatementKind::Show
            | StatementKind::Explain => Ok(()),
            StatementKind::Change | StatementKind::Command => {
                Err(SqlError::ReadOnly { word: self.word.clone() })
            }
        }
    }
}

/// At least one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    statements: Vec<SqlStatement>,
}

impl Script {
    pub fn parse(text: &str) -> Result<Self, SqlError> {
        if text.len() > MAX_SCRIPT_BYTES {
            return Err(SqlError::TooLong { limit: MAX_SCRIPT_BYTES });
        }
        if text.contains('\0') {
            return Err(SqlError::Nul);
        }
        let mut lexer = Lexer::new(text);
        let mut statements = Vec::new();
        let mut tokens: Vec<Token<'_>> = Vec::new();
        // `CREATE FUNCTION … BEGIN ATOMIC …; … END` keeps its semicolons.
        let mut atomic = 0_usize;
        while let Some(token) = lexer.next()? {
            if token.is_symbol(";") && atomic == 0 {
                finish(text, &mut tokens, &mut statements)?;
                continue;
            }
            let begins_body =
                token.is_word("atomic") && tokens.last().is_some_and(|last| last.is_word("begin"));
            if begins_body || (atomic > 0 && token.is_word("case")) {
                atomic += 1;
            } else if atomic > 0 && token.is_word("end") {
                atomic -= 1;
            }
            tokens.push(token);
        }
        finish(text, &mut tokens, &mut statements)?;
        if statements.is_empty() {
            return Err(SqlError::Empty);
        }
        Ok(Self { statements })
    }

    pub fn statements(&self) -> &[SqlStatement] {
        &self.statements
    }

    /// The statement of a script that has only one.
    pub fn single(&self) -> Option<&SqlStatement> {
        match self.statements.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Every statement begins with a word that reads.
    pub fn must_read(&self) -> Result<(), SqlError> {
        self.statements.iter().try_for_each(SqlStatement::must_read)
    }
}

fn finish(
    text: &str,
    tokens: &mut Vec<Token<'_>>,
    statements: &mut Vec<SqlStatement>,
) -> Result<(), SqlError> {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Ok(()) };
    if statements.len() == MAX_STATEMENTS {
        return Err(SqlError::TooManyStatements { limit: MAX_STATEMENTS });
    }
    let word = first_word(tokens).to_ascii_uppercase();
    let kind = kind_of(&word)?;
    let parameters = placeholders(tokens, first.at);
    let text = text[first.at..last.end()].to_owned();
    let is_plain = is_plain(tokens);
    let changes = if is_plain { target::of(tokens) } else { None };
    statements.push(SqlStatement { text, kind, is_plain, changes, word, parameters });
    tokens.clear();
    Ok(())
}

/// No statement has more parameters than the wire can number, so a higher `$n` is the database's
/// to refuse.
fn placeholders(tokens: &[Token<'_>], start: usize) -> Vec<Placeholder> {
    let parameters = tokens.iter().filter(|token| token.kind == TokenKind::Parameter);
    let place = |token: &Token<'_>| {
        let number = token.text[1..].parse::<u16>().map_or(usize::MAX, usize::from);
        Placeholder { number, span: token.at - start..token.end() - start }
    };
    parameters.map(place).collect()
}

/// `(SELECT …)` is a `SELECT`.
fn first_word<'a>(tokens: &[Token<'a>]) -> &'a str {
    let first = tokens.iter().find(|token| !token.is_symbol("("));
    first.filter(|token| token.kind == TokenKind::Word).map_or("", |token| token.text)
}

fn kind_of(word: &str) -> Result<StatementKind, SqlError> {
    const TRANSACTION: &str = "Several statements sent together already are one transaction.";
    const SESSION: &str =
        "Every request may run on another connection, so this would last for nobody.";
    let not_run = |word, why| Err(SqlError::NotRun { word, why });
    Ok(match word {
        "SELECT" | "VALUES" | "TABLE" => StatementKind::Read,
        "WITH" => StatementKind::With,
        "SHOW" => StatementKind::Show,
        "EXPLAIN" => StatementKind::Explain,
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => StatementKind::Change,
        "BEGIN" => return not_run("BEGIN", TRANSACTION),
        "START" => return not_run("START TRANSACTION", TRANSACTION),
        "COMMIT" => return not_run("COMMIT", TRANSACTION),
        "END" => return not_run("END", TRANSACTION),
        "ROLLBACK" => return not_run("ROLLBACK", TRANSACTION),
        "ABORT" => return not_run("ABORT", TRANSACTION),
        "SAVEPOINT" => return not_run("SAVEPOINT", TRANSACTION),
        "RELEASE" => return not_run("RELEASE", TRANSACTION),
        "PREPARE" => return not_run("PREPARE", SESSION),
        "EXECUTE" => return not_run("EXECUTE", SESSION),
        "DEALLOCATE" => return not_run("DEALLOCATE", SESSION),
        "LISTEN" => return not_run("LISTEN", SESSION),
        "UNLISTEN" => return not_run("UNLISTEN", SESSION),
        "DISCARD" => return not_run("DISCARD", SESSION),
        "COPY" => {
            return not_run(
                "COPY",
                "Insert rows through /gateway/insert, and read them as NDJSON.",
            );
        }
        _ => StatementKind::Command,
    })
}

/// Functions that compute and nothing else. A call of any other one makes a statement cautious.
const HARMLESS: [&str; 66] = [
    "abs",
    "array_agg",
    "array_length",
    "avg",
    "bool_and",
    "bool_or",
    "btrim",
    "cardinality",
    "cast",
    "ceil",
    "ceiling",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "date_part",
    "date_trunc",
    "decimal",
    "dense_rank",
    "exists",
    "extract",
    "first_value",
    "floor",
    "format",
    "generate_series",
    "greatest",
    "initcap",
    "json_agg",
    "json_build_object",
    "jsonb_agg",
    "jsonb_build_object",
    "lag",
    "last_value",
    "lead",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "max",
    "md5",
    "min",
    "mod",
    "now",
    "nullif",
    "numeric",
    "position",
    "power",
    "rank",
    "replace",
    "right",
    "round",
    "row_number",
    "row_to_json",
    "rtrim",
    "sign",
    "split_part",
    "sqrt",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "trim",
    "upper",
    "varchar",
];

/// Words that stand before a parenthesis without being called.
const NOT_CALLS: [&str; 38] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "char",
    "character",
    "conflict",
    "default",
    "distinct",
    "else",
    "except",
    "filter",
    "from",
    "group",
    "having",
    "in",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "lateral",
    "not",
    "on",
    "or",
    "over",
    "partition",
    "returning",
    "select",
    "set",
    "some",
    "then",
    "union",
    "values",
    "where",
];

fn is_plain(tokens: &[Token<'_>]) -> bool {
    let mut after_into = false;
    for pair in tokens.windows(2) {
        let [word, next] = pair else { continue };
        // `INSERT INTO t (a, b)`: the parenthesis after the table is a list of columns.
        after_into = word.is_word("into")
            || (after_into && (word.is_symbol(".") || next.is_symbol(".") || next.is_symbol("(")));
        if !next.is_symbol("(") || after_into {
            continue;
        }
        let is_harmless = match word.kind {
            TokenKind::Symbol => true,
            TokenKind::Word => {
                let folded = word.text.to_ascii_lowercase();
                NOT_CALLS.contains(&folded.as_str())
                    || (HARMLESS.contains(&folded.as_str()) && !is_qualified(tokens, word))
            }
            _ => false,
        };
        if !is_harmless {
            return false;
        }
    }
    // `FOR UPDATE` locks rows, `SELECT … INTO` makes a table.
    !tokens.first().is_some_and(|first| first.is_word("select"))
        || !tokens.iter().any(|token| token.is_word("into") || token.is_word("for"))
}

/// `evil.lower(…)` is not `lower(…)`.
fn is_qualified(tokens: &[Token<'_>], word: &Token<'_>) -> bool {
    tokens
        .iter()
        .take_while(|token| token.at < word.at)
        .last()
        .is_some_and(|before| before.is_symbol("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<String> {
        let script = Script::parse(script).unwrap();
        script.statements().iter().map(|statement| statement.text().to_owned()).collect()
    }

    fn only(text: &str) -> SqlStatement {
        Script::parse(text).unwrap().single().unwrap().clone()
    }

    #[test]
    fn a_script_is_cut_where_the_database_would_cut_it() {
        assert_eq!(texts("select 1"), ["select 1"]);
        assert_eq!(texts(" ;; select 1 ; -- end;\n select ';' ;"), ["select 1", "select ';'"]);
        assert_eq!(
            texts(
                "create function f() returns int begin atomic select 1; select case when true then 1 end; end; select 2"
            ),
            [
                "create function f() returns int begin atomic select 1; select case when true then 1 end; end",
                "select 2"
            ]
        );
        assert_eq!(texts("do $$ begin; end $$; select 1"), ["do $$ begin; end $$", "select 1"]);
        assert_eq!(Script::parse(" ; /* nothing */ -- at all"), Err(SqlError::Empty));
    }

    #[test]
    fn what_a_statement_may_do_is_seen_by_its_first_word() {
        for (text, kind) in [
            ("SELECT 1", StatementKind::Read),
            ("((select 1) union (select 2))", StatementKind::Read),
            ("/* a */ -- b\n values (1)", StatementKind::Read),
            ("with x as (delete from t returning *) select * from x", StatementKind::With),
            ("explain analyze delete from t", StatementKind::Explain),
            ("INSERT INTO t VALUES (1)", StatementKind::Change),
            ("create table t (a int)", StatementKind::Command),
            ("call p()", StatementKind::Command),
            ("\"select\" 1", StatementKind::Command),
        ] {
            assert_eq!(only(text).kind(), kind, "{text}");
        }
    }

    #[test]
    fn transactions_sessions_and_copies_are_refused_by_name() {
        for word in [
            "BEGIN",
            "commit",
            "Rollback",
            "savepoint a",
            "prepare x as select 1",
            "listen x",
            "copy t from stdin",
            "discard all",
        ] {
            let refused = Script::parse(&format!("select 1; {word}")).unwrap_err();
            assert!(matches!(refused, SqlError::NotRun { .. }), "{word}");
        }
    }

    #[test]
    fn a_reader_is_refused_what_writes() {
        for text in [
            "insert into t values (1)",
            "drop table t",
            "set role x",
            "truncate t",
            "select 1; delete from t",
        ] {
            let refused = Script::parse(text).unwrap().must_read().unwrap_err();
            assert_eq!(refused.problem().status, 403, "{text}");
        }
        assert!(
            Script::parse("select 1; show all; with x as (select 1) table x")
                .unwrap()
                .must_read()
                .is_ok()
        );
    }

    #[test]
    fn only_what_leaves_no_trace_in_a_session_is_plain() {
        for text in [
            "select 1",
            "select * from invoices where amount > $1 and (status = 'paid' or status in ('x')) limit 3",
            "select count(*), lower(name) from t group by name having (count(*) > 1)",
            "values (1), (2)",
            "select (1), a::numeric(12,2) from t",
        ] {
            assert!(only(text).is_plain_read(), "{text}");
        }
        for text in [
            "select set_config('search_path', 'x', false)",
            "select pg_advisory_lock(1)",
            "select evil.lower('x')",
            "select \"lower\"('x')",
            "select * into t2 from t",
            "select * from t for update",
            "select nextval('s')",
            "with x as (select 1) select * from x",
        ] {
            assert!(!only(text).is_plain_read(), "{text}");
        }
        for text in [
            "insert into t (a, b) values ($1, now())",
            "insert into s.t(a) values (1) returning *",
            "update t set a = (a + 1)",
            "delete from t where id in (1)",
        ] {
            assert!(only(text).is_plain_change(), "{text}");
        }
        assert!(!only("insert into t values (set_config('a', 'b', false))").is_plain_change());
    }

    #[test]
    fn parameters_are_found_outside_of_quotes_and_comments_only() {
        let statement =
            only("  select '$1', $2::int, \"$3\" /* $4 */, $$ $5 $$ from t where a = $1 -- $6");
        let found: Vec<_> = statement
            .placeholders()
            .iter()
            .map(|place| (place.number, &statement.text()[place.span.clone()]))
            .collect();
        assert_eq!(found, [(2, "$2"), (1, "$1")]);
        assert_eq!(statement.parameter_count(), 2);
        assert_eq!(only("select $99999999999999999999").parameter_count(), usize::MAX);
    }

    #[test]
    fn limits_hold() {
        let many = "select 1;".repeat(MAX_STATEMENTS + 1);
        assert_eq!(
            Script::parse(&many),
            Err(SqlError::TooManyStatements { limit: MAX_STATEMENTS })
        );
        let long = " ".repeat(MAX_SCRIPT_BYTES + 1);
        assert_eq!(Script::parse(&long), Err(SqlError::TooLong { limit: MAX_SCRIPT_BYTES }));
        assert_eq!(Script::parse("select '\0'"), Err(SqlError::Nul));
    }
}
