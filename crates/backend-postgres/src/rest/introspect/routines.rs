//! Rows of the catalog put together into routines.

use super::{ident, qualified, rows::RoutineRow};
use postgrest::schema::{Isolation, Parameter, PgType, ReturnType, Routine, Scope, Volatility};

pub(super) fn routine(row: RoutineRow, scope: &Scope) -> Option<Routine> {
    let settings = || row.settings.iter().filter_map(|setting| setting.split_once('='));
    let isolation = settings().find(|(name, _)| *name == "default_transaction_isolation");
    let hoisted = settings().filter(|(name, _)| scope.hoisted_settings.iter().any(|h| h == name));
    Some(Routine {
        oid: u32::try_from(row.oid).ok()?,
        name: qualified(&row.schema, &row.name)?,
        parameters: parameters(&row),
        returns: returns(&row)?,
        volatility: volatility(&row.volatility),
        is_variadic: row.is_variadic,
        isolation: isolation.map(|(_, level)| isolation_of(level)),
        settings: hoisted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        comment: row.comment,
    })
}

fn parameters(row: &RoutineRow) -> Vec<Parameter> {
    let types = row.types.iter().zip(&row.unbounded_types);
    let all = row.names.iter().zip(types).zip(&row.variadics).enumerate();
    let parameters = all.map(|(at, ((name, (data_type, unbounded_type)), variadic))| Parameter {
        name: ident(name),
        data_type: data_type.clone(),
        unbounded_type: unbounded_type.clone(),
        is_required: usize::try_from(row.required).is_ok_and(|required| at < required),
        is_variadic: *variadic,
    });
    parameters.collect()
}

fn returns(row: &RoutineRow) -> Option<ReturnType> {
    let name = qualified(&row.return_schema, &row.return_name)?;
    let pg_type = if row.returns_composite {
        PgType::Composite { name, is_alias: row.returns_alias }
    } else {
        PgType::Scalar(name)
    };
    Some(if row.returns_set { ReturnType::SetOf(pg_type) } else { ReturnType::Single(pg_type) })
}

fn volatility(letter: &str) -> Volatility {
    match letter {
        "i" => Volatility::Immutable,
        "s" => Volatility::Stable,
        _ => Volatility::Volatile,
    }
}

fn isolation_of(level: &str) -> Isolation {
    match level.to_lowercase().as_str() {
        "repeatable read" => Isolation::RepeatableRead,
        "serializable" => Isolation::Serializable,
        _ => Isolation::ReadCommitted,
    }
}
