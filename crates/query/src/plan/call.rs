//! A call whose routine exists, may be called, and takes these arguments.

mod error;

pub use error::CallError;

use super::{
    Access, BoundValue, OutputColumn, PlanError, PlannedFilter, PlannedOrder, value::Binder,
};
use super::{filter, output, read};
use crate::request::{CallRequest, Filter, Window};
use catalog::{
    Argument, ArgumentMode, Column, Generated, ReturnShape, Routine, RoutineKind, SchemaCache,
    Table, TableKind, Volatility,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Only [`CallPlan::resolve`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct CallPlan {
    pub(crate) routine: Arc<Routine>,
    pub(crate) arguments: Vec<PlannedArgument>,
    pub(crate) output: CallOutput,
    pub(crate) filter: PlannedFilter,
    pub(crate) order: Vec<PlannedOrder>,
    pub(crate) window: Window,
    pub(crate) limit_clamped: bool,
    pub(crate) count: bool,
    pub(crate) strip_nulls: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlannedArgument {
    pub(crate) argument: Argument,
    pub(crate) value: BoundValue,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CallOutput {
    /// One bare value a row.
    Values,
    Rows(Vec<OutputColumn>),
}

/// What a caller cannot raise or reach.
#[derive(Debug, Clone, Copy)]
pub struct CallLimits<'a> {
    pub max_rows: u64,
    /// The only schemas whose routines can be called.
    pub schemas: &'a [String],
}

/// Where a bare function name is looked for.
const DEFAULT_SCHEMA: &str = "public";

impl CallPlan {
    pub fn resolve(
        request: CallRequest,
        cache: &SchemaCache,
        limits: CallLimits<'_>,
    ) -> Result<Self, CallError> {
        let schema = request.routine.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
        if !limits.schemas.iter().any(|allowed| allowed == schema) {
            return Err(CallError::SchemaNotOpen { schema: schema.to_owned() });
        }
        let overloads = cache.routines(schema, &request.routine.name);
        let (routine, arguments) = choose(overloads, schema, &request, cache)?;
        let shape = Shaped::of(&routine)?;
        let table = shape.table(&routine);
        shape.check(&routine, &request)?;
        let output = match shape {
            Shaped::Value => CallOutput::Values,
            Shaped::Row(_) => {
                CallOutput::Rows(output::of_names(&table, request.columns.as_deref())?)
            }
        };
        let filter = filter::resolve(&request.filter, &table, cache)?;
        let order = request.order.iter().map(|term| read::ordered(&table, term));
        let order = order.collect::<Result<_, PlanError>>()?;
        let limit_clamped = request.limit.is_some_and(|limit| limit > limits.max_rows);
        let limit = request.limit.unwrap_or(limits.max_rows).min(limits.max_rows);
        let window = Window { limit, offset: request.offset };
        let (count, strip_nulls) = (request.count, request.strip_nulls.unwrap_or(false));
        Ok(Self {
            routine,
            arguments,
            output,
            filter,
            order,
            window,
            limit_clamped,
            count,
            strip_nulls,
        })
    }

    /// For permits, logs and cache keys.
    pub fn routine(&self) -> &Arc<Routine> {
        &self.routine
    }

    /// What the routine promises decides; procedures and volatile functions may change anything.
    pub fn access(&self) -> Access {
        match (self.routine.kind, self.routine.volatility) {
            (RoutineKind::Function, Volatility::Immutable | Volatility::Stable) => Access::ReadOnly,
            (RoutineKind::Procedure, _) | (_, Volatility::Volatile) => Access::ReadWrite,
        }
    }

    /// Each row of the answer is a bare value and no object.
    pub fn answers_values(&self) -> bool {
        self.output == CallOutput::Values
    }
    pub fn limit_clamped(&self) -> bool {
        self.limit_clamped
    }
    pub fn window(&self) -> Window {
        self.window
    }
    /// The count and no rows are wanted.
    pub fn only_counts(&self) -> bool {
        self.count && self.window.limit == 0
    }
    /// The same call for its count alone.
    #[must_use]
    pub fn counting(&self) -> Self {
        Self { window: Window { limit: 0, offset: 0 }, count: true, ..self.clone() }
    }
    /// The count stands beside a row, so one is asked for even when none is wanted.
    pub(crate) fn asked_window(&self) -> Window {
        if self.only_counts() { Window { limit: 1, offset: 0 } } else { self.window }
    }
    pub fn wants_count(&self) -> bool {
        self.count
    }
    pub fn strip_nulls(&self) -> bool {
        self.strip_nulls
    }
}

/// The overload that takes exactly these names, with the fewest defaults filled in.
fn choose(
    overloads: &[Arc<Routine>],
    schema: &str,
    request: &CallRequest,
    cache: &SchemaCache,
) -> Result<(Arc<Routine>, Vec<PlannedArgument>), CallError> {
    let name = || format!("{schema}.{}", request.routine.name);
    if overloads.is_empty() {
        return Err(CallError::UnknownRoutine { name: name() });
    }
    let signatures = |of: &[&Arc<Routine>]| of.iter().map(|known| known.signature()).collect();
    let mut fitting: Vec<_> =
        overloads.iter().filter(|known| takes(known, &request.args)).collect();
    let fewest = fitting.iter().map(|known| known.inputs().count()).min();
    fitting.retain(|known| Some(known.inputs().count()) == fewest);
    if let [only] = fitting.as_slice() {
        return bind(only, &request.args, cache).map(|bound| (Arc::clone(only), bound));
    }
    if fitting.is_empty() {
        let all: Vec<_> = overloads.iter().collect();
        let given = request.args.keys().take(100).cloned().collect();
        return Err(CallError::NoOverload { name: name(), given, available: signatures(&all) });
    }
    let mut bound: Vec<_> = fitting
        .iter()
        .filter_map(|known| Some((*known, bind(known, &request.args, cache).ok()?)))
        .collect();
    let like = |(known, _): &(&Arc<Routine>, _)| likeness(known, &request.args);
    bound.sort_by_key(|known| std::cmp::Reverse(like(known)));
    match bound.as_slice() {
        // No overload takes these values: say what is wrong with the first.
        [] => bind(fitting[0], &request.args, cache).map(|bound| (Arc::clone(fitting[0]), bound)),
        [first, second, ..] if like(first) == like(second) => {
            Err(CallError::Ambiguous { name: name(), available: signatures(&fitting) })
        }
        [..] => {
            let (routine, bound) = bound.swap_remove(0);
            Ok((Arc::clone(routine), bound))
        }
    }
}

/// Every name given is an argument, and every argument is given or has a default.
fn takes(routine: &Routine, args: &Map<String, Value>) -> bool {
    args.keys().all(|name| routine.input(name).is_some())
        && routine.inputs().all(|argument| {
            argument.has_default
                || argument.name.as_ref().is_some_and(|name| args.contains_key(name.as_str()))
        })
}

/// How many arguments are of the kind that JSON has for their type.
fn likeness(routine: &Routine, args: &Map<String, Value>) -> usize {
    let is_like = |(name, value): &(&String, &Value)| {
        let Some(argument) = routine.input(name) else { return false };
        let data_type = argument.data_type.underlying();
        let is_number = matches!(
            data_type.base_name(),
            "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" | "oid"
        );
        match value {
            Value::Null => true,
            Value::Bool(_) => data_type.base_name() == "bool",
            Value::Number(_) => is_number,
            Value::String(_) => !is_number && !data_type.is_array() && !data_type.is_json(),
            Value::Array(_) => data_type.is_array(),
            Value::Object(_) => data_type.is_json(),
        }
    };
    args.iter().filter(is_like).count()
}

/// In the routine's order, so that the statement does not depend on the caller's.
fn bind(
    routine: &Routine,
    args: &Map<String, Value>,
    cache: &SchemaCache,
) -> Result<Vec<PlannedArgument>, CallError> {
    let mut planned = Vec::new();
    for argument in routine.inputs() {
        let Some(name) = &argument.name else { continue };
        let Some(value) = args.get(name.as_str()) else { continue };
        let column = column(name.clone(), argument.data_type.clone());
        let path = format!("args.{name}");
        let value = Binder { column: &column, cache, path: &path }.bind(value);
        let value = value.map_err(|error| CallError::of_argument(name.as_str(), error))?;
        planned.push(PlannedArgument { argument: argument.clone(), value });
    }
    Ok(planned)
}

fn column(name: catalog::Ident, data_type: catalog::DataType) -> Column {
    let generated = Generated::Never;
    Column { name, data_type, nullable: true, default: None, generated, comment: None }
}

/// What each row of the answer is.
enum Shaped {
    Value,
    Row(Vec<Column>),
}

impl Shaped {
    fn of(routine: &Routine) -> Result<Self, CallError> {
        match &routine.returns.shape {
            ReturnShape::Record => {
                Err(CallError::UnknownColumns { name: routine.name.to_string() })
            }
            ReturnShape::Row(columns) => Ok(Self::Row(columns.clone())),
            ReturnShape::Scalar(_) | ReturnShape::Nothing => Ok(Self::Value),
        }
    }

    /// The result as if it were a relation, for conditions and order.
    fn table(&self, routine: &Routine) -> Table {
        let columns = match self {
            Self::Row(columns) => columns.clone(),
            Self::Value => Vec::new(),
        };
        Table {
            name: routine.name.clone(),
            kind: TableKind::View,
            columns,
            primary_key: Vec::new(),
            unique_keys: Vec::new(),
            foreign_keys: Vec::new(),
            estimated_rows: None,
            comment: None,
            row_security: false,
        }
    }

    /// Only rows have columns to choose, compare and sort by; a `CALL` cannot even be cut short.
    fn check(&self, routine: &Routine, request: &CallRequest) -> Result<(), CallError> {
        let mut asked = Vec::new();
        if request.columns.is_some() {
            asked.push("select");
        }
        if request.filter != Filter::All {
            asked.push("filters");
        }
        if !request.order.is_empty() {
            asked.push("order");
        }
        let is_call = routine.kind == RoutineKind::Procedure;
        if is_call && request.offset > 0 {
            asked.push("offset");
        }
        if is_call && request.count {
            asked.push("count");
        }
        let has_rows = matches!(self, Self::Row(_)) && !is_call;
        match asked.first() {
            Some(field) if !has_rows => {
                Err(CallError::NoRows { field, name: routine.name.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// `f(VARIADIC a => …)`.
pub(crate) fn is_variadic(argument: &Argument) -> bool {
    argument.mode == ArgumentMode::Variadic
}

#[cfg(test)]
mod tests;
