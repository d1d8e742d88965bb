//! The members of an answered row, and what they are called.

use super::{OutputColumn, PlanError, answered, names};
use crate::request::{ResponseCase, Selected, Selection};
use catalog::{Column, Ident, Table};

/// The columns of the answer; named explicitly even when all are asked for, so that a row has the
/// members that the schema cache says.
pub(super) fn resolve(
    table: &Table,
    selection: &Selection,
    path: &str,
) -> Result<Vec<OutputColumn>, PlanError> {
    if selection.columns.is_empty() && selection.embeds.is_empty() {
        return Ok(every(table, selection.case));
    }
    let mut output: Vec<OutputColumn> = Vec::with_capacity(selection.columns.len());
    for selected in &selection.columns {
        match selected {
            Selected::Every => {
                for column in every(table, selection.case) {
                    add(&mut output, column, path)?;
                }
            }
            Selected::Column { name, alias } => {
                let column = names::shown_column(table, name, path)?;
                let alias = match alias {
                    Some(alias) => ident(alias)?,
                    None if selection.case == ResponseCase::AsIs
                        && column.name.as_str() == name =>
                    {
                        column.name.clone()
                    }
                    None => ident(&selection.case.spell(name))?,
                };
                add(&mut output, of(column, alias), path)?;
            }
        }
    }
    Ok(output)
}

fn of(column: &Column, alias: Ident) -> OutputColumn {
    let is_written_here = answered::is_written_here(&column.data_type);
    OutputColumn { name: column.name.clone(), is_written_here, alias }
}

/// Columns under their own names; without any, all of them.
pub(super) fn of_names(
    table: &Table,
    names: Option<&[String]>,
) -> Result<Vec<OutputColumn>, PlanError> {
    let selection = names.map_or_else(Selection::every, Selection::named);
    resolve(table, &selection, "columns")
}

/// A member cannot stand in an object twice; asked for twice it is the same, and given once.
fn add(output: &mut Vec<OutputColumn>, column: OutputColumn, path: &str) -> Result<(), PlanError> {
    match output.iter().find(|known| known.alias == column.alias) {
        None => {
            output.push(column);
            Ok(())
        }
        Some(known) if known.name == column.name => Ok(()),
        Some(_) => Err(repeated(&column.alias, path)),
    }
}

pub(super) fn repeated(key: &Ident, path: &str) -> PlanError {
    PlanError::RepeatedKey { key: key.as_str().to_owned(), path: path.to_owned() }
}

/// Where two columns would get one name by the spelling, they keep their own.
fn every(table: &Table, case: ResponseCase) -> Vec<OutputColumn> {
    let spelled: Vec<String> =
        table.columns.iter().map(|column| case.spell(column.name.as_str())).collect();
    let alias = |at: usize, column: &Column| {
        let mut others = spelled.iter().enumerate().filter(|(other, _)| *other != at);
        let is_taken = others.any(|(_, other)| *other == spelled[at]);
        let own = || column.name.clone();
        if is_taken { own() } else { Ident::parse(&spelled[at]).unwrap_or_else(|_long| own()) }
    };
    let all = table.columns.iter().enumerate();
    all.map(|(at, column)| of(column, alias(at, column))).collect()
}

pub(super) fn ident(name: &str) -> Result<Ident, PlanError> {
    Ident::parse(name).map_err(|source| PlanError::InvalidName { source })
}
