//! From a request to a plan somebody may run, telling strangers nothing about what exists.

use crate::{Gateway, access::Visitor, error::GatewayError, federation::gates, registry::Upstream};
use auth::{Action, Permit, PermitError};
use catalog::{Ident, QualifiedName, SchemaCache};
use query::{ApiRequest, Operation, Plan, PlanError, plan::PlanLimits, request::RelationName};
use std::sync::Arc;

/// Resolve the request's names against the client's schema.
pub(super) async fn resolve(
    gateway: &Gateway,
    visitor: &Visitor,
    mut request: ApiRequest,
    limits: PlanLimits,
) -> Result<(Arc<Upstream>, Arc<SchemaCache>, Plan), GatewayError> {
    let action = action_of(request.operation());
    let relation = request.relation().clone();
    // Whoever may not touch what they named is told that, and not whether it exists.
    let refused = |error| match permit_typed(visitor, &relation, action) {
        Ok(_permit) => error,
        Err(refused) => GatewayError::Permit(refused),
    };
    let upstream = gateway.registry().get(visitor.client()).map_err(&refused)?;
    gates::cap(&upstream, &mut request);
    let mut cache = upstream.schema().await.map_err(&refused)?;
    if !knows(&cache, &relation) && permit_typed(visitor, &relation, action).is_ok() {
        upstream.refresh().await;
        cache = upstream.schema().await?;
    }
    let resolved = match visitor.bounds() {
        Some(bounds) => bounds.resolve(request, &cache, limits)?,
        None => Plan::resolve(request, &cache, limits),
    };
    match resolved {
        Ok(plan) => Ok((upstream, cache, plan)),
        Err(source) => {
            let may_read = permit_typed(visitor, &relation, Action::Read).is_ok()
                && source.tables().into_iter().all(|table| may_read(visitor, table));
            let error = refused(GatewayError::Plan { source, may_read });
            note(&upstream, &error);
            Err(error)
        }
    }
}

/// Proof that the visitor may do what the plan does, and that the database may be done it to.
pub(super) fn permit(
    visitor: &Visitor,
    upstream: &Upstream,
    cache: &SchemaCache,
    plan: &Plan,
) -> Result<Permit, GatewayError> {
    let permit = granted(visitor, plan)?;
    gates::plan(upstream, cache, plan)?;
    Ok(permit)
}

fn granted(visitor: &Visitor, plan: &Plan) -> Result<Permit, PermitError> {
    let action = match plan {
        Plan::Read(_) => Action::Read,
        Plan::Insert(_) | Plan::Update(_) => Action::Write,
        Plan::Delete(_) => Action::Delete,
    };
    // What is embedded is read, and each of those tables needs its own right.
    for table in plan.relations().into_iter().skip(1) {
        Permit::for_relation(visitor.caller(), visitor.client(), &table.name, Action::Read)?;
    }
    Permit::for_relation(visitor.caller(), visitor.client(), &plan.table().name, action)
}

fn may_read(visitor: &Visitor, table: &QualifiedName) -> bool {
    Permit::for_relation(visitor.caller(), visitor.client(), table, Action::Read).is_ok()
}

fn action_of(operation: Operation) -> Action {
    match operation {
        Operation::Fetch => Action::Read,
        Operation::Insert | Operation::Update => Action::Write,
        Operation::Delete => Action::Delete,
    }
}

/// The permit for a relation as typed, whether or not there is such a thing.
fn permit_typed(
    visitor: &Visitor,
    relation: &RelationName,
    action: Action,
) -> Result<Permit, PermitError> {
    let schema = relation.schema.as_deref().unwrap_or("public");
    match (Ident::parse(schema), Ident::parse(&relation.name)) {
        (Ok(schema), Ok(name)) => {
            let named = QualifiedName::new(schema, name);
            Permit::for_relation(visitor.caller(), visitor.client(), &named, action)
        }
        // What cannot be a table's name needs the right over every table.
        _ => Permit::for_right(visitor.caller(), visitor.client(), gateway_right(action)),
    }
}

fn gateway_right(action: Action) -> &'static str {
    match action {
        Action::Read => "gateway.read",
        Action::Write => "gateway.write",
        Action::Delete => "gateway.delete",
    }
}

fn knows(cache: &SchemaCache, relation: &RelationName) -> bool {
    cache.table(relation.schema.as_deref(), &relation.name).is_some()
}

/// An unknown column may be a new one: the next request will know.
fn note(upstream: &Upstream, error: &GatewayError) {
    if let GatewayError::Plan { source: PlanError::UnknownColumn { .. }, .. } = error {
        upstream.ask();
    }
}
