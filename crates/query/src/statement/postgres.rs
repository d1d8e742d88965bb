//! SQL as PostgreSQL says it, and what other dialects share with it: where they differ, `Dialect`
//! says how. The text of a statement depends on its shape alone and is prepared once.

mod call;
mod dialect;
mod embed;
mod filter;
mod gathered;
mod together;
mod write;
mod writer;

use super::{RenderError, RowsWanted, Statement};
use crate::plan::{Plan, PlannedFilter, PlannedOrder, ReadPlan};
pub(super) use call::render as render_call;
pub(super) use dialect::Dialect;
pub(super) use filter::sign;
pub(super) use gathered::render as render_gathered;
pub(super) use together::render as render_together;
pub(super) use writer::Writer;

pub(super) fn render(plan: &Plan) -> Result<Statement, RenderError> {
    render_in(&dialect::Postgres, plan)
}

pub(super) fn render_count(plan: &Plan) -> Result<Option<Statement>, RenderError> {
    render_count_in(&dialect::Postgres, plan)
}

/// The plan in any dialect of SQL.
pub(super) fn render_in(
    dialect: &'static dyn Dialect,
    plan: &Plan,
) -> Result<Statement, RenderError> {
    let mut sql = Writer::new(dialect, &plan.table().name);
    let strip_nulls = match plan {
        Plan::Read(plan) => {
            read(&mut sql, plan)?;
            plan.strip_nulls
        }
        Plan::Insert(plan) => {
            write::insert(&mut sql, plan)?;
            plan.returning.strip_nulls
        }
        Plan::Update(plan) => {
            write::update(&mut sql, plan)?;
            plan.returning.strip_nulls
        }
        Plan::Delete(plan) => {
            write::delete(&mut sql, plan)?;
            plan.returning.strip_nulls
        }
    };
    let rows = if strip_nulls { RowsWanted::ObjectsWithoutNulls } else { RowsWanted::Objects };
    sql.finish(plan.access(), rows)
}

pub(super) fn render_count_in(
    dialect: &'static dyn Dialect,
    plan: &Plan,
) -> Result<Option<Statement>, RenderError> {
    let Plan::Read(read) = plan else { return Ok(None) };
    if !read.count {
        return Ok(None);
    }
    let mut sql = Writer::new(dialect, &read.table.name);
    let source = embed::source(&mut sql, !read.embeds.is_empty())?;
    sql.syntax("SELECT count(*) AS \"count\" FROM ").qualified(&read.table.name);
    embed::named(&mut sql, source);
    sql.within(source, |sql| {
        condition(sql, &read.filter);
        embed::required(sql, &read.embeds, &read.filter);
    });
    sql.finish(plan.access(), RowsWanted::Objects).map(Some)
}

fn read(sql: &mut Writer, plan: &ReadPlan) -> Result<(), RenderError> {
    let source = embed::source_of(sql, plan)?;
    sql.within(source, |sql| {
        sql.syntax("SELECT ");
        embed::output(sql, &plan.columns, &plan.embeds)?;
        sql.syntax(" FROM ").qualified(&plan.table.name);
        embed::named(sql, source);
        condition(sql, &plan.filter);
        embed::required(sql, &plan.embeds, &plan.filter);
        order(sql, &plan.order);
        Ok(())
    })?;
    sql.window(plan.window);
    Ok(())
}

fn condition(sql: &mut Writer, filter: &PlannedFilter) {
    if *filter != PlannedFilter::All {
        sql.syntax(" WHERE ");
        filter::render(sql, filter);
    }
}

fn order(sql: &mut Writer, order: &[PlannedOrder]) {
    if order.is_empty() {
        return;
    }
    sql.syntax(" ORDER BY ");
    sql.listed(order, |sql, term| {
        sql.column(&term.column.name).syntax(if term.descending { " DESC" } else { " ASC" });
        match sql.dialect().nulls_first(term) {
            Some(true) => sql.syntax(" NULLS FIRST"),
            Some(false) => sql.syntax(" NULLS LAST"),
            None => sql,
        };
    });
}

#[cfg(test)]
mod tests;
