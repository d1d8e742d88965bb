//! What a request means in a schema. No I/O, no SQL.

mod call;
mod embed;
mod fields;
mod functions;
mod mentioned;
mod negotiate;
mod options;
mod orders;
mod read;
mod spread;
mod touches;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use call::{Arguments, CallPlan};
pub(crate) use fields::{Column, LogicTree, PlannedField, PlannedFilter, PlannedOrder};
pub use functions::RowFunction;
pub(crate) use negotiate::{Builtin, Handler};
pub(crate) use read::{Link, ReadNode, Source};
pub(crate) use spread::Output;
pub use touches::{Right, Touch};
pub(crate) use write::WritePlan;

use crate::{
    RestConfig, RestError,
    request::{
        Action, Call, Mutation, Request, media::MediaType, prefer::Preferences, range::Range,
    },
    response::Response,
    schema::{Bound, Isolation, Routine, SchemaCache, Volatility},
};
use catalog::QualifiedName;

/// What is to be done for a request.
#[derive(Debug, Clone)]
pub enum Plan {
    /// A statement of the database's.
    Database(Box<DatabasePlan>),
    /// The document of a schema.
    Document(DocumentPlan),
    /// Nothing: the answer is known already.
    Answer(Response),
}

/// The document at the root of the surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPlan {
    pub schema: String,
    pub is_profiled: bool,
    pub only_headers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    ReadOnly,
    ReadWrite,
}

/// One statement and how its row becomes an answer.
#[derive(Debug, Clone)]
pub struct DatabasePlan {
    pub(crate) schema: String,
    pub(crate) is_profiled: bool,
    pub(crate) preferences: Preferences,
    /// The rows of the root that were asked for.
    pub(crate) range: Range,
    pub(crate) canonical_query: String,
    /// As the path has it.
    pub(crate) name: String,
    pub(crate) names_conflict: bool,
    pub(crate) max_rows: Option<u64>,
    pub(crate) commits: bool,
    pub(crate) read: ReadNode,
    pub(crate) work: Work,
    pub(crate) handler: Handler,
    pub(crate) media: MediaType,
    /// What relations stand for, when they are no tables.
    pub(crate) bound: Bound,
}

#[derive(Debug, Clone)]
pub(crate) enum Work {
    Read { only_headers: bool },
    Write { mutation: Mutation, write: WritePlan },
    Call { call: Call, plan: CallPlan },
}

/// Only this makes a plan, so that what is rendered exists as far as the schema cache knows.
pub fn plan(request: Request, cache: &SchemaCache, config: &RestConfig) -> Result<Plan, RestError> {
    let mut plan = planned(request, cache, config)?;
    if let Plan::Database(plan) = &mut plan {
        plan.bound = Bound::clone(&cache.bound);
    }
    Ok(plan)
}

fn planned(request: Request, cache: &SchemaCache, config: &RestConfig) -> Result<Plan, RestError> {
    match request.action.clone() {
        Action::Read { relation, only_headers } => {
            let name = found(cache, &request.schema, &relation)?;
            let read = read::plan(&request, cache, config, name.clone())?;
            let target = negotiate::target(&read, name);
            let chosen = negotiate::choose(&request, cache, config, &target)?;
            refuse_invalid_preferences(&request)?;
            let work = Work::Read { only_headers };
            Ok(assembled(request, config, relation, read, work, chosen))
        }
        Action::Write { relation, mutation } => {
            let name = found(cache, &request.schema, &relation)?;
            let read = read::plan(&request, cache, config, name.clone())?;
            let write = write::plan(&request, cache, mutation, &name, &read)?;
            refuse_invalid_preferences(&request)?;
            let target = negotiate::target(&read, name);
            let chosen = negotiate::choose(&request, cache, config, &target)?;
            let work = Work::Write { mutation, write };
            Ok(assembled(request, config, relation, read, work, chosen))
        }
        Action::Call { routine, call } => call::plan(request, cache, config, routine, call),
        Action::Describe { only_headers } => {
            negotiate::document(&request, config)?;
            let Request { schema, is_profiled, .. } = request;
            Ok(Plan::Document(DocumentPlan { schema, is_profiled, only_headers }))
        }
        Action::Options(kind) => options::answer(&request, cache, &kind).map(Plan::Answer),
    }
}

fn found(cache: &SchemaCache, schema: &str, relation: &str) -> Result<QualifiedName, RestError> {
    Ok(cache.find_relation(schema, relation)?.name.clone())
}

fn refuse_invalid_preferences(request: &Request) -> Result<(), RestError> {
    let Preferences { invalid, .. } = &request.preferences;
    if request.preferences.is_strict() && !invalid.is_empty() {
        return Err(RestError::Preferences { preferences: invalid.clone() });
    }
    Ok(())
}

fn assembled(
    request: Request,
    config: &RestConfig,
    name: String,
    read: ReadNode,
    work: Work,
    (handler, media): (Handler, MediaType),
) -> Plan {
    use crate::request::prefer::Transaction;
    let commits = match request.preferences.transaction {
        Some(Transaction::Commit) => true,
        Some(Transaction::Rollback) => false,
        None => config.tx_end.commits(),
    };
    Plan::Database(Box::new(DatabasePlan {
        schema: request.schema,
        is_profiled: request.is_profiled,
        range: request.range,
        names_conflict: request.query.on_conflict.is_some(),
        canonical_query: request.query.canonical,
        preferences: request.preferences,
        name,
        max_rows: config.max_rows,
        commits,
        read,
        work,
        handler,
        media,
        bound: Bound::default(),
    }))
}

impl DatabasePlan {
    /// The schema that names without one belong to.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub fn access(&self) -> Access {
        let writes = match &self.work {
            Work::Read { .. } => false,
            Work::Write { .. } => true,
            Work::Call { call, plan } => {
                *call == Call::Post && plan.routine.volatility == Volatility::Volatile
            }
        };
        if writes { Access::ReadWrite } else { Access::ReadOnly }
    }

    pub fn routine(&self) -> Option<&Routine> {
        match &self.work {
            Work::Call { plan, .. } => Some(&plan.routine),
            Work::Read { .. } | Work::Write { .. } => None,
        }
    }

    /// The isolation that a routine asks for.
    pub fn isolation(&self) -> Option<Isolation> {
        self.routine().and_then(|routine| routine.isolation)
    }

    /// Settings of the routine that hold for the whole transaction.
    pub fn settings(&self) -> &[(String, String)] {
        self.routine().map_or(&[], |routine| &routine.settings)
    }

    /// The time zone that was preferred; the database says whether there is such a one.
    pub fn timezone(&self) -> Option<&str> {
        self.preferences.timezone.as_deref()
    }

    /// Whether the changes stay. Otherwise deferred constraints are checked before it is undone.
    pub fn commits(&self) -> bool {
        self.commits
    }

    /// What is called besides the routine that the request names, for the permit.
    pub fn row_function(&self) -> Option<RowFunction> {
        functions::of(self)
    }

    /// Functions do what nobody here knows of.
    pub fn calls_functions(&self) -> bool {
        self.routine().is_some() || self.row_function().is_some()
    }

    /// What the request reads and writes, for the permit.
    pub fn touches(&self) -> Vec<Touch> {
        touches::of(self)
    }
}
