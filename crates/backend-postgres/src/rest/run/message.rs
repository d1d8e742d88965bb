//! Several statements as one message: one round trip, whatever stands in it.

use super::{Way, frame, literal, rows};
use crate::{
    error::RunError,
    execute::trusted,
    pool::{Name, Prepared, Session},
};
use backend::{RestEnd, RestFrame, RestParam, RestRow, RestStatement};
use futures_util::TryStreamExt;
use sqlx::{Either, Executor};

/// Values that take more than this are bound: written out, each byte is two or four.
const MOST_BYTES: usize = 32 << 10;

/// Statements with a semicolon between two of them, in the order in which they are done.
pub(super) struct Message {
    text: String,
    parts: Vec<Part>,
}

enum Part {
    Begin,
    /// As many as were doomed.
    Deallocate,
    Prepare {
        key: String,
        name: Name,
    },
    /// The one whose rows are wanted.
    Main,
    End,
    Other,
}

impl Message {
    /// What opens a transaction: `BEGIN`, its settings, and the function before everything.
    pub(super) fn opening(frame: RestFrame<'_>, session: &mut Session, way: Way) -> Self {
        let mut message = Self::new();
        message.text.reserve(4 << 10);
        frame::begin(frame, message.part(Part::Begin));
        if frame.settings.is_empty() {
        } else if session.takes_messages && way == Way::Together {
            message.settings(frame, session);
        } else {
            frame::set(frame.settings, message.part(Part::Other));
        }
        if let Some(function) = frame.before {
            message.part(Part::Other).push_str(&frame::call(function));
        }
        message
    }

    /// Nothing but the end.
    pub(super) fn ending(end: RestEnd) -> Self {
        let mut message = Self::new();
        message.end(end);
        message
    }

    fn new() -> Self {
        Self { text: String::new(), parts: Vec::new() }
    }

    fn settings(&mut self, frame: RestFrame<'_>, session: &mut Session) {
        let names = frame.settings.iter().map(|(name, _)| name.as_str());
        let key = names.fold(String::from("settings"), |key, name| key + "\0" + name);
        let name = self.prepared(key, "", &mut session.prepared, |out| {
            frame::set_prepared(frame.settings, out);
        });
        let values = frame.settings.iter().map(|(_, value)| value);
        self.execute(Part::Other, &name, values, |value, out| literal::untyped(value, out));
    }

    /// A statement after what came before it.
    pub(super) fn run(&mut self, frame: RestFrame<'_>, one: &RestStatement, kept: &mut Prepared) {
        let doomed = kept.doomed();
        for name in doomed {
            let out = self.part(Part::Deallocate);
            out.extend(["DEALLOCATE \"", name.as_str(), "\""]);
        }
        let types = types(&one.params);
        let key = key(frame, &types, &one.sql);
        let name = self.prepared(key, &types, kept, |out| out.push_str(&one.sql));
        self.execute(Part::Main, &name, &one.params, argument);
    }

    /// How it ends.
    pub(super) fn end(&mut self, end: RestEnd) {
        if end == RestEnd::RollBackChecked {
            self.part(Part::Other).push_str(frame::CHECK);
        }
        self.part(Part::End).push_str(frame::end(end));
    }

    /// Send it and wait until it is done, or until it failed somewhere.
    pub(super) async fn send(
        self,
        session: &mut Session,
        left: &mut usize,
    ) -> Result<Vec<RestRow>, RunError> {
        let changes = |part: &Part| matches!(part, Part::Prepare { .. } | Part::Deallocate);
        let has_begun = session.is_in_transaction;
        session.is_in_transaction = true;
        session.prepared.unsure(self.parts.iter().any(changes));
        let mut done = 0;
        let result = self.read(session, &mut done, left).await;
        let leaves_rest = result.as_ref().is_err_and(RunError::leaves_rest_unread);
        if leaves_rest {
            // What became of it is known once it is cancelled.
            return result;
        }
        session.is_in_transaction = has_begun;
        self.learn(done, session);
        result
    }

    async fn read(
        &self,
        session: &mut Session,
        done: &mut usize,
        left: &mut usize,
    ) -> Result<Vec<RestRow>, RunError> {
        let limit = *left;
        let mut rows = Vec::new();
        let mut items = session.connection.fetch_many(trusted(&self.text));
        while let Some(item) = items.try_next().await? {
            match (item, self.parts.get(*done)) {
                (Either::Left(_), _) => *done += 1,
                (Either::Right(row), Some(Part::Main)) => {
                    rows.push(rows::taken(&row, left, limit)?);
                }
                (Either::Right(_), _) => {}
            }
        }
        Ok(rows)
    }

    /// So many of its parts were done, and no more. At the end even a failure ends the transaction.
    fn learn(self, done: usize, session: &mut Session) {
        let mut gone = 0;
        for (index, part) in self.parts.into_iter().enumerate() {
            match part {
                Part::Begin if index < done => session.is_in_transaction = true,
                Part::End if index <= done => session.is_in_transaction = false,
                Part::Deallocate if index < done => gone += 1,
                Part::Prepare { key, name } if index < done => session.prepared.keep(key, name),
                _ => {}
            }
        }
        session.prepared.gone(gone);
        session.prepared.unsure(false);
    }

    fn part(&mut self, part: Part) -> &mut String {
        if !self.parts.is_empty() {
            self.text.push_str("; ");
        }
        self.parts.push(part);
        &mut self.text
    }

    /// The name of a statement that the session keeps, or keeps from here on.
    fn prepared(
        &mut self,
        key: String,
        types: &str,
        kept: &mut Prepared,
        write: impl FnOnce(&mut String),
    ) -> Name {
        if let Some(name) = kept.find(&key) {
            return name;
        }
        let name = Name::fresh();
        let out = self.part(Part::Prepare { key, name: name.clone() });
        out.extend(["PREPARE \"", name.as_str(), "\"", types, " AS "]);
        write(out);
        name
    }

    fn execute<T>(
        &mut self,
        part: Part,
        name: &Name,
        values: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut String),
    ) {
        let out = self.part(part);
        out.extend(["EXECUTE \"", name.as_str(), "\""]);
        let mut between = "(";
        for value in values {
            out.push_str(std::mem::replace(&mut between, ", "));
            write(value, out);
        }
        if between == ", " {
            out.push(')');
        }
    }
}

/// Whether it can be prepared by SQL, and its values are few enough to be written out.
pub(super) fn fits(statement: &RestStatement) -> bool {
    let length = |param: &RestParam| match param {
        RestParam::Null => 4,
        RestParam::Unknown(text) | RestParam::Text(text) => text.len(),
        RestParam::Json(bytes) | RestParam::Bytes(bytes) => bytes.len(),
    };
    let is_small = statement.params.iter().map(length).sum::<usize>() <= MOST_BYTES;
    is_small && !statement.sql.starts_with("EXPLAIN")
}

/// Names in a statement are resolved with the rights of the role and along the search path of whoever
/// prepares it, so it is theirs alone.
fn key(frame: RestFrame<'_>, types: &str, sql: &str) -> String {
    let value = |wanted: &str| {
        let found = frame.settings.iter().rev().find(|(name, _)| name == wanted);
        found.map_or("", |(_, value)| value.as_str())
    };
    let before = frame.before.map(ToString::to_string).unwrap_or_default();
    [value("role"), value("search_path"), &before, types, sql].join("\0")
}

/// `(unknown, json)`: what is unknown takes the type that its place asks for.
fn types(params: &[RestParam]) -> String {
    let each = params.iter().map(|param| match param {
        RestParam::Null | RestParam::Unknown(_) => "unknown",
        RestParam::Text(_) => "pg_catalog.text",
        RestParam::Json(_) => "pg_catalog.json",
        RestParam::Bytes(_) => "pg_catalog.bytea",
    });
    let each: Vec<_> = each.collect();
    if each.is_empty() { String::new() } else { format!(" ({})", each.join(", ")) }
}

fn argument(param: &RestParam, out: &mut String) {
    match param {
        RestParam::Null => out.push_str("NULL"),
        RestParam::Unknown(text) | RestParam::Text(text) => literal::untyped(text, out),
        RestParam::Bytes(bytes) => literal::bytes(bytes, out),
        RestParam::Json(bytes) => {
            literal::text(bytes, out);
            out.push_str("::pg_catalog.json");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use query::Access;

    fn frame(settings: &[(String, String)]) -> RestFrame<'_> {
        let access = Access::ReadWrite;
        RestFrame { access, isolation: None, settings, before: None, leaves_traces: false }
    }

    fn read(params: Vec<RestParam>) -> RestStatement {
        RestStatement { sql: "SELECT $1".to_owned(), params }
    }

    #[test]
    fn a_statement_is_prepared_once_and_then_executed() {
        let mut kept = Prepared::default();
        let name = Name::fresh();
        let one = read(vec![RestParam::Unknown("'".to_owned()), RestParam::Null]);
        kept.keep(key(frame(&[]), " (unknown, unknown)", &one.sql), name.clone());
        let mut message = Message::new();
        message.run(frame(&[]), &one, &mut kept);
        message.end(RestEnd::RollBackChecked);
        let expected = format!(
            "EXECUTE \"{}\"(E'\\x27', NULL); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK",
            name.as_str()
        );
        assert_eq!(message.text, expected);
        let other = read(vec![RestParam::Json(Bytes::from_static(b"[]")), RestParam::Null]);
        let mut message = Message::new();
        message.run(frame(&[]), &other, &mut kept);
        let text = message.text;
        assert!(text.starts_with("PREPARE \"athena_"), "{text}");
        assert!(text.contains("\" (pg_catalog.json, unknown) AS SELECT $1; EXECUTE \""), "{text}");
        assert!(text.ends_with("decode('5b5d', 'hex'), 'UTF8')::pg_catalog.json, NULL)"), "{text}");
    }

    #[test]
    fn a_statement_of_one_role_is_not_that_of_another() {
        let role = |name: &str| vec![("role".to_owned(), name.to_owned())];
        let (ann, bob) = (role("ann"), role("bob"));
        assert_ne!(key(frame(&ann), "", "SELECT 1"), key(frame(&bob), "", "SELECT 1"));
    }

    #[test]
    fn large_values_and_explanations_go_another_way() {
        assert!(fits(&read(vec![RestParam::Text("a".repeat(MOST_BYTES))])));
        assert!(!fits(&read(vec![RestParam::Text("a".repeat(MOST_BYTES + 1))])));
        let explained = RestStatement { sql: "EXPLAIN SELECT 1".to_owned(), params: Vec::new() };
        assert!(!fits(&explained));
    }
}
