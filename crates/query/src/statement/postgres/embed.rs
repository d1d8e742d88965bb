//! Rows of related tables, as subqueries that make JSON of them.

use super::{
    RenderError, filter, order,
    writer::{Source, Writer},
};
use crate::plan::{EmbedPlan, Junction, OutputColumn, PlannedFilter, ReadPlan};
use catalog::Ident;

/// The table of a read gets a name where its columns alone could mean something else: an order by a
/// bare name means the member of that name, which may be another column.
pub(super) fn source_of(sql: &mut Writer, plan: &ReadPlan) -> Result<Option<Source>, RenderError> {
    let is_renamed = |output: &OutputColumn| {
        output.alias != output.name || sql.dialect().answers_as_json(output)
    };
    // Without embeds, a dialect that has no such names writes each column's table out.
    let is_needed = sql.dialect().embeds() && plan.columns.iter().any(is_renamed);
    source(sql, is_needed || !plan.embeds.is_empty())
}

pub(super) fn source(sql: &mut Writer, is_needed: bool) -> Result<Option<Source>, RenderError> {
    if !is_needed {
        return Ok(None);
    }
    if !sql.dialect().embeds() {
        return Err(RenderError::NotSupported { what: "embedded relations" });
    }
    Ok(Some(sql.new_source()))
}

pub(super) fn named(sql: &mut Writer, source: Option<Source>) {
    if let Some(source) = source {
        sql.syntax(" AS ").source(source);
    }
}

/// The members of a row: its columns, then what is embedded in it.
pub(super) fn output(
    sql: &mut Writer,
    columns: &[OutputColumn],
    embeds: &[EmbedPlan],
) -> Result<(), RenderError> {
    if columns.is_empty() && embeds.is_empty() {
        return Err(RenderError::NoColumns);
    }
    sql.listed(columns, |sql, output| {
        let as_json = sql.dialect().answers_as_json(output);
        if as_json {
            sql.syntax("to_json(").column(&output.name).syntax(")");
        } else {
            sql.column(&output.name);
        }
        if as_json || output.alias != output.name {
            sql.syntax(" AS ").ident(&output.alias);
        }
    });
    for (at, embed) in embeds.iter().enumerate() {
        if at > 0 || !columns.is_empty() {
            sql.syntax(", ");
        }
        subquery(sql, embed)?;
        sql.syntax(" AS ").ident(&embed.key);
    }
    Ok(())
}

/// `(SELECT row_to_json(t3.*) FROM (SELECT … FROM "orgs" AS t2 WHERE …) AS t3)`
fn subquery(sql: &mut Writer, embed: &EmbedPlan) -> Result<(), RenderError> {
    let outer = sql.current_source();
    let (inner, rows) = (sql.new_source(), sql.new_source());
    let (start, end) = match (embed.is_one, embed.strip_nulls) {
        (true, false) => ("(SELECT row_to_json(", ".*)"),
        (true, true) => ("(SELECT json_strip_nulls(row_to_json(", ".*))"),
        (false, false) => ("(SELECT coalesce(json_agg(", ".*), '[]'::json)"),
        (false, true) => ("(SELECT json_strip_nulls(coalesce(json_agg(", ".*), '[]'::json))"),
    };
    sql.syntax(start).source(rows).syntax(end).syntax(" FROM (SELECT ");
    sql.within(Some(inner), |sql| {
        output(sql, &embed.columns, &embed.embeds)?;
        sql.syntax(" FROM ").qualified(&embed.table.name).syntax(" AS ").source(inner);
        sql.syntax(" WHERE ");
        matching(sql, embed, outer, inner);
        order(sql, &embed.order);
        Ok(())
    })?;
    if !embed.is_one {
        sql.window(embed.window);
    }
    sql.syntax(") AS ").source(rows).syntax(")");
    Ok(())
}

/// That each inner relation has a row, beside the condition that stands already.
pub(super) fn required(sql: &mut Writer, embeds: &[EmbedPlan], before: &PlannedFilter) {
    let mut word = if *before == PlannedFilter::All { " WHERE " } else { " AND " };
    for embed in embeds.iter().filter(|embed| embed.is_inner) {
        sql.syntax(std::mem::replace(&mut word, " AND "));
        exists(sql, embed);
    }
}

fn exists(sql: &mut Writer, embed: &EmbedPlan) {
    let (outer, inner) = (sql.current_source(), sql.new_source());
    sql.syntax("EXISTS (SELECT 1 FROM ").qualified(&embed.table.name);
    sql.syntax(" AS ").source(inner).syntax(" WHERE ");
    sql.within(Some(inner), |sql| matching(sql, embed, outer, inner));
    sql.syntax(")");
}

/// Which rows of the related table belong to the outer row.
fn matching(sql: &mut Writer, embed: &EmbedPlan, outer: Option<Source>, inner: Source) {
    match &embed.junction {
        None => joined(sql, &embed.on, outer, inner),
        Some(junction) => through(sql, junction, outer, inner),
    }
    if embed.filter != PlannedFilter::All {
        sql.syntax(" AND ");
        filter::render(sql, &embed.filter);
    }
    for nested in embed.embeds.iter().filter(|nested| nested.is_inner) {
        sql.syntax(" AND ");
        exists(sql, nested);
    }
}

fn through(sql: &mut Writer, junction: &Junction, outer: Option<Source>, inner: Source) {
    let between = sql.new_source();
    sql.syntax("EXISTS (SELECT 1 FROM ").qualified(&junction.table.name);
    sql.syntax(" AS ").source(between).syntax(" WHERE ");
    joined(sql, &junction.outer, outer, between);
    sql.syntax(" AND ");
    joined(sql, &junction.inner, Some(between), inner);
    sql.syntax(")");
}

/// Each pair of columns equal: the second is of `inner`.
fn joined(sql: &mut Writer, pairs: &[(Ident, Ident)], outer: Option<Source>, inner: Source) {
    for (at, (left, right)) in pairs.iter().enumerate() {
        if at > 0 {
            sql.syntax(" AND ");
        }
        sql.column_of(Some(inner), right).syntax(" = ").column_of(outer, left);
    }
}
