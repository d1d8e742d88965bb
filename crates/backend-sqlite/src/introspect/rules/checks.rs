//! The checks in a `CREATE TABLE`, of columns and of the table.

use super::tokens::{self, Kind, Token};

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: Option<String>,
    pub(super) expression: String,
    /// Those it names, in the order of the table.
    pub(super) columns: Vec<String>,
}

/// Nothing when the words cannot be followed to their end.
pub(super) fn of(sql: &str, columns: &[String]) -> Option<Vec<Check>> {
    let tokens = tokens::of(sql)?;
    let opening = tokens.iter().position(|token| token.is_symbol("("))?;
    let closing = closing(&tokens, opening)?;
    let (mut checks, mut name, mut at) = (Vec::new(), None, opening + 1);
    while at < closing {
        let token = &tokens[at];
        let next = tokens.get(at + 1);
        if token.is_word("constraint") {
            name = next.and_then(Token::name);
            at += 2;
        } else if token.is_symbol("(") {
            // Of a default, of a computed column, of a key.
            at = self::closing(&tokens, at)? + 1;
            name = None;
        } else if token.is_word("check") && next.is_some_and(|next| next.is_symbol("(")) {
            let end = self::closing(&tokens, at + 1)?;
            let inside = &tokens[at + 2..end];
            let expression = sql[tokens[at + 1].end()..tokens[end].at].trim().to_owned();
            let columns = named(inside, columns);
            checks.push(Check { name: name.take(), expression, columns });
            at = end + 1;
        } else {
            // A name is for the constraint right behind it.
            name = None;
            at += 1;
        }
    }
    Some(checks)
}

/// Where the parenthesis closes that opens here.
fn closing(tokens: &[Token<'_>], opening: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(opening) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn named(tokens: &[Token<'_>], columns: &[String]) -> Vec<String> {
    let names: Vec<String> = (0..tokens.len()).filter_map(|at| column_at(tokens, at)).collect();
    let is_named = |column: &&String| names.iter().any(|name| name.eq_ignore_ascii_case(column));
    columns.iter().filter(is_named).cloned().collect()
}

/// What might name a column: no function, no type of a cast, no collation.
fn column_at(tokens: &[Token<'_>], at: usize) -> Option<String> {
    let token = tokens.get(at).filter(|token| token.kind != Kind::Text)?;
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let is_other = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("))
        || before.is_some_and(|before| before.is_word("as") || before.is_word("collate"));
    if is_other { None } else { token.name() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sql: &str) -> Vec<(Option<String>, String, Vec<String>)> {
        let columns = ["id", "qty", "date", "odd \" name"].map(str::to_owned);
        let checks = of(sql, &columns).unwrap_or_else(|| panic!("{sql}"));
        checks.into_iter().map(|check| (check.name, check.expression, check.columns)).collect()
    }

    #[test]
    fn a_check_is_found_wherever_it_may_stand() {
        for (sql, name, expression, columns) in [
            ("create table t (qty int check (qty > 0))", None, "qty > 0", &["qty"][..]),
            (
                "CREATE TABLE t(id, qty CONSTRAINT few CHECK(Qty<9)NOT NULL)",
                Some("few"),
                "Qty<9",
                &["qty"],
            ),
            (
                "create table t (id, constraint \"a \"\"b\"\"\" check ((id) in (1, 2)))",
                Some("a \"b\""),
                "(id) in (1, 2)",
                &["id"],
            ),
            (
                "create table t (id, qty, primary key (id) check ([qty] > id))",
                None,
                "[qty] > id",
                &["id", "qty"],
            ),
            (
                "create table t (\"odd \"\" name\" check ( `odd \" name` <> ')' ))",
                None,
                "`odd \" name` <> ')'",
                &["odd \" name"],
            ),
            (
                "create table t (id check (cast(id as date) = date(1) /* qty ) */ -- qty )\n))",
                None,
                "cast(id as date) = date(1) /* qty ) */ -- qty )",
                &["id"],
            ),
            (
                "create table t (date check (date is not 'qty' collate qty))",
                None,
                "date is not 'qty' collate qty",
                &["date"],
            ),
            ("create table \"check (id > 1)\" (id check (1))", None, "1", &[]),
        ] {
            let columns = columns.iter().map(|&name| name.to_owned()).collect();
            let expected = (name.map(str::to_owned), expression.to_owned(), columns);
            assert_eq!(found(sql), [expected], "{sql}");
        }
    }

    #[test]
    fn what_only_looks_like_a_check_is_none() {
        for sql in [
            "create table t (id default 'check (id > 0)')",
            "create table t (id /* check (id > 0) */, qty) -- check (id > 0)",
            "create table t (\"check\" int, [check (id)] int)",
            "create table t (id int default (1) , qty as (id + 1))",
        ] {
            assert_eq!(found(sql), [], "{sql}");
        }
    }

    #[test]
    fn a_name_is_for_the_constraint_behind_it() {
        let sql = "create table t (id int constraint pk primary key check (id > 0), qty constraint c1 check (qty > 0) check (qty < 9), constraint u unique (id) check (id < 5))";
        let names: Vec<_> = found(sql).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, [None, Some("c1".to_owned()), None, None]);
    }

    #[test]
    fn words_without_an_end_are_no_checks() {
        for sql in ["create table t (id check (id > 0)", "create table t (id check ('))", "x"] {
            assert_eq!(of(sql, &[]), None, "{sql}");
        }
    }
}
