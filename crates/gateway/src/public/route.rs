//! Routes in memory, as requests need them.

use super::{Bounds, PublicOp, RouteError};
use api_types::ClientName;
use auth::{Caller, Right};
use query::{
    ApiRequest, Operation, RequestError,
    request::{self, Filter, ParseOptions, RelationName},
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};
use store::RouteRecord;

const LONGEST_KEY: usize = 200;

/// Every route by its key.
#[derive(Default)]
pub(crate) struct Routes(HashMap<String, Arc<Route>>);

/// One route that was understood.
pub(super) struct Route {
    pub(super) client: ClientName,
    pub(super) is_active: bool,
    pub(super) table: Option<String>,
    pub(super) saved_query: Option<String>,
    pub(super) bounds: Arc<Bounds>,
    /// Who comes through it, by what they do.
    callers: Vec<(PublicOp, Caller)>,
}

/// The key as it is kept; nothing else is looked for.
pub(crate) fn check_key(text: &str) -> Result<String, RouteError> {
    let key = text.trim().to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_/".contains(c);
    let is_tidy = !key.starts_with('/') && !key.ends_with('/') && !key.contains("//");
    if (1..=LONGEST_KEY).contains(&key.len()) && key.chars().all(fits) && is_tidy {
        return Ok(key);
    }
    Err(RouteError::InvalidKey)
}

/// Conditions as a fetch would have them.
pub(crate) fn forced(
    conditions: &Value,
    options: &ParseOptions,
) -> Result<Vec<Filter>, RequestError> {
    let body = json!({ "table_name": "t", "conditions": conditions }).to_string();
    // They are written for one table, so its columns are named as they are.
    let options = ParseOptions { snake_case: false, ..options.clone() };
    let parsed = request::parse(Operation::Fetch, body.as_bytes(), &options)?;
    Ok(match parsed {
        ApiRequest::Read(request) => match request.filter {
            Filter::All => Vec::new(),
            Filter::And(all) => all,
            one => vec![one],
        },
        _ => Vec::new(),
    })
}

impl Routes {
    /// What is not understood is left out and told of: it opens nothing.
    pub(crate) fn of(records: Vec<RouteRecord>, options: &ParseOptions) -> Self {
        let known = records.into_iter().filter_map(|record| {
            let key = record.route.route_key.clone();
            let route = Route::of(record, options);
            if route.is_none() {
                tracing::error!(route = key, "a public route is not understood, and stays closed");
            }
            Some((key, Arc::new(route?)))
        });
        Self(known.collect())
    }

    pub(super) fn get(&self, key: &str) -> Option<&Arc<Route>> {
        self.0.get(key)
    }
}

impl Route {
    fn of(record: RouteRecord, options: &ParseOptions) -> Option<Self> {
        let route = record.route;
        let client = ClientName::parse(&route.client_name).ok()?;
        let ops: Option<Vec<_>> = route.allowed_ops.iter().map(|op| PublicOp::parse(op)).collect();
        let ops = ops?;
        let relation = match &route.table_name {
            Some(name) => Some(relation(name, options)?),
            None => None,
        };
        let bounds = Bounds::new(
            relation.clone(),
            route.columns,
            forced(&route.forced_conditions, options).ok()?,
            route.max_limit.and_then(|limit| u64::try_from(limit).ok()),
            ops.contains(&PublicOp::Update),
        );
        let caller = |op: PublicOp| {
            let right = Right(Arc::from(right(op, relation.as_ref())));
            (op, Caller::by_route(&route.route_key, &client, Arc::from([right])))
        };
        let callers = ops.into_iter().map(caller).collect();
        Some(Self {
            callers,
            is_active: route.is_active,
            table: route.table_name,
            saved_query: route.saved_query,
            bounds: Arc::new(bounds),
            client,
        })
    }

    pub(super) fn allows(&self, op: PublicOp) -> bool {
        self.callers.iter().any(|(allowed, _)| *allowed == op)
    }

    /// With the right to do this one thing.
    pub(super) fn caller(&self, op: PublicOp) -> Caller {
        let found = self.callers.iter().find(|(allowed, _)| *allowed == op);
        found.map_or_else(
            || Caller::by_route("", &self.client, Arc::from([])),
            |(_, caller)| caller.clone(),
        )
    }
}

/// A table's name as bodies have it.
fn relation(name: &str, options: &ParseOptions) -> Option<RelationName> {
    let body = json!({ "table_name": name }).to_string();
    let parsed = request::parse(Operation::Fetch, body.as_bytes(), options).ok()?;
    Some(parsed.relation().clone())
}

/// The one right an operation needs. A table whose name no right can have is bound by the bounds.
fn right(op: PublicOp, relation: Option<&RelationName>) -> String {
    let action = match op {
        PublicOp::Query => return "gateway.query".to_owned(),
        PublicOp::Fetch => "read",
        PublicOp::Insert | PublicOp::Update => "write",
        PublicOp::Delete => "delete",
    };
    let named = relation.map(|relation| {
        let schema = relation.schema.as_deref().unwrap_or("public");
        format!("{schema}.{}.{action}", relation.name)
    });
    named.filter(|right| Right::parse(right).is_ok()).unwrap_or_else(|| format!("gateway.{action}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_lower_case_and_has_no_odd_characters() {
        assert_eq!(check_key(" Shop/Open-Invoices_1 ").unwrap(), "shop/open-invoices_1");
        for text in ["", "/a", "a/", "a//b", "a b", "ä", "a.b", "a%2fb", &"x".repeat(201)] {
            assert_eq!(check_key(text), Err(RouteError::InvalidKey), "{text:?}");
        }
    }

    #[test]
    fn the_right_of_a_route_is_the_one_that_its_operation_needs() {
        let relation = |schema: Option<&str>, name: &str| RelationName {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
        };
        let invoices = relation(None, "invoices");
        assert_eq!(right(PublicOp::Fetch, Some(&invoices)), "public.invoices.read");
        assert_eq!(right(PublicOp::Update, Some(&relation(Some("b"), "x"))), "b.x.write");
        assert_eq!(right(PublicOp::Delete, Some(&relation(None, "odd name"))), "gateway.delete");
        assert_eq!(right(PublicOp::Query, Some(&invoices)), "gateway.query");
        assert_eq!(right(PublicOp::Fetch, None), "gateway.read");
    }
}
