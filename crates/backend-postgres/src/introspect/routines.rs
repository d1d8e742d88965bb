//! Catalog rows put together into functions and procedures.

use super::{
    assemble::{Types, group, ident, qualified},
    rows::{CompositeRow, RoutineRow},
};
use catalog::{
    Argument, ArgumentMode, Column, DataType, Generated, Ident, ReturnShape, Returns, Routine,
    RoutineKind, Volatility,
};
use std::collections::HashMap;

/// Composite types' columns, by the type.
pub(super) struct Composites(HashMap<i64, Vec<Column>>);

impl Composites {
    pub(super) fn of(rows: Vec<CompositeRow>, types: &Types) -> Self {
        let of_type = |rows: Vec<CompositeRow>| {
            let column = |row: CompositeRow| {
                Some(column(ident(&row.name)?, types.resolve(row.column_type, row.sql_type)))
            };
            rows.into_iter().filter_map(column).collect()
        };
        let groups = group(rows, |row| row.type_oid).into_iter();
        Self(groups.map(|(oid, rows)| (oid, of_type(rows))).collect())
    }
}

fn column(name: Ident, data_type: DataType) -> Column {
    let generated = Generated::Never;
    Column { name, data_type, nullable: true, default: None, generated, comment: None }
}

pub(super) fn routine(row: RoutineRow, types: &Types, composites: &Composites) -> Option<Routine> {
    let kind = match row.kind.as_str() {
        "f" => RoutineKind::Function,
        "p" => RoutineKind::Procedure,
        _ => return None,
    };
    let volatility = match row.volatility.as_str() {
        "i" => Volatility::Immutable,
        "s" => Volatility::Stable,
        _ => Volatility::Volatile,
    };
    let arguments = arguments(&row, types)?;
    let shape = shape(&row, &arguments, types, composites);
    Some(Routine {
        name: qualified(&row.schema, &row.name)?,
        kind,
        arguments,
        returns: Returns { shape, is_set: row.returns_set },
        volatility,
        comment: row.comment,
    })
}

fn arguments(row: &RoutineRow, types: &Types) -> Option<Vec<Argument>> {
    let mut arguments = Vec::with_capacity(row.argument_types.len());
    for (at, (oid, sql)) in row.argument_types.iter().zip(&row.argument_sql).enumerate() {
        let name = row.argument_names.get(at).filter(|name| !name.is_empty());
        let name = match name {
            Some(name) => Some(ident(name)?),
            None => None,
        };
        let mode =
            row.argument_modes.get(at).map_or(Some(ArgumentMode::In), |mode| mode_of(mode))?;
        let data_type = types.resolve(*oid, sql.clone());
        arguments.push(Argument { name, data_type, mode, has_default: false });
    }
    let defaults = usize::try_from(row.defaults).unwrap_or_default();
    let inputs = arguments.iter_mut().rev().filter(|argument| argument.mode.goes_in());
    inputs.take(defaults).for_each(|argument| argument.has_default = true);
    Some(arguments)
}

fn mode_of(letter: &str) -> Option<ArgumentMode> {
    Some(match letter {
        "i" => ArgumentMode::In,
        "o" => ArgumentMode::Out,
        "b" => ArgumentMode::InOut,
        "v" => ArgumentMode::Variadic,
        "t" => ArgumentMode::Table,
        _ => return None,
    })
}

fn shape(
    row: &RoutineRow,
    arguments: &[Argument],
    types: &Types,
    composites: &Composites,
) -> ReturnShape {
    let out = arguments.iter().filter(|argument| argument.mode.comes_out());
    let named: Vec<_> = out
        .enumerate()
        .filter_map(|(at, argument)| {
            let unnamed = || ident(&format!("column{}", at + 1));
            let name = argument.name.clone().or_else(unnamed)?;
            Some(column(name, argument.data_type.clone()))
        })
        .collect();
    if !named.is_empty() {
        return ReturnShape::Row(named);
    }
    let Some(sql) = &row.return_sql else { return ReturnShape::Nothing };
    if let Some(columns) = composites.0.get(&row.return_type) {
        return ReturnShape::Row(columns.clone());
    }
    match (row.return_kind.as_deref(), sql.as_str()) {
        (_, "void") => ReturnShape::Nothing,
        (Some("p"), "record") => ReturnShape::Record,
        _ => ReturnShape::Scalar(types.resolve(row.return_type, sql.clone())),
    }
}
