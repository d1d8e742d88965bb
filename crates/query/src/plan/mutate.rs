//! Inserts, updates and deletes whose columns exist and whose values fit.

use super::{
    BoundValue, ConflictPlan, ConflictValue, DeletePlan, InsertPlan, PlanError, PlannedFilter,
    Returning, UpdatePlan, filter, read, value::Binder,
};
use crate::request::{
    ConflictAction, DeleteRequest, DeleteTarget, InsertRequest, OnConflict, Operator,
    Representation, UpdateRequest,
};
use catalog::{Column, Generated, Ident, SchemaCache, Table};
use serde_json::{Map, Value};

pub(super) fn insert(request: InsertRequest, cache: &SchemaCache) -> Result<InsertPlan, PlanError> {
    let InsertRequest { relation, rows, on_conflict, representation } = request;
    let table = read::table(cache, &relation)?;
    if rows.is_empty() {
        return Err(PlanError::NothingToWrite { table: table.name.clone() });
    }
    let columns = written_columns(&table, &rows)?;
    let rows = rows
        .iter()
        .enumerate()
        .map(|(at, row)| bound_row(&columns, row, cache, &format!("insert_body[{at}]")))
        .collect::<Result<Vec<_>, _>>()?;
    let on_conflict =
        on_conflict.map(|asked| conflict(asked, &table, &columns, cache)).transpose()?;
    let returning = returning(&table, representation)?;
    Ok(InsertPlan { table, columns, rows, on_conflict, returning })
}

pub(super) fn update(request: UpdateRequest, cache: &SchemaCache) -> Result<UpdatePlan, PlanError> {
    let UpdateRequest { relation, set, filter, representation } = request;
    let table = read::table(cache, &relation)?;
    if set.is_empty() {
        return Err(PlanError::NothingToWrite { table: table.name.clone() });
    }
    let set = assignments(&table, &set, cache, "data")?;
    let filter = narrowing(filter::resolve(&filter, &table, cache)?, &table)?;
    let returning = returning(&table, representation)?;
    Ok(UpdatePlan { table, set, filter, returning })
}

pub(super) fn delete(request: DeleteRequest, cache: &SchemaCache) -> Result<DeletePlan, PlanError> {
    let DeleteRequest { relation, target, representation } = request;
    let table = read::table(cache, &relation)?;
    let (filter, resource_id) = match &target {
        DeleteTarget::Id(id) => (by_key(&table, id, cache)?, Some(as_text(id))),
        DeleteTarget::Filter(filter) => (filter::resolve(filter, &table, cache)?, None),
    };
    let filter = narrowing(filter, &table)?;
    let returning = returning(&table, representation)?;
    Ok(DeletePlan { table, filter, resource_id, returning })
}

/// A change to every row is never what was meant.
fn narrowing(filter: PlannedFilter, table: &Table) -> Result<PlannedFilter, PlanError> {
    if filter == PlannedFilter::All {
        return Err(PlanError::Unfiltered { table: table.name.clone() });
    }
    Ok(filter)
}

fn by_key(table: &Table, id: &Value, cache: &SchemaCache) -> Result<PlannedFilter, PlanError> {
    let key = match table.primary_key.as_slice() {
        [key] => key,
        [] => return Err(PlanError::NoPrimaryKey { table: table.name.clone() }),
        columns => {
            let columns = columns.len();
            return Err(PlanError::CompositeKey { table: table.name.clone(), columns });
        }
    };
    let path = "resource_id";
    let column = filter::column(table, key.as_str(), path)?;
    let value = Binder { column, cache, path }.bind(id)?;
    if value == BoundValue::Null {
        return Ok(PlannedFilter::Never);
    }
    Ok(PlannedFilter::Compare { column: column.clone(), operator: Operator::Eq, value })
}

fn as_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The union of the rows' columns, in table order.
fn written_columns(table: &Table, rows: &[Map<String, Value>]) -> Result<Vec<Column>, PlanError> {
    let mut is_written = vec![false; table.columns.len()];
    for (at, row) in rows.iter().enumerate() {
        for name in row.keys() {
            match table.position(name) {
                Some(position) => is_written[position] = true,
                None => {
                    let path = format!("insert_body[{at}]");
                    return Err(PlanError::unknown_column(table, name, &path));
                }
            }
        }
    }
    let written = table.columns.iter().zip(is_written).filter(|(_, is_written)| *is_written);
    let columns: Vec<Column> = written.map(|(column, _)| column.clone()).collect();
    columns.iter().try_for_each(writable)?;
    // Several rows of defaults need a column to say DEFAULT for.
    if columns.is_empty() && rows.len() > 1 {
        return Ok(table.columns.first().cloned().into_iter().collect());
    }
    Ok(columns)
}

fn bound_row(
    columns: &[Column],
    row: &Map<String, Value>,
    cache: &SchemaCache,
    path: &str,
) -> Result<Vec<Option<BoundValue>>, PlanError> {
    let value = |column: &Column| {
        let value = row.get(column.name.as_str());
        value.map(|value| Binder { column, cache, path }.bind(value)).transpose()
    };
    columns.iter().map(value).collect()
}

fn assignments(
    table: &Table,
    set: &Map<String, Value>,
    cache: &SchemaCache,
    path: &str,
) -> Result<Vec<(Column, BoundValue)>, PlanError> {
    let assignment = |(name, value): (&String, &Value)| {
        let column = filter::column(table, name, path)?;
        writable(column)?;
        let value = Binder { column, cache, path }.bind(value)?;
        Ok((column.clone(), value))
    };
    set.iter().map(assignment).collect()
}

fn writable(column: &Column) -> Result<(), PlanError> {
    match column.generated {
        Generated::Stored | Generated::IdentityAlways => {
            Err(PlanError::GeneratedColumn { column: column.name.as_str().to_owned() })
        }
        Generated::Never | Generated::IdentityByDefault => Ok(()),
    }
}

fn conflict(
    asked: OnConflict,
    table: &Table,
    inserted: &[Column],
    cache: &SchemaCache,
) -> Result<ConflictPlan, PlanError> {
    let columns = conflict_key(&asked.columns, table)?;
    let set = match asked.action {
        ConflictAction::Keep => Vec::new(),
        ConflictAction::Set(set) => assignments(table, &set, cache, "update_body")?
            .into_iter()
            .map(|(column, value)| (column, ConflictValue::Given(value)))
            .collect(),
        ConflictAction::Replace => inserted
            .iter()
            .filter(|column| !columns.contains(&column.name))
            .map(|column| (column.clone(), ConflictValue::Inserted))
            .collect(),
    };
    Ok(ConflictPlan { columns, set })
}

fn conflict_key(names: &[String], table: &Table) -> Result<Vec<Ident>, PlanError> {
    if names.is_empty() {
        return match table.primary_key.as_slice() {
            [] => Err(PlanError::NoPrimaryKey { table: table.name.clone() }),
            key => Ok(key.to_vec()),
        };
    }
    let ident = |name: &String| filter::column(table, name, "on_conflict").map(|c| c.name.clone());
    names.iter().map(ident).collect()
}

fn returning(table: &Table, representation: Representation) -> Result<Returning, PlanError> {
    let Representation { columns, strip_nulls, shape } = representation;
    Ok(Returning { columns: read::output(table, columns.as_deref())?, strip_nulls, shape })
}
