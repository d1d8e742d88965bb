//! A route as it is asked for, and whether it makes sense.

use crate::{
    GatewayError, PublicOp,
    admin::{OperateError, client_configs::check_metadata},
    public::{equality, forced},
};
use query::{request::ParseOptions, sql::Script};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::NewRoute;

const COLUMNS: usize = 200;
const CONDITIONS: usize = 50;
const QUERY: usize = 64 * 1024;

/// Members of a body that are about a route. What is not given is not there; null clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteWanted(Map<String, Value>);

const KNOWN: [&str; 11] = [
    "client_name",
    "allowed_ops",
    "is_active",
    "metadata",
    "table_name",
    "any_table",
    "columns",
    "forced_conditions",
    "max_limit",
    "saved_query",
    "allow_raw_sql",
];

impl RouteWanted {
    /// Unknown members are refused by name.
    pub fn of(members: Map<String, Value>) -> Result<Self, OperateError> {
        match members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            Some(name) => Err(OperateError::Unknown { field: name.clone() }),
            None => Ok(Self(members)),
        }
    }

    pub(super) fn new_route(
        self,
        key: &str,
        options: &ParseOptions,
    ) -> Result<NewRoute, GatewayError> {
        let nothing = NewRoute {
            route_key: key.to_owned(),
            client_name: String::new(),
            allowed_ops: Vec::new(),
            is_active: true,
            metadata: json!({}),
            table_name: None,
            any_table: false,
            columns: None,
            forced_conditions: json!([]),
            max_limit: None,
            saved_query: None,
            allow_raw_sql: false,
        };
        for field in ["client_name", "allowed_ops"] {
            if self.0.get(field).is_none_or(Value::is_null) {
                return Err(OperateError::Missing { field }.into());
            }
        }
        self.over(&nothing, options)
    }

    pub(super) fn over(
        self,
        before: &NewRoute,
        options: &ParseOptions,
    ) -> Result<NewRoute, GatewayError> {
        let mut route = before.clone();
        for (name, value) in self.0 {
            set(&mut route, &name, value)?;
        }
        check(&route, options)?;
        Ok(route)
    }
}

fn set(route: &mut NewRoute, name: &str, value: Value) -> Result<(), GatewayError> {
    match name {
        "client_name" => route.client_name = text("client_name", value)?.to_ascii_lowercase(),
        "allowed_ops" => route.allowed_ops = ops(value)?,
        "is_active" => route.is_active = flag("is_active", &value)?,
        "metadata" => {
            route.metadata = if value.is_null() { json!({}) } else { value };
            check_metadata(&route.metadata)?;
        }
        "table_name" => route.table_name = optional(value, |value| text("table_name", value))?,
        "any_table" => route.any_table = flag("any_table", &value)?,
        "columns" => route.columns = optional(value, columns)?,
        "forced_conditions" => {
            route.forced_conditions = if value.is_null() { json!([]) } else { value };
        }
        "max_limit" => route.max_limit = optional(value, |value| limit(&value))?,
        "saved_query" => route.saved_query = optional(value, |value| text("saved_query", value))?,
        _ => route.allow_raw_sql = flag("allow_raw_sql", &value)?,
    }
    Ok(())
}

/// What fits together.
fn check(route: &NewRoute, options: &ParseOptions) -> Result<(), GatewayError> {
    let has = |op: PublicOp| route.allowed_ops.iter().any(|word| word == op.word());
    let is_about_rows = PublicOp::ALL.into_iter().any(|op| op != PublicOp::Query && has(op));
    let refuse = |field, expected: &str| Err(OperateError::invalid(field, expected).into());
    match (&route.table_name, route.any_table) {
        (None, false) if is_about_rows => {
            return refuse("table_name", "a table's name, unless any_table is true");
        }
        (Some(_), true) => return refuse("any_table", "false where there is a table_name"),
        _ => {}
    }
    let conditions = forced(&route.forced_conditions, options)
        .map_err(|error| OperateError::invalid("forced_conditions", error.problem().message))?;
    if conditions.len() > CONDITIONS {
        return refuse("forced_conditions", "fewer conditions");
    }
    if route.table_name.is_none() && (route.columns.is_some() || !conditions.is_empty()) {
        return refuse("table_name", "given where columns or forced_conditions are");
    }
    if has(PublicOp::Insert) && conditions.iter().any(|one| equality(one).is_none()) {
        return refuse("forced_conditions", "equalities where rows may be inserted");
    }
    check_sql(route, has(PublicOp::Query))
}

/// SQL is the route's own and only reads, unless it was said that callers may bring theirs.
fn check_sql(route: &NewRoute, is_allowed: bool) -> Result<(), GatewayError> {
    let refuse = |field, expected: &str| Err(OperateError::invalid(field, expected).into());
    match &route.saved_query {
        Some(_) if route.allow_raw_sql => {
            refuse("allow_raw_sql", "false where there is a saved_query")
        }
        Some(text) => {
            if text.len() > QUERY {
                return refuse("saved_query", "shorter");
            }
            Script::parse(text)?.must_read()?;
            if is_allowed { Ok(()) } else { refuse("allowed_ops", "with query for a saved_query") }
        }
        None if is_allowed && !route.allow_raw_sql => {
            refuse("saved_query", "given for the operation query, unless allow_raw_sql is true")
        }
        None => Ok(()),
    }
}

fn optional<T>(
    value: Value,
    read: impl FnOnce(Value) -> Result<T, OperateError>,
) -> Result<Option<T>, OperateError> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

fn text(field: &'static str, value: Value) -> Result<String, OperateError> {
    match value {
        Value::String(text) if !text.trim().is_empty() && !text.contains('\0') => {
            Ok(text.trim().to_owned())
        }
        _ => Err(OperateError::invalid(field, "a text that is not blank")),
    }
}

fn flag(field: &'static str, value: &Value) -> Result<bool, OperateError> {
    value.as_bool().ok_or_else(|| OperateError::invalid(field, "true or false"))
}

fn limit(value: &Value) -> Result<i64, OperateError> {
    let limit = value.as_i64().filter(|limit| *limit > 0);
    limit.ok_or_else(|| OperateError::invalid("max_limit", "a number above 0"))
}

/// Lower case, each once, in their order.
fn ops(value: Value) -> Result<Vec<String>, OperateError> {
    let expected =
        || OperateError::invalid("allowed_ops", "some of query, fetch, insert, update and delete");
    let Value::Array(items) = value else { return Err(expected()) };
    let parsed: Option<BTreeSet<PublicOp>> =
        items.iter().map(|item| PublicOp::parse(item.as_str()?)).collect();
    let parsed = parsed.filter(|ops| !ops.is_empty()).ok_or_else(expected)?;
    Ok(parsed.into_iter().map(|op| op.word().to_owned()).collect())
}

fn columns(value: Value) -> Result<Vec<String>, OperateError> {
    let expected = || OperateError::invalid("columns", "the names of some columns");
    let Value::Array(items) = value else { return Err(expected()) };
    let names: Option<Vec<String>> = items
        .into_iter()
        .map(|item| item.as_str().filter(|name| !name.is_empty()).map(str::to_owned))
        .collect();
    names.filter(|names| (1..=COLUMNS).contains(&names.len())).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(members: Value) -> Result<NewRoute, (u16, String)> {
        let Value::Object(members) = members else { panic!("an object") };
        let wanted = RouteWanted::of(members).map_err(|error| {
            let problem = error.problem();
            (problem.status, problem.details["field"].as_str().unwrap_or_default().to_owned())
        })?;
        wanted.new_route("open", &ParseOptions::default()).map_err(|error| {
            let problem = error.problem();
            let field = problem.details.get("field").and_then(Value::as_str);
            (problem.status, field.unwrap_or_default().to_owned())
        })
    }

    #[test]
    fn a_route_is_bound_to_a_table_or_says_that_it_is_not() {
        let route = made(json!({
            "client_name": "Shop", "allowed_ops": ["UPDATE", "fetch", "fetch"],
            "table_name": "invoices",
        }));
        let route = route.unwrap();
        assert_eq!((route.client_name.as_str(), route.is_active), ("shop", true));
        assert_eq!(route.allowed_ops, ["fetch", "update"]);
        let open = json!({"client_name": "shop", "allowed_ops": ["fetch"], "any_table": true});
        assert!(made(open).unwrap().any_table);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_field() {
        for (members, field) in [
            (json!({"allowed_ops": ["fetch"], "table_name": "t"}), "client_name"),
            (json!({"client_name": "c", "table_name": "t"}), "allowed_ops"),
            (json!({"client_name": "c", "allowed_ops": []}), "allowed_ops"),
            (json!({"client_name": "c", "allowed_ops": ["drop"]}), "allowed_ops"),
            (json!({"client_name": "c", "allowed_ops": ["fetch"]}), "table_name"),
            (
                json!({"client_name": "c", "allowed_ops": ["fetch"], "table_name": "t", "any_table": true}),
                "any_table",
            ),
            (json!({"client_name": "c", "allowed_ops": ["query"]}), "saved_query"),
            (
                json!({"client_name": "c", "allowed_ops": ["query"], "saved_query": "select 1", "allow_raw_sql": true}),
                "allow_raw_sql",
            ),
            (
                json!({"client_name": "c", "allowed_ops": ["fetch"], "table_name": "t", "saved_query": "select 1"}),
                "allowed_ops",
            ),
            (
                json!({"client_name": "c", "allowed_ops": ["insert"], "table_name": "t",
                       "forced_conditions": [{"column": "a", "operator": "gt", "value": 1}]}),
                "forced_conditions",
            ),
            (
                json!({"client_name": "c", "allowed_ops": ["fetch"], "any_table": true, "columns": ["a"]}),
                "table_name",
            ),
            (
                json!({"client_name": "c", "allowed_ops": ["fetch"], "table_name": "t", "max_limit": 0}),
                "max_limit",
            ),
            (
                json!({"client_name": "c", "allowed_ops": ["fetch"], "table_name": "t", "tabel": 1}),
                "tabel",
            ),
        ] {
            let refused = made(members.clone()).unwrap_err();
            assert_eq!(refused, (400, field.to_owned()), "{members}");
        }
        let writes =
            json!({"client_name": "c", "allowed_ops": ["query"], "saved_query": "delete from t"});
        assert_eq!(made(writes).unwrap_err().0, 403);
    }
}
