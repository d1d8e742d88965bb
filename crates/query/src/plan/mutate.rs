//! Inserts, updates and deletes whose columns exist and whose values fit.

use super::{
    BoundValue, ConflictPlan, ConflictValue, DeletePlan, InsertPlan, PlanError, PlanLimits,
    PlannedFilter, Returning, UpdatePlan, bounds, embed::Embedding, filter, grouping, names,
    output, read, value::Binder,
};
use crate::request::{
    ConflictAction, DeleteRequest, DeleteTarget, InsertRequest, OnConflict, Operator,
    Representation, UpdateRequest,
};
use catalog::{Column, Generated, Ident, SchemaCache, Table};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) fn insert(
    request: InsertRequest,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<InsertPlan, PlanError> {
    let InsertRequest { relation, rows, on_conflict, representation } = request;
    let table = read::table(cache, &relation)?;
    if rows.is_empty() {
        return Err(PlanError::NothingToWrite { table: table.name.clone() });
    }
    let Written { columns, rows } = written(&table, &rows, cache)?;
    let on_conflict =
        on_conflict.map(|asked| conflict(asked, &table, &columns, cache)).transpose()?;
    let returning = returning(&table, representation, cache, limits)?;
    Ok(InsertPlan { table, columns, rows, on_conflict, returning })
}

pub(super) fn update(
    request: UpdateRequest,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<UpdatePlan, PlanError> {
    let UpdateRequest { relation, set, filter, bounds, representation } = request;
    let table = read::table(cache, &relation)?;
    if set.is_empty() {
        return Err(PlanError::NothingToWrite { table: table.name.clone() });
    }
    let set = assignments(&table, &set, cache, "data")?;
    let filter = narrowing(filter::resolve(&filter, &table, cache)?, &table)?;
    let bounds = bounds.map(|asked| bounds::resolve(&asked, &table)).transpose()?;
    let returning = returning(&table, representation, cache, limits)?;
    Ok(UpdatePlan { table, set, filter, bounds, returning })
}

pub(super) fn delete(
    request: DeleteRequest,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<DeletePlan, PlanError> {
    let DeleteRequest { relation, target, bounds, representation } = request;
    let table = read::table(cache, &relation)?;
    let (filter, resource_id) = match &target {
        DeleteTarget::Id(id) => (by_key(&table, id, cache)?, Some(as_text(id))),
        DeleteTarget::Filter(filter) => (filter::resolve(filter, &table, cache)?, None),
    };
    let filter = narrowing(filter, &table)?;
    let bounds = bounds.map(|asked| bounds::resolve(&asked, &table)).transpose()?;
    let returning = returning(&table, representation, cache, limits)?;
    Ok(DeletePlan { table, filter, bounds, resource_id, returning })
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
    let column = names::column(table, key.as_str(), path)?;
    let value = Binder { column, cache, path }.bind(id)?;
    if value == BoundValue::Null {
        return Ok(PlannedFilter::Never);
    }
    Ok(PlannedFilter::Compare { column: column.clone(), operator: Operator::Eq, value })
}

fn as_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Which columns the rows' members are, by position in the table.
struct Written {
    columns: Vec<Column>,
    rows: Vec<Vec<Option<BoundValue>>>,
}

/// The union of the rows' columns in table order, and each row's values for them.
fn written(
    table: &Table,
    rows: &[Map<String, Value>],
    cache: &SchemaCache,
) -> Result<Written, PlanError> {
    let mut is_written = vec![false; table.columns.len()];
    let mut placed = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        placed.push(placed_row(table, row, &format!("insert_body[{at}]"), &mut is_written)?);
    }
    // Several rows of defaults need a column to say DEFAULT for.
    if rows.len() > 1
        && !is_written.contains(&true)
        && let Some(first) = is_written.first_mut()
    {
        *first = true;
    } else {
        let written = table.columns.iter().zip(&is_written).filter(|(_, is_written)| **is_written);
        written.map(|(column, _)| column).try_for_each(writable)?;
    }
    let positions: Vec<usize> = (0..is_written.len()).filter(|at| is_written[*at]).collect();
    let mut bound = Vec::with_capacity(rows.len());
    for (at, row) in placed.iter().enumerate() {
        let path = format!("insert_body[{at}]");
        let value = |position: &usize| {
            let column = &table.columns[*position];
            let value = row.iter().find(|(known, _)| known == position).map(|(_, value)| *value);
            value.map(|value| Binder { column, cache, path: &path }.bind(value)).transpose()
        };
        bound.push(positions.iter().map(value).collect::<Result<Vec<_>, _>>()?);
    }
    let columns = positions.iter().map(|position| table.columns[*position].clone()).collect();
    Ok(Written { columns, rows: bound })
}

/// The row's values with the positions of their columns.
fn placed_row<'a>(
    table: &Table,
    row: &'a Map<String, Value>,
    path: &str,
    is_written: &mut [bool],
) -> Result<Vec<(usize, &'a Value)>, PlanError> {
    let mut placed: Vec<(usize, &Value)> = Vec::with_capacity(row.len());
    for (name, value) in row {
        let column = names::column(table, name, path)?;
        let unknown = || PlanError::unknown_column(table, name, path);
        let position = table.position(column.name.as_str()).ok_or_else(unknown)?;
        if placed.iter().any(|(known, _)| *known == position) {
            return Err(twice(table, column));
        }
        is_written[position] = true;
        placed.push((position, value));
    }
    Ok(placed)
}

fn twice(table: &Table, column: &Column) -> PlanError {
    let column = column.name.as_str().to_owned();
    PlanError::WrittenTwice { table: table.name.clone(), column }
}

fn assignments(
    table: &Table,
    set: &Map<String, Value>,
    cache: &SchemaCache,
    path: &str,
) -> Result<Vec<(Column, BoundValue)>, PlanError> {
    let mut assigned: Vec<(Column, BoundValue)> = Vec::with_capacity(set.len());
    for (name, value) in set {
        let column = names::column(table, name, path)?;
        writable(column)?;
        if assigned.iter().any(|(known, _)| known.name == column.name) {
            return Err(twice(table, column));
        }
        assigned.push((column.clone(), Binder { column, cache, path }.bind(value)?));
    }
    Ok(assigned)
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
    let ident = |name: &String| names::column(table, name, "on_conflict").map(|c| c.name.clone());
    names.iter().map(ident).collect()
}

fn returning(
    table: &Arc<Table>,
    representation: Representation,
    cache: &SchemaCache,
    limits: PlanLimits,
) -> Result<Returning, PlanError> {
    let Representation { columns: mut selection, shape, head, grouping, profile, .. } =
        representation;
    let strip_nulls = representation.strip_nulls.unwrap_or(false);
    let columns = output::resolve(table, &selection, "columns")?;
    let embeds = std::mem::take(&mut selection.embeds);
    let embedding = Embedding { cache, limits, strip_nulls };
    let embeds = embedding.resolve(embeds, table, &columns, selection.case)?;
    let grouping = grouping.map(|asked| grouping::resolve(asked, table, &columns)).transpose()?;
    Ok(Returning { columns, embeds, strip_nulls, shape, head, grouping, profile })
}
