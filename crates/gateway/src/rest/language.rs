//! The language of this surface, between the gateway's words and those of `postgrest`.

use super::settings::{OpenApiMode, RestOptions, TxEnd};
use backend::{DatabaseError, RestParam, RestRow, RestStatement};
use bytes::Bytes;
use catalog::QualifiedName;
use http::{HeaderMap, Method};
use postgrest::{
    Access as RestAccess, DatabasePlan, Kind, Outcome, Param, RestConfig, Right, Statement,
    schema::{Routine, SchemaCache, SchemaError},
};
use query::Access;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Root,
    Relation(String),
    Routine(String),
}

#[derive(Debug, Clone)]
pub struct RawRequest {
    pub method: Method,
    pub target: Target,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct RestError(#[from] postgrest::RestError);

impl RestError {
    pub fn database(error: &DatabaseError, is_known: bool) -> Self {
        let error = postgrest::DatabaseError {
            sqlstate: error.sqlstate.clone(),
            message: error.message.clone(),
            detail: error.detail.clone(),
            hint: error.hint.clone(),
            is_authenticated: is_known,
        };
        Self(Box::new(error).into())
    }

    pub fn status(&self) -> u16 {
        self.0.problem().status.as_u16()
    }

    pub fn code(&self) -> String {
        self.0.problem().code
    }

    pub fn headers(&self) -> HeaderMap {
        self.0.problem().headers.into_iter().collect()
    }

    pub fn body(&self) -> Value {
        let problem = self.0.problem();
        json!({
            "code": problem.code,
            "message": problem.message,
            "details": problem.details,
            "hint": problem.hint,
        })
    }

    /// A name was asked for that the schema cache does not have.
    pub fn names_unknown(&self) -> bool {
        match &self.0 {
            postgrest::RestError::Schema(error) => !matches!(
                error,
                SchemaError::AmbiguousRelationship { .. } | SchemaError::AmbiguousRoutine { .. }
            ),
            _ => false,
        }
    }
}

pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    Read,
    Write,
    Delete,
}

/// What is done for a request that is not about the root.
pub enum Plan {
    Database(Box<DatabasePlan>),
    /// The answer is known already, for a relation or routine of this schema.
    Answer { schema: String, response: postgrest::Response },
}

pub fn plan(
    raw: &RawRequest,
    cache: &SchemaCache,
    options: &RestOptions,
) -> Result<Plan, RestError> {
    let config = config(options);
    let kind = match &raw.target {
        Target::Root => Kind::Root,
        Target::Relation(name) => Kind::Relation(name.clone()),
        Target::Routine(name) => Kind::Routine(name.clone()),
    };
    let request = postgrest::RawRequest {
        method: &raw.method,
        kind: &kind,
        query: &raw.query,
        headers: &raw.headers,
        body: &raw.body,
    };
    let request = postgrest::Request::parse(&request, &config)?;
    let schema = request.schema.clone();
    match postgrest::plan(request, cache, &config)? {
        postgrest::Plan::Database(plan) => Ok(Plan::Database(plan)),
        postgrest::Plan::Answer(response) => Ok(Plan::Answer { schema, response }),
        // The root is described elsewhere, from the caller's own rights.
        postgrest::Plan::Document(_) => Err(postgrest::RestError::Path.into()),
    }
}

fn config(options: &RestOptions) -> RestConfig {
    RestConfig {
        schemas: options.schemas.clone(),
        extra_search_path: options.extra_search_path.clone(),
        max_rows: options.max_rows,
        aggregates_enabled: options.aggregates_enabled,
        plan_enabled: options.plan_enabled,
        tx_end: match options.tx_end {
            TxEnd::Commit => postgrest::TxEnd::Commit,
            TxEnd::CommitAllowOverride => postgrest::TxEnd::CommitAllowOverride,
            TxEnd::Rollback => postgrest::TxEnd::Rollback,
            TxEnd::RollbackAllowOverride => postgrest::TxEnd::RollbackAllowOverride,
        },
        openapi_mode: match options.openapi_mode {
            OpenApiMode::FollowPrivileges => postgrest::OpenApiMode::FollowPrivileges,
            OpenApiMode::IgnorePrivileges => postgrest::OpenApiMode::IgnorePrivileges,
            OpenApiMode::Disabled => postgrest::OpenApiMode::Disabled,
        },
    }
}

impl Plan {
    fn database(&self) -> Option<&DatabasePlan> {
        match self {
            Self::Database(plan) => Some(plan),
            Self::Answer { .. } => None,
        }
    }

    pub fn access(&self) -> Access {
        match self.database().map(DatabasePlan::access) {
            Some(RestAccess::ReadWrite) => Access::ReadWrite,
            Some(RestAccess::ReadOnly) | None => Access::ReadOnly,
        }
    }

    pub fn schema(&self) -> &str {
        match self {
            Self::Database(plan) => plan.schema(),
            Self::Answer { schema, .. } => schema,
        }
    }

    pub fn touches(&self) -> Vec<(QualifiedName, Touch)> {
        let touches = self.database().map(DatabasePlan::touches).unwrap_or_default();
        let touch = |right| match right {
            Right::Read => Touch::Read,
            Right::Insert | Right::Update => Touch::Write,
            Right::Delete => Touch::Delete,
        };
        touches.into_iter().map(|one| (one.relation, touch(one.right))).collect()
    }

    pub fn routine(&self) -> Option<&Routine> {
        self.database()?.routine()
    }

    pub fn timezone(&self) -> Option<&str> {
        self.database()?.timezone()
    }

    /// None where the answer needs no database, as for OPTIONS.
    pub fn statement(&self) -> Option<RestStatement> {
        self.database().map(|plan| statement(plan.statement()))
    }

    pub fn wants_rollback(&self) -> bool {
        self.database().is_some_and(|plan| !plan.commits())
    }

    /// Whether what came back may stay, and what is to be asked besides.
    pub fn after_main(&self, rows: &[RestRow]) -> Result<Option<RestStatement>, RestError> {
        let Some(plan) = self.database() else { return Ok(None) };
        let outcome = Outcome::read(plan, rows.to_vec())?;
        plan.check(&outcome)?;
        Ok(plan.estimate(outcome.total()).map(statement))
    }

    pub fn respond(&self, rows: Vec<Vec<RestRow>>) -> Result<Response, RestError> {
        let response = match self {
            Self::Answer { response, .. } => response.clone(),
            Self::Database(plan) => {
                let mut rows = rows.into_iter();
                let main = rows.next().unwrap_or_default();
                let estimate = rows.next().and_then(|rows| Outcome::estimate(&rows));
                plan.respond(Outcome::read(plan, main)?, estimate)?
            }
        };
        let postgrest::Response { status, headers, body } = response;
        Ok(Response { status: status.as_u16(), headers, body })
    }
}

fn statement(statement: Statement) -> RestStatement {
    let param = |param| match param {
        Param::Null => RestParam::Null,
        Param::Unknown(text) => RestParam::Unknown(text),
        Param::Text(text) => RestParam::Text(text),
        Param::Json(bytes) => RestParam::Json(bytes),
        Param::Bytes(bytes) => RestParam::Bytes(bytes),
    };
    RestStatement {
        sql: statement.sql,
        params: statement.params.into_iter().map(param).collect(),
    }
}
