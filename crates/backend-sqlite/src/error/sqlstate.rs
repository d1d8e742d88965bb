//! SQLite's result codes as the SQLSTATEs that mean the same, so that one table of refusals is
//! enough for every database. The names are read out of SQLite's messages, and only names.

use backend::DatabaseError;

// https://sqlite.org/rescode.html: the low byte is the primary code.
const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NOMEM: i32 = 7;
const READONLY: i32 = 8;
const INTERRUPT: i32 = 9;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;

const BUSY_SNAPSHOT: i32 = 517;
const CONSTRAINT_CHECK: i32 = 275;
const CONSTRAINT_FOREIGNKEY: i32 = 787;
const CONSTRAINT_NOTNULL: i32 = 1299;
const CONSTRAINT_PRIMARYKEY: i32 = 1555;
const CONSTRAINT_TRIGGER: i32 = 1811;
const CONSTRAINT_UNIQUE: i32 = 2067;
const CONSTRAINT_ROWID: i32 = 2579;
const CONSTRAINT_DATATYPE: i32 = 3091;

fn primary(code: i32) -> i32 {
    code & 0xff
}

/// The session may hold a file that is damaged, gone or another one by now.
pub(super) fn is_about_the_file(code: i32) -> bool {
    matches!(primary(code), NOMEM | INTERRUPT | IOERR | CORRUPT | FULL | CANTOPEN | NOTADB)
}

pub(super) fn is_unreachable(code: i32) -> bool {
    matches!(primary(code), IOERR | CANTOPEN)
}

pub(super) fn is_busy_or_read_only(code: i32) -> bool {
    matches!(primary(code), BUSY | LOCKED | READONLY | CANTOPEN)
}

pub(super) fn translated(code: i32, message: &str) -> DatabaseError {
    let with = |sqlstate: &str| DatabaseError {
        sqlstate: sqlstate.to_owned(),
        message: message.to_owned(),
        ..DatabaseError::default()
    };
    match code {
        CONSTRAINT_UNIQUE | CONSTRAINT_PRIMARYKEY | CONSTRAINT_ROWID => unique(message),
        CONSTRAINT_FOREIGNKEY => with("23503"),
        CONSTRAINT_NOTNULL => DatabaseError { column: last_name(message), ..with("23502") },
        CONSTRAINT_CHECK => DatabaseError { constraint: after_colon(message), ..with("23514") },
        CONSTRAINT_TRIGGER => with("P0001"),
        CONSTRAINT_DATATYPE => DatabaseError { column: last_name(message), ..with("22P02") },
        BUSY_SNAPSHOT => with("40001"),
        _ => match primary(code) {
            ERROR => of_statement(message),
            BUSY | LOCKED => with("55P03"),
            NOMEM => with("53200"),
            READONLY => with("25006"),
            INTERRUPT => with("57014"),
            CORRUPT | NOTADB => with("XX001"),
            FULL => with("53100"),
            TOOBIG => with("22001"),
            CONSTRAINT => with("23514"),
            MISMATCH => with("22P02"),
            AUTH => with("42501"),
            _ => with("XX000"),
        },
    }
}

/// `UNIQUE constraint failed: t.a, t.b`, or `…: index 'name'` for one over expressions.
fn unique(message: &str) -> DatabaseError {
    let columns = after_colon(message).unwrap_or_default();
    let name = columns.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\''));
    let table = columns.split_once('.').filter(|_| name.is_none()).map(|(table, _)| table);
    let keys = table.map(|table| {
        let names = columns.split(", ").map(|name| {
            let name = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'));
            name.unwrap_or_default().replace('"', "\"\"")
        });
        let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
        format!("Key ({})=(…) already exists.", names.join(", "))
    });
    DatabaseError {
        sqlstate: "23505".to_owned(),
        message: message.to_owned(),
        detail: keys,
        table: table.map(str::to_owned),
        constraint: Some(name.map_or_else(|| columns.clone(), str::to_owned)),
        ..DatabaseError::default()
    }
}

/// What SQLite says of the statement itself, by its words: all of it has the one code 1.
fn of_statement(message: &str) -> DatabaseError {
    const WORDS: [(&str, &str); 24] = [
        ("syntax error", "42601"),
        ("incomplete input", "42601"),
        ("unrecognized token", "42601"),
        ("already exists", "42P07"),
        ("no such table: ", "42P01"),
        ("no such column: ", "42703"),
        ("has no column named ", "42703"),
        ("no such function: ", "42883"),
        ("wrong number of arguments to function", "42883"),
        ("ON CONFLICT clause does not match", "42P10"),
        ("because it is a view", "55000"),
        ("may not be modified", "55000"),
        ("not available on virtual tables", "55000"),
        ("generated column", "428C9"),
        ("cannot INSERT into generated", "428C9"),
        ("malformed JSON", "22P02"),
        ("JSON path error", "22P02"),
        ("pattern too complex", "22023"),
        ("integer overflow", "22003"),
        ("foreign key mismatch", "42830"),
        ("no such savepoint", "3B001"),
        ("no transaction is active", "25P01"),
        ("database table is locked", "55P03"),
        ("not authorized", "42501"),
    ];
    let known = WORDS.iter().find(|(words, _)| message.contains(words));
    let (words, sqlstate) = known.copied().unwrap_or(("", "42000"));
    let name = message.split_once(words).map(|(_, name)| name.trim());
    let named = matches!(sqlstate, "42P01" | "42703");
    DatabaseError {
        sqlstate: sqlstate.to_owned(),
        // In the form the one table of refusals finds names in.
        message: match name {
            Some(name) if named => format!("\"{}\"", name.replace('"', "")),
            _ => message.to_owned(),
        },
        ..DatabaseError::default()
    }
}

/// What stands after `failed: `; the definition of a check without a name may be long.
fn after_colon(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(": ")?;
    Some(rest.chars().take(200).collect())
}

/// `… t.a`: the name after the last point.
fn last_name(message: &str) -> Option<String> {
    message.rsplit_once('.').map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_sqlstate_that_means_the_same() {
        for (code, message, sqlstate) in [
            (5, "database is locked", "55P03"),
            (261, "database is locked", "55P03"),
            (517, "database is locked", "40001"),
            (6, "database table is locked", "55P03"),
            (8, "attempt to write a readonly database", "25006"),
            (1032, "attempt to write a readonly database", "25006"),
            (9, "interrupted", "57014"),
            (11, "database disk image is malformed", "XX001"),
            (26, "file is not a database", "XX001"),
            (13, "database or disk is full", "53100"),
            (20, "datatype mismatch", "22P02"),
            (1811, "no more of these", "P0001"),
            (1, "near \"x\": syntax error", "42601"),
            (1, "no such function: x", "42883"),
            (1, "no such collation sequence: x", "42000"),
            (1, "table t already exists", "42P07"),
            (1, "cannot modify v because it is a view", "55000"),
            (1, "cannot UPDATE generated column \"x\"", "428C9"),
            (21, "bad parameter or other API misuse", "XX000"),
        ] {
            assert_eq!(translated(code, message).sqlstate, sqlstate, "{message}");
        }
    }

    #[test]
    fn names_are_read_out_of_messages() {
        let error = translated(2067, "UNIQUE constraint failed: t.a, t.B c");
        assert_eq!(error.detail.as_deref(), Some("Key (\"a\", \"B c\")=(…) already exists."));
        assert_eq!(error.table.as_deref(), Some("t"));
        let error = translated(2067, "UNIQUE constraint failed: index 'lower_name'");
        assert_eq!((error.constraint.as_deref(), error.detail), (Some("lower_name"), None));
        let error = translated(1299, "NOT NULL constraint failed: t.a");
        assert_eq!(error.column.as_deref(), Some("a"));
        let error = translated(3091, "cannot store TEXT value in INTEGER column t.n");
        assert_eq!(error.column.as_deref(), Some("n"));
        let error = translated(275, "CHECK constraint failed: positive");
        assert_eq!(error.constraint.as_deref(), Some("positive"));
        assert_eq!(translated(1, "no such column: t.gone").message, "\"t.gone\"");
    }
}
