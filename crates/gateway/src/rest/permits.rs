//! Which rights of a key a request needs.

use super::{Exposed, RestRefusal, RestRequest, RestTarget, RestVisitor, root};
use crate::{error::GatewayError, federation::gates};
use auth::{Action, Permit};
use catalog::{Ident, QualifiedName};
use http::Method;
use postgrest::{
    DatabaseError, DatabasePlan, RestError, Right, RowFunction, Touch, schema::SchemaError,
};

/// Functions are called with this right, and with those of the tables they answer from.
const CALL: &str = "gateway.rpc.execute";

/// Each relation that the plan touches, and the call itself, need a right of their own.
pub(super) fn of(
    visitor: &RestVisitor,
    plan: &DatabasePlan,
    touches: &[Touch],
) -> Result<Permit, RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let mut permit = None;
    if plan.routine().is_some() {
        permit = Some(Permit::for_right(caller, client, CALL)?);
    }
    for touch in touches {
        let action = action(touch.right);
        permit = Some(Permit::for_relation(caller, client, &touch.relation, action)?);
    }
    may_call_for_rows(visitor, plan)?;
    match permit {
        Some(permit) => Ok(permit),
        // It touches nothing that has a name.
        None => Ok(Permit::for_right(caller, client, "gateway.read")?),
    }
}

/// May what the plan does be done to this database?
pub(super) fn gates(
    visitor: &RestVisitor,
    plan: &DatabasePlan,
    touches: &[Touch],
) -> Result<(), RestRefusal> {
    let upstream = &*visitor.upstream;
    let Some((catalog, _)) = upstream.known() else { return Ok(gates::not_known(upstream)?) };
    for touch in touches {
        gates::ensure_soundness(upstream, &catalog, &touch.relation).map_err(GatewayError::from)?;
    }
    if plan.access() == postgrest::Access::ReadOnly {
        return Ok(());
    }
    if plan.routine().is_some() {
        gates::blind_write(upstream).map_err(GatewayError::from)?;
    }
    for touch in touches.iter().filter(|touch| touch.right != Right::Read) {
        gates::relation_write(upstream, &catalog, &touch.relation).map_err(GatewayError::from)?;
    }
    Ok(())
}

/// Whether the functions that the plan calls for its rows, if any, may be called.
pub(super) fn may_call_for_rows(
    visitor: &RestVisitor,
    plan: &DatabasePlan,
) -> Result<(), RestRefusal> {
    let Some(function) = plan.row_function() else { return Ok(()) };
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    match (Permit::for_right(caller, client, CALL), function) {
        (Ok(_), _) => Ok(()),
        (Err(refused), RowFunction::Embed) => Err(refused.into()),
        // To those who may call nothing it is a column that is not there.
        (Err(_), RowFunction::Field { row, name }) => Err(no_such_column(&row, &name).into()),
    }
}

/// As the database says it.
fn no_such_column(row: &str, name: &str) -> RestError {
    RestError::from(Box::new(DatabaseError {
        sqlstate: "42703".to_owned(),
        message: format!("column {row}.{name} does not exist"),
        detail: None,
        hint: None,
        is_authenticated: false,
    }))
}

/// What a constraint says of a row may be anything that stands in it: that is for those who may read.
pub(super) fn without_rows(
    visitor: &RestVisitor,
    plan: &DatabasePlan,
    mut error: crate::error::GatewayError,
) -> crate::error::GatewayError {
    use crate::error::GatewayError;
    use backend::BackendError;

    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let may_read =
        |touch: &Touch| Permit::for_relation(caller, client, &touch.relation, Action::Read).is_ok();
    if let GatewayError::Backend { source: BackendError::Database(database), .. } = &mut error
        && database.sqlstate.starts_with("23")
        && !plan.touches().iter().all(may_read)
    {
        database.detail = None;
    }
    error
}

fn action(right: Right) -> Action {
    match right {
        Right::Read => Action::Read,
        Right::Insert | Right::Update => Action::Write,
        Right::Delete => Action::Delete,
    }
}

/// May they touch what they named, whether or not there is such a thing?
pub(super) fn typed(
    visitor: &RestVisitor,
    request: &RestRequest,
    exposed: &Exposed,
) -> Result<Permit, RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let name = match &request.target {
        RestTarget::Relation(name) => name,
        RestTarget::Routine(_) => return Ok(Permit::for_right(caller, client, CALL)?),
        RestTarget::Root => return root::permit(visitor),
    };
    let action = match request.method {
        Method::GET | Method::HEAD | Method::OPTIONS => Action::Read,
        Method::DELETE => Action::Delete,
        _ => Action::Write,
    };
    let permit = match (Ident::parse(exposed.schema(request)), Ident::parse(name)) {
        (Ok(schema), Ok(name)) => {
            let named = QualifiedName::new(schema, name);
            Permit::for_relation(caller, client, &named, action)
        }
        // What cannot be a table's name needs the right over every table.
        _ => Permit::for_right(caller, client, &format!("gateway.{}", action.as_str())),
    };
    Ok(permit?)
}

/// What relates to a relation within an embed is told only to those who may read that relation.
pub(super) fn hidden(
    visitor: &RestVisitor,
    request: &RestRequest,
    exposed: &Exposed,
    error: &RestRefusal,
) -> Option<RestRefusal> {
    let RestRefusal::Rest(RestError::Schema(
        SchemaError::NoRelationship { origin, .. }
        | SchemaError::AmbiguousRelationship { origin, .. },
    )) = error
    else {
        return None;
    };
    let is_nested =
        matches!(&request.target, RestTarget::Relation(name) if name.as_str() != origin.as_str());
    if !is_nested {
        return None;
    }
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    let named =
        QualifiedName::new(Ident::parse(exposed.schema(request)).ok()?, Ident::parse(origin).ok()?);
    Permit::for_relation(caller, client, &named, Action::Read).err().map(RestRefusal::from)
}
