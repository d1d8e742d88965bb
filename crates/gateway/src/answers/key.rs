//! The key of an answer: everything that changes it.

use crate::{access::Visitor, registry::Upstream};
use auth::Credential;
use cache::{KeyBuilder, KeyParts, Lookup, Scope, Visibility};
use query::{Param, Statement};
use std::borrow::Cow;

/// How an answer is to look, beside what its statement says.
pub(crate) struct Form<'a> {
    pub(crate) surface: &'a str,
    pub(crate) shape: &'a str,
    pub(crate) strip_nulls: bool,
}

/// Marks a text that stands where a bound value would.
const TEXT_OF_COUNT: u32 = u32::MAX;

pub(crate) fn lookup(
    visitor: &Visitor,
    upstream: &Upstream,
    form: &Form<'_>,
    statements: (&Statement, Option<&Statement>),
    reads: Vec<Scope>,
) -> Lookup {
    let (rows, count) = statements;
    let key = begin(visitor, upstream, form, rows.text());
    let mut key = with_values(key, rows.params());
    if let Some(count) = count {
        key = key.parameter(TEXT_OF_COUNT, Some(count.text().as_bytes()));
        key = with_values(key, count.params());
    }
    reads.into_iter().fold(key, KeyBuilder::reads).finish()
}

/// The same for what a caller wrote.
pub(crate) fn lookup_text(
    visitor: &Visitor,
    upstream: &Upstream,
    form: &Form<'_>,
    text: &str,
    reads: Vec<Scope>,
) -> Lookup {
    let key = begin(visitor, upstream, form, text);
    reads.into_iter().fold(key, KeyBuilder::reads).finish()
}

fn begin(visitor: &Visitor, upstream: &Upstream, form: &Form<'_>, text: &str) -> KeyBuilder {
    // An answer that is kept for a shorter time than others is another one in the next stretch.
    let epoch = upstream.info().tuning.epoch();
    let parts = KeyParts {
        client: visitor.client(),
        upstream: upstream.fingerprint(),
        visibility: visibility(visitor.caller().credential()),
        surface: form.surface,
        shape: form.shape,
        // Names are in the statement as they are answered.
        casing: epoch.as_deref().unwrap_or_default(),
        strip_nulls: form.strip_nulls,
        statement: text,
    };
    KeyBuilder::new(&parts)
}

fn with_values(key: KeyBuilder, values: &[Param]) -> KeyBuilder {
    values.iter().fold(key, |key, value| {
        let (kind, bytes) = piece(value);
        key.parameter(kind, bytes.as_deref())
    })
}

fn piece(value: &Param) -> (u32, Option<Cow<'_, [u8]>>) {
    let owned = |bytes: &[u8]| Some(Cow::Owned(bytes.to_vec()));
    match value {
        Param::Null => (0, None),
        Param::Bool(value) => (1, owned(&[u8::from(*value)])),
        Param::Int2(value) => (2, owned(&value.to_le_bytes())),
        Param::Int4(value) => (3, owned(&value.to_le_bytes())),
        Param::Int8(value) => (4, owned(&value.to_le_bytes())),
        Param::Float8(value) => (5, owned(&value.to_bits().to_le_bytes())),
        Param::Uuid(value) => (6, owned(value.as_bytes())),
        Param::Text(value) => (7, Some(Cow::Borrowed(value.as_bytes()))),
    }
}

/// Answers are shared only among those who show the same key.
pub(crate) fn visibility(credential: &Credential) -> Visibility<'_> {
    match credential {
        Credential::Anonymous => Visibility::Anonymous,
        Credential::Key { id, .. } => Visibility::Key(&id.0),
        Credential::Admin => Visibility::Role { role: "admin", claims: "" },
        Credential::Person { user_id, .. } => Visibility::Role { role: "person", claims: user_id },
        Credential::Token { .. } => Visibility::Role { role: "token", claims: "" },
        Credential::System => Visibility::Role { role: "system", claims: "" },
    }
}
