//! A call: a function stands where a table does, a procedure is called.

use super::{RenderError, RowsWanted, Statement, Writer, condition, embed, order};
use crate::plan::{CallOutput, CallPlan, PlannedArgument, is_variadic};
use catalog::{ArgumentMode, RoutineKind};

pub(crate) fn render(plan: &CallPlan) -> Result<Statement, RenderError> {
    let mut sql = Writer::default();
    match plan.routine.kind {
        RoutineKind::Function => function(&mut sql, plan)?,
        RoutineKind::Procedure => procedure(&mut sql, plan),
    }
    let rows = match (&plan.output, plan.strip_nulls) {
        (CallOutput::Values, _) => RowsWanted::Values,
        (CallOutput::Rows(_), true) => RowsWanted::ObjectsWithoutNulls,
        (CallOutput::Rows(_), false) => RowsWanted::Objects,
    };
    Ok(sql.finish(plan.access(), rows)?.of_call(plan.count))
}

fn function(sql: &mut Writer, plan: &CallPlan) -> Result<(), RenderError> {
    sql.syntax("SELECT ");
    if plan.count {
        // In the same statement: a function that changes something must not run twice.
        sql.syntax("count(*) OVER (), ");
    }
    match &plan.output {
        CallOutput::Values => {
            sql.syntax("\"value\"");
        }
        CallOutput::Rows(columns) => embed::output(sql, columns, &[])?,
    }
    sql.syntax(" FROM ").qualified(&plan.routine.name).syntax("(");
    arguments(sql, &plan.arguments);
    sql.syntax(") AS \"result\"");
    if plan.output == CallOutput::Values {
        sql.syntax("(\"value\")");
    }
    condition(sql, &plan.filter);
    order(sql, &plan.order);
    sql.window(plan.asked_window());
    Ok(())
}

fn procedure(sql: &mut Writer, plan: &CallPlan) {
    sql.syntax("CALL ").qualified(&plan.routine.name).syntax("(");
    arguments(sql, &plan.arguments);
    // A place for what comes back must be given, and what stands in it does not matter.
    let only_out = plan.routine.arguments.iter();
    let mut is_first = plan.arguments.is_empty();
    for argument in only_out.filter(|argument| argument.mode == ArgumentMode::Out) {
        if !std::mem::take(&mut is_first) {
            sql.syntax(", ");
        }
        if let Some(name) = &argument.name {
            sql.ident(name).syntax(" => ");
        }
        sql.syntax("NULL");
    }
    sql.syntax(")");
}

fn arguments(sql: &mut Writer, arguments: &[PlannedArgument]) {
    sql.listed(arguments, |sql, PlannedArgument { argument, value }| {
        if is_variadic(argument) {
            sql.syntax("VARIADIC ");
        }
        if let Some(name) = &argument.name {
            sql.ident(name).syntax(" => ");
        }
        sql.value(&argument.data_type, value);
    });
}

#[cfg(test)]
mod tests;
