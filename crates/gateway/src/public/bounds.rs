//! What a route is bound to: a request is resolved against a schema that holds nothing else.

use super::RouteError;
use arc_swap::ArcSwapOption;
use catalog::{SchemaCache, Table};
use query::{
    ApiRequest, Plan, PlanError,
    plan::PlanLimits,
    request::{
        Condition, ConflictAction, DeleteTarget, Filter, InsertRequest, Operator, RelationName,
    },
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
};

/// What holds for whoever comes through a route, beside their rights.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) max_rows: Option<u64>,
    relation: Option<RelationName>,
    columns: Option<Vec<String>>,
    forced: Vec<Filter>,
    forced_columns: BTreeSet<String>,
    /// Whether an insert may change a row that is there.
    may_replace: bool,
    /// The schemas that were made of the last one that was seen.
    made: ArcSwapOption<Made>,
}

#[derive(Debug)]
struct Made {
    of: Weak<SchemaCache>,
    /// What callers may name.
    open: SchemaCache,
    /// The same with the columns of the forced conditions.
    whole: SchemaCache,
    table: Arc<Table>,
}

impl Bounds {
    pub(super) fn new(
        relation: Option<RelationName>,
        columns: Option<Vec<String>>,
        forced: Vec<Filter>,
        max_rows: Option<u64>,
        may_replace: bool,
    ) -> Self {
        let mut forced_columns = BTreeSet::new();
        forced.iter().for_each(|filter| gather(filter, &mut forced_columns));
        let made = ArcSwapOption::empty();
        Self { max_rows, relation, columns, forced, forced_columns, may_replace, made }
    }

    /// As [`Plan::resolve`] does it, with nothing within reach but what the route leads to.
    pub(crate) fn resolve(
        &self,
        request: ApiRequest,
        cache: &Arc<SchemaCache>,
        limits: PlanLimits,
    ) -> Result<Result<Plan, PlanError>, RouteError> {
        if let ApiRequest::Insert(insert) = &request {
            self.check_replacing(insert)?;
        }
        let Some(bound) = &self.relation else { return Ok(Plan::resolve(request, cache, limits)) };
        let asked = request.relation();
        let Some(table) = cache.table(bound.schema.as_deref(), &bound.name) else {
            // Without its table a route answers as any request for a table that is not there.
            return if asked == bound {
                Ok(Plan::resolve(request, cache, limits))
            } else {
                Err(RouteError::OtherTable)
            };
        };
        let same = cache.table(asked.schema.as_deref(), &asked.name);
        if same.is_none_or(|same| same.name != table.name) {
            return Err(RouteError::OtherTable);
        }
        let made = self.made(cache, table)?;
        if self.forced.is_empty() {
            return Ok(Plan::resolve(request, &made.open, limits));
        }
        // What the caller says must make sense without the columns that are none of their business.
        if let Err(error) = Plan::resolve(request.clone(), &made.open, limits) {
            return Ok(Err(error));
        }
        let request = self.with_forced(request, &made.table)?;
        match Plan::resolve(request, &made.whole, limits) {
            Ok(plan) => Ok(Ok(plan)),
            Err(error) => {
                tracing::warn!(%error, "the forced conditions of a public route do not fit");
                Err(RouteError::Broken)
            }
        }
    }

    /// An upsert that changes rows is an update as well, and would reach rows beyond the conditions.
    fn check_replacing(&self, insert: &InsertRequest) -> Result<(), RouteError> {
        let replaces = insert
            .on_conflict
            .as_ref()
            .is_some_and(|conflict| conflict.action != ConflictAction::Keep);
        if replaces && (!self.may_replace || !self.forced.is_empty()) {
            return Err(RouteError::OpNotAllowed { op: "update" });
        }
        Ok(())
    }

    fn made(&self, cache: &Arc<SchemaCache>, table: &Table) -> Result<Arc<Made>, RouteError> {
        let known = self.made.load_full();
        if let Some(made) = known.filter(|made| made.of.as_ptr() == Arc::as_ptr(cache)) {
            return Ok(made);
        }
        let named = self.columns.iter().flatten().chain(&self.forced_columns);
        if named.into_iter().any(|name| table.column(name).is_none()) {
            return Err(RouteError::Broken);
        }
        let listed =
            |name: &str| self.columns.as_ref().is_none_or(|all| all.iter().any(|c| c == name));
        let forced = |name: &str| self.forced_columns.contains(name);
        let open = narrowed(table, |name| listed(name) && !forced(name));
        let whole = narrowed(table, |name| listed(name) || forced(name));
        let made = Arc::new(Made {
            of: Arc::downgrade(cache),
            open: alone(cache, open),
            whole: alone(cache, whole.clone()),
            table: Arc::new(whole),
        });
        self.made.store(Some(Arc::clone(&made)));
        Ok(made)
    }

    fn with_forced(&self, request: ApiRequest, table: &Table) -> Result<ApiRequest, RouteError> {
        Ok(match request {
            ApiRequest::Read(mut read) => {
                read.filter = self.narrower(read.filter);
                ApiRequest::Read(read)
            }
            ApiRequest::Update(mut update) => {
                update.filter = self.narrower(update.filter);
                ApiRequest::Update(update)
            }
            ApiRequest::Delete(mut delete) => {
                let filter = match delete.target {
                    DeleteTarget::Filter(filter) => filter,
                    DeleteTarget::Id(id) => by_key(table, id)?,
                };
                delete.target = DeleteTarget::Filter(self.narrower(filter));
                ApiRequest::Delete(delete)
            }
            ApiRequest::Insert(mut insert) => {
                for row in &mut insert.rows {
                    self.fill(row)?;
                }
                ApiRequest::Insert(insert)
            }
        })
    }

    fn narrower(&self, filter: Filter) -> Filter {
        let mut all = self.forced.clone();
        match filter {
            Filter::All => {}
            other => all.push(other),
        }
        Filter::And(all)
    }

    /// A new row is one that the conditions find.
    fn fill(&self, row: &mut Map<String, Value>) -> Result<(), RouteError> {
        for filter in &self.forced {
            let (column, value) = equality(filter).ok_or(RouteError::Broken)?;
            row.insert(column.to_owned(), value.clone());
        }
        Ok(())
    }
}

/// The column and its only value, where a condition leaves no other.
pub(crate) fn equality(filter: &Filter) -> Option<(&str, &Value)> {
    match filter {
        Filter::Condition(condition) | Filter::Cast(condition, _)
            if condition.operator == Operator::Eq =>
        {
            Some((&condition.column, &condition.value))
        }
        _ => None,
    }
}

fn gather(filter: &Filter, columns: &mut BTreeSet<String>) {
    match filter {
        Filter::All => {}
        Filter::And(all) | Filter::Or(all) => all.iter().for_each(|one| gather(one, columns)),
        Filter::Not(inner) => gather(inner, columns),
        Filter::Condition(condition) | Filter::Cast(condition, _) => {
            columns.insert(condition.column.clone());
        }
    }
}

fn by_key(table: &Table, id: Value) -> Result<Filter, RouteError> {
    let [key] = table.primary_key.as_slice() else { return Err(RouteError::Broken) };
    Ok(Filter::Condition(Condition {
        path: "resource_id".to_owned(),
        column: key.as_str().to_owned(),
        operator: Operator::Eq,
        value: id,
    }))
}

/// The table with some of its columns, and related to no other.
fn narrowed(table: &Table, is_open: impl Fn(&str) -> bool) -> Table {
    let mut narrow = table.clone();
    narrow.columns.retain(|column| is_open(column.name.as_str()));
    narrow.foreign_keys.clear();
    let whole = |names: &[catalog::Ident]| names.iter().all(|name| is_open(name.as_str()));
    if !whole(&table.primary_key) {
        narrow.primary_key.clear();
    }
    narrow.unique_keys.retain(|key| whole(&key.columns));
    narrow
}

fn alone(cache: &SchemaCache, table: Table) -> SchemaCache {
    let (version, path) = (cache.server_version.clone(), cache.search_path().to_vec());
    SchemaCache::new(version, path, vec![table], cache.enums().cloned().collect())
}
