//! Which rights of a key a request needs.

use super::{Exposed, RestRefusal, RestRequest, RestTarget, RestVisitor, root};
use auth::{Action, Permit};
use catalog::{Ident, QualifiedName};
use http::Method;
use postgrest::{DatabasePlan, Right, Touch};

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
    match permit {
        Some(permit) => Ok(permit),
        // It touches nothing that has a name.
        None => Ok(Permit::for_right(caller, client, "gateway.read")?),
    }
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
