//! What is kept of a request so that it can be done later. None of its headers is, but for what they
//! say about the answer's form.

use crate::{Profile, RawRequest, RawSql, ResponseCase, SqlDoor};
use bytes::Bytes;
use cache::Directive;
use query::Operation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// What can be put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "gateway_query")]
    Query,
    #[serde(rename = "gateway_fetch")]
    Fetch,
    #[serde(rename = "gateway_insert")]
    Insert,
    #[serde(rename = "gateway_update")]
    Update,
    #[serde(rename = "gateway_delete")]
    Delete,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Query, Self::Fetch, Self::Insert, Self::Update, Self::Delete];

    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "gateway_query",
            Self::Fetch => "gateway_fetch",
            Self::Insert => "gateway_insert",
            Self::Update => "gateway_update",
            Self::Delete => "gateway_delete",
        }
    }

    /// How its route ends.
    pub(super) fn route_word(self) -> &'static str {
        match self {
            Self::Query => "/query",
            Self::Fetch => "/fetch",
            Self::Insert => "/insert",
            Self::Update => "/update",
            Self::Delete => "/delete",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Fetch => "Fetch request",
            Self::Insert => "Insert request",
            Self::Update => "Update request",
            Self::Delete => "Delete request",
        }
    }

    fn operation(self) -> Option<Operation> {
        match self {
            Self::Query => None,
            Self::Fetch => Some(Operation::Fetch),
            Self::Insert => Some(Operation::Insert),
            Self::Update => Some(Operation::Update),
            Self::Delete => Some(Operation::Delete),
        }
    }
}

/// A request in the form in which it is done.
#[derive(Debug, Clone)]
pub enum Work {
    Data(RawRequest),
    Query(RawSql),
}

impl Work {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Query(_) => Kind::Query,
            Self::Data(raw) => match raw.operation {
                Operation::Fetch => Kind::Fetch,
                Operation::Insert => Kind::Insert,
                Operation::Update => Kind::Update,
                Operation::Delete => Kind::Delete,
            },
        }
    }
}

/// What headers said about the answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Form {
    #[serde(default)]
    strip_nulls: bool,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    no_cache: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_case: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) kind: Kind,
    pub(super) request_id: String,
    pub(super) client_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    params: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_body: Option<Box<RawValue>>,
    reason: String,
    requested_at_unix_ms: u64,
    #[serde(default)]
    form: Form,
}

/// Whose request it is, and why it is put off.
pub(super) struct About<'a> {
    pub(super) request_id: &'a str,
    pub(super) client: &'a str,
    pub(super) table: Option<String>,
    pub(super) reason: &'static str,
    pub(super) at_unix_ms: u64,
}

impl Payload {
    pub(super) fn of(work: &Work, about: About<'_>) -> Result<Self, serde_json::Error> {
        let payload = Self {
            kind: work.kind(),
            request_id: about.request_id.to_owned(),
            client_name: about.client.to_owned(),
            table_name: about.table,
            query: None,
            params: Vec::new(),
            request_body: None,
            reason: about.reason.to_owned(),
            requested_at_unix_ms: about.at_unix_ms,
            form: Form::default(),
        };
        Ok(match work {
            Work::Query(raw) => Self {
                query: Some(raw.text.clone()),
                params: raw.params.clone(),
                form: Form {
                    strip_nulls: raw.strip_nulls,
                    no_cache: raw.directive == Directive::Bypass,
                    ..Form::default()
                },
                ..payload
            },
            Work::Data(raw) => Self {
                request_body: Some(serde_json::from_slice(&raw.body)?),
                form: Form {
                    strip_nulls: raw.strip_nulls,
                    bare: raw.profile == Profile::Bare,
                    no_cache: raw.directive == Directive::Bypass,
                    response_case: raw.response_case.map(|case| case.word().to_owned()),
                },
                ..payload
            },
        })
    }

    /// The request again; `None` when a part of it is missing.
    pub(super) fn into_work(self) -> Option<Work> {
        let directive = if self.form.no_cache { Directive::Bypass } else { Directive::Use };
        let Some(operation) = self.kind.operation() else {
            return Some(Work::Query(RawSql {
                door: SqlDoor::Query,
                text: self.query?,
                params: self.params,
                strip_nulls: self.form.strip_nulls,
                directive,
            }));
        };
        let response_case = match self.form.response_case.as_deref() {
            Some(word) => Some(ResponseCase::parse(word)?),
            None => None,
        };
        Some(Work::Data(RawRequest {
            operation,
            body: Bytes::copy_from_slice(self.request_body?.get().as_bytes()),
            strip_nulls: self.form.strip_nulls,
            directive,
            profile: if self.form.bare { Profile::Bare } else { Profile::Envelope },
            response_case,
            // Nobody waits for it, and it is noted by itself.
            insert_window: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_comes_back_to_the_letter() {
        let body = r#"{"table_name":"t","insert_body":{"b":1.50,"a":"\u0000","b2":1e400}}"#;
        let work = Work::Data(RawRequest {
            operation: Operation::Insert,
            body: Bytes::from_static(body.as_bytes()),
            strip_nulls: true,
            directive: Directive::Bypass,
            profile: Profile::Bare,
            response_case: Some(ResponseCase::Camel),
            insert_window: None,
        });
        let about = || About {
            request_id: "d-1",
            client: "shop",
            table: Some("t".to_owned()),
            reason: "x",
            at_unix_ms: 7,
        };
        let text = serde_json::to_string(&Payload::of(&work, about()).unwrap()).unwrap();
        let payload: Payload = serde_json::from_str(&text).unwrap();
        assert_eq!((payload.kind, payload.client_name.as_str()), (Kind::Insert, "shop"));
        let Some(Work::Data(again)) = payload.into_work() else { panic!("{text}") };
        assert_eq!((&*again.body, again.strip_nulls), (body.as_bytes(), true));
        assert_eq!((again.profile, again.directive), (Profile::Bare, Directive::Bypass));
        assert_eq!(again.response_case, Some(ResponseCase::Camel));
        let query = Work::Query(RawSql {
            door: SqlDoor::Query,
            text: "select $1".to_owned(),
            params: vec![serde_json::from_str("12345678901234567890.5").unwrap()],
            strip_nulls: false,
            directive: Directive::Use,
        });
        let text = serde_json::to_string(&Payload::of(&query, about()).unwrap()).unwrap();
        let payload: Payload = serde_json::from_str(&text).unwrap();
        let Some(Work::Query(again)) = payload.into_work() else { panic!("{text}") };
        assert_eq!(again.params[0].to_string(), "12345678901234567890.5");
    }
}
