//! SQL that callers write: nothing of it is lost between two statements, and each stays what it is.

use crate::{postgres, schema::SCHEMA, words};
use query::{
    ApiRequest, Plan, Statement,
    plan::PlanLimits,
    request::{Filter, Operator, ReadRequest},
    sql::{Script, SqlError, SqlStatement, StatementKind, recognise},
};

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let script = Script::parse(text);
    if let Some(read) = recognise(text) {
        // A NUL is found in the value itself.
        match &script {
            Ok(script) => {
                let only = script.single().expect("a read is one statement");
                assert_eq!(only.kind(), StatementKind::Read, "{text}");
            }
            Err(error) => assert_eq!(*error, SqlError::Nul, "{text}"),
        }
        recognised(read, text);
    }
    match script {
        Ok(script) => whole(text, &script),
        Err(error) => assert!((400..500).contains(&error.problem().status), "{error}"),
    }
}

fn whole(text: &str, script: &Script) {
    let mut rest = text;
    for statement in script.statements() {
        rest = between(rest).strip_prefix(statement.text()).expect("nothing is left out");
        alone(statement);
    }
    assert_eq!(between(rest), "", "what follows the last statement is lost");
    let texts: Vec<_> = script.statements().iter().map(SqlStatement::text).collect();
    let again = Script::parse(&texts.join(";")).expect("what was a script stays one");
    assert_eq!(again, *script, "{texts:?}");
    let reads = script.statements().iter().all(reads);
    assert_eq!(script.must_read().is_ok(), reads, "{texts:?}");
}

fn reads(statement: &SqlStatement) -> bool {
    !matches!(statement.kind(), StatementKind::Change | StatementKind::Command)
}

fn alone(statement: &SqlStatement) {
    let again = Script::parse(statement.text()).expect("what was a statement stays one");
    assert_eq!(again.single(), Some(statement));
    let places: Vec<_> = statement.placeholders().iter().map(|place| place.span.start).collect();
    assert_eq!(Some(places), postgres::parameters(statement.text()), "{:?}", statement.text());
    for place in statement.placeholders() {
        let digits = statement.text()[place.span.clone()].strip_prefix('$').expect("a parameter");
        let number = digits.parse::<u16>().map_or(usize::MAX, usize::from);
        assert_eq!(number, place.number);
    }
    let read = Statement::plain_read(statement, false);
    assert_eq!(read.is_some(), statement.is_plain_read());
    assert!(!(statement.is_plain_read() && statement.is_plain_change()));
}

/// Without what stands before a statement: blanks, semicolons, comments.
fn between(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest.len();
        let blanks = [' ', '\t', '\n', '\r', '\x0b', '\x0c', ';'];
        rest = rest.trim_start_matches(blanks);
        if rest.starts_with("--") {
            rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = after_comment(rest);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

fn after_comment(text: &str) -> &str {
    let mut rest = &text[2..];
    let mut depth = 1;
    while depth > 0 {
        let (open, close) = (rest.find("/*"), rest.find("*/").expect("a comment ends"));
        let is_opened = open.is_some_and(|open| open < close);
        depth = if is_opened { depth + 1 } else { depth - 1 };
        rest = &rest[if is_opened { open.unwrap_or_default() } else { close } + 2..];
    }
    rest
}

/// A recognised read is planned like any other, and each of its conditions is bound.
fn recognised(read: ReadRequest, text: &str) {
    // A limit of at most a hundred stands in the text, an offset only where there is one.
    let windows = usize::from(read.window.offset > 0);
    let bound = bound(&read.filter);
    match Plan::resolve(ApiRequest::Read(read), &SCHEMA, PlanLimits { max_rows: 100 }) {
        Ok(plan) => {
            let statement = Statement::postgres(&plan).expect("a plain read can be said");
            words::check(&statement);
            if let Some(bound) = bound {
                assert_eq!(
                    statement.params().len(),
                    bound + windows,
                    "{text}: {}",
                    statement.text()
                );
            }
        }
        Err(error) => assert!(matches!(error.problem().status, 400 | 404), "{error}"),
    }
}

/// How many values the conditions bind; `None` when one of them holds for no row.
fn bound(filter: &Filter) -> Option<usize> {
    match filter {
        Filter::All => Some(0),
        Filter::And(filters) => filters.iter().map(bound).sum(),
        Filter::Condition(condition) | Filter::Cast(condition, _) => {
            let is_test =
                matches!(condition.operator, Operator::Is | Operator::IsNull | Operator::NotNull);
            // A list of arrays is compared one by one.
            let is_list = condition.operator == Operator::In;
            if is_list && condition.column == "tags" || condition.column == "prices" {
                return None;
            }
            Some(usize::from(!is_test))
        }
        Filter::Or(_) | Filter::Not(_) => None,
    }
}
