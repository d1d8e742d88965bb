//! Settings that were given to roles: a role that a transaction takes on does not bring them along.

use auth::Permit;
use backend::{
    Backend, BackendError, Isolation, RestEnd, RestFrame, RestRow, RestScript, RestStatement,
    RestStep,
};
use bytes::Bytes;
use query::Access;
use serde_json::{Map, Value};
use std::{collections::HashMap, time::Duration};

/// Those that anybody may set, of the roles that the connection can take on.
const SQL: &str = "SELECT coalesce(json_object_agg(r.rolname, r.settings), '{}')::text FROM (
    SELECT roles.rolname,
        json_object_agg(split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)) AS settings
    FROM pg_catalog.pg_roles roles, unnest(roles.rolconfig) c
    WHERE pg_catalog.pg_has_role(current_user, roles.oid, 'MEMBER')
        AND EXISTS (SELECT FROM pg_catalog.pg_settings s
            WHERE s.name = split_part(c, '=', 1) AND s.context = 'user')
    GROUP BY roles.rolname) r";

const LIMIT: Duration = Duration::from_secs(30);
const ISOLATION: &str = "default_transaction_isolation";

#[derive(Debug, Clone, Default)]
pub(crate) struct RoleSettings(HashMap<String, OfRole>);

#[derive(Debug, Clone, Default)]
struct OfRole {
    settings: Vec<(String, String)>,
    isolation: Option<Isolation>,
}

impl RoleSettings {
    pub(super) async fn read(backend: &dyn Backend) -> Result<Self, BackendError> {
        let frame = RestFrame {
            access: Access::ReadOnly,
            isolation: None,
            settings: &[],
            before: None,
            leaves_traces: false,
        };
        let mut question = Question(None);
        backend.exchange(&Permit::system(), frame, &mut question, LIMIT).await?;
        let answer = question.0.unwrap_or_default();
        let roles: HashMap<String, Map<String, Value>> =
            serde_json::from_slice(&answer).unwrap_or_default();
        Ok(Self(roles.into_iter().map(|(role, settings)| (role, OfRole::new(settings))).collect()))
    }

    pub(super) fn of(&self, role: &str) -> &[(String, String)] {
        self.0.get(role).map_or(&[], |of| of.settings.as_slice())
    }

    pub(super) fn isolation(&self, role: &str) -> Option<Isolation> {
        self.0.get(role)?.isolation
    }
}

impl OfRole {
    fn new(settings: Map<String, Value>) -> Self {
        let texts = settings.into_iter().filter_map(|(name, value)| match value {
            Value::String(value) => Some((name, value)),
            _ => None,
        });
        let mut settings: Vec<(String, String)> = texts.collect();
        let wanted = settings.iter().find(|(name, _)| name == ISOLATION);
        let isolation = wanted.and_then(|(_, level)| match level.as_str() {
            "repeatable read" => Some(Isolation::RepeatableRead),
            "serializable" => Some(Isolation::Serializable),
            _ => None,
        });
        settings.retain(|(name, _)| name != ISOLATION);
        Self { settings, isolation }
    }
}

struct Question(Option<Bytes>);

impl RestScript for Question {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep {
        let Some(rows) = rows else {
            let statement = RestStatement { sql: SQL.to_owned(), params: Vec::new() };
            return RestStep::Last(statement, RestEnd::Commit);
        };
        self.0 = rows.into_iter().next().and_then(|row| row.into_iter().next()?);
        RestStep::End(RestEnd::Commit)
    }
}
