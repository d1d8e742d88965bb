//! Changes, and the rows they answer.

use super::{
    RenderError, condition, embed, order,
    writer::{Source, Writer},
};
use crate::plan::{
    BoundValue, ConflictPlan, ConflictValue, DeletePlan, InsertPlan, PlannedBounds, PlannedFilter,
    Returning, UpdatePlan,
};
use catalog::{Ident, Table};

pub(super) fn insert(sql: &mut Writer, plan: &InsertPlan) -> Result<(), RenderError> {
    let written = begin(sql, &plan.returning)?;
    sql.syntax("INSERT INTO ").qualified(&plan.table.name);
    if plan.columns.is_empty() {
        sql.syntax(" DEFAULT VALUES");
    } else {
        sql.syntax(" (");
        sql.listed(&plan.columns, |sql, column| {
            sql.ident(&column.name);
        });
        sql.syntax(") VALUES ");
        sql.listed(&plan.rows, |sql, row| values(sql, plan, row));
    }
    if let Some(conflict) = &plan.on_conflict {
        on_conflict(sql, conflict);
    }
    returning(sql, &plan.returning, written)
}

fn values(sql: &mut Writer, plan: &InsertPlan, row: &[Option<BoundValue>]) {
    sql.syntax("(");
    let pairs: Vec<_> = plan.columns.iter().zip(row).collect();
    sql.listed(&pairs, |sql, (column, value)| match value {
        Some(value) => {
            sql.given(column, value);
        }
        None => {
            sql.default_of(column);
        }
    });
    sql.syntax(")");
}

fn on_conflict(sql: &mut Writer, plan: &ConflictPlan) {
    sql.syntax(" ON CONFLICT (");
    sql.listed(&plan.columns, |sql, column| {
        sql.ident(column);
    });
    if plan.set.is_empty() {
        sql.syntax(") DO NOTHING");
        return;
    }
    sql.syntax(") DO UPDATE SET ");
    sql.listed(&plan.set, |sql, (column, value)| {
        sql.ident(&column.name).syntax(" = ");
        match value {
            ConflictValue::Given(value) => sql.given(column, value),
            ConflictValue::Inserted => sql.syntax("EXCLUDED.").ident(&column.name),
        };
    });
}

pub(super) fn update(sql: &mut Writer, plan: &UpdatePlan) -> Result<(), RenderError> {
    let written = begin(sql, &plan.returning)?;
    sql.syntax("UPDATE ").qualified(&plan.table.name).syntax(" SET ");
    sql.listed(&plan.set, |sql, (column, value)| {
        sql.ident(&column.name).syntax(" = ").given(column, value);
    });
    condition(sql, &plan.filter);
    bounded(sql, &plan.table, &plan.filter, plan.bounds.as_ref());
    returning(sql, &plan.returning, written)
}

pub(super) fn delete(sql: &mut Writer, plan: &DeletePlan) -> Result<(), RenderError> {
    let written = begin(sql, &plan.returning)?;
    sql.syntax("DELETE FROM ").qualified(&plan.table.name);
    condition(sql, &plan.filter);
    bounded(sql, &plan.table, &plan.filter, plan.bounds.as_ref());
    returning(sql, &plan.returning, written)
}

/// Of the matching rows, those whose keys come first. The condition stands outside as well, so that
/// a row that somebody changed meanwhile is looked at again.
fn bounded(
    sql: &mut Writer,
    table: &Table,
    filter: &PlannedFilter,
    bounds: Option<&PlannedBounds>,
) {
    let Some(PlannedBounds { key, order, window }) = bounds else { return };
    sql.syntax(if *filter == PlannedFilter::All { " WHERE (" } else { " AND (" });
    keys(sql, key);
    sql.syntax(") IN (SELECT ");
    keys(sql, key);
    sql.syntax(" FROM ").qualified(&table.name);
    condition(sql, filter);
    self::order(sql, order);
    sql.window(*window).syntax(")");
}

fn keys(sql: &mut Writer, key: &[Ident]) {
    sql.listed(key, |sql, column| {
        sql.column(column);
    });
}

/// Rows that are answered with related ones are written first, and read from a name of their own:
/// `WITH t1 AS (INSERT … RETURNING …) SELECT … FROM t1`.
fn begin(sql: &mut Writer, returning: &Returning) -> Result<Option<Source>, RenderError> {
    let written = embed::source(sql, !returning.head && !returning.embeds.is_empty())?;
    if let Some(written) = written {
        sql.syntax("WITH ").source(written).syntax(" AS (");
    }
    Ok(written)
}

pub(super) fn returning(
    sql: &mut Writer,
    returning: &Returning,
    written: Option<Source>,
) -> Result<(), RenderError> {
    if returning.head {
        return Ok(());
    }
    sql.syntax(" RETURNING ");
    let Some(written) = written else { return embed::output(sql, &returning.columns, &[]) };
    sql.listed(&needed(returning), |sql, column| {
        sql.column(column);
    });
    sql.syntax(") SELECT ");
    sql.within(Some(written), |sql| embed::output(sql, &returning.columns, &returning.embeds))?;
    sql.syntax(" FROM ").source(written);
    Ok(())
}

/// The columns that are answered, and those that related rows are found by; each once.
fn needed(returning: &Returning) -> Vec<&Ident> {
    let answered = returning.columns.iter().map(|output| &output.name);
    let joined = returning.embeds.iter().flat_map(|embed| {
        let through = embed.junction.iter().flat_map(|junction| &junction.outer);
        embed.on.iter().chain(through).map(|(outer, _)| outer)
    });
    let mut needed: Vec<&Ident> = Vec::new();
    for column in answered.chain(joined) {
        if !needed.contains(&column) {
            needed.push(column);
        }
    }
    needed
}
