//! Calling a routine.

use super::{Param, Sql, filter::array_literal, write::FromBody};
use crate::{
    plan::{Arguments, CallPlan, Column},
    schema::Parameter,
};
use bytes::Bytes;
use std::collections::BTreeMap;

impl Sql {
    pub(super) fn call(&mut self, plan: &CallPlan) -> &mut Self {
        let is_scalar = is_scalar(plan);
        if is_scalar {
            self.word("SELECT pgrst_call.pgrst_scalar");
        } else {
            let place = Self::alias("pgrst_call");
            self.word("SELECT ");
            if plan.returning.is_empty() {
                self.word("*");
            }
            self.each(&plan.returning, ", ", |sql, column| {
                sql.column(&place, column);
            });
        }
        match &plan.arguments {
            Arguments::Whole(body) => {
                let parameter = plan.routine.parameters.first();
                self.word(" FROM ").called(plan, |sql| {
                    if let Some(parameter) = parameter {
                        sql.whole(body, &parameter.data_type);
                    }
                })
            }
            Arguments::Named(_) | Arguments::Members(_) if plan.parameters.is_empty() => {
                self.word(" FROM ").called(plan, |_| {})
            }
            Arguments::Named(values) => self.word(" FROM ").called(plan, |sql| {
                sql.each(&plan.parameters, ", ", |sql, parameter| {
                    sql.named_value(parameter, values)
                });
            }),
            Arguments::Members(body) => self.called_with_members(plan, body),
        }
    }

    fn called(&mut self, plan: &CallPlan, arguments: impl FnOnce(&mut Self)) -> &mut Self {
        let is_scalar = is_scalar(plan);
        if is_scalar {
            self.word("(SELECT ");
        }
        self.qualified(&plan.routine.name).word("(");
        arguments(self);
        self.word(")");
        self.word(if is_scalar { " pgrst_scalar) pgrst_call" } else { " pgrst_call" })
    }

    fn named_value(&mut self, parameter: &Parameter, values: &BTreeMap<String, Vec<String>>) {
        let name = parameter.name.as_ref().map_or("", catalog::Ident::as_str);
        self.word(if parameter.is_variadic { "VARIADIC " } else { "" });
        self.ident(name).word(" := ");
        match values.get(name).map(Vec::as_slice) {
            Some(values) if parameter.is_variadic => self.unknown(array_literal(values)),
            Some([.., value]) => self.unknown(value.as_str()),
            Some([]) | None => self.value(Param::Null),
        };
        self.word("::").catalog(&parameter.unbounded_type);
    }

    fn called_with_members(&mut self, plan: &CallPlan, body: &Bytes) -> &mut Self {
        let columns: Vec<Column> = plan.parameters.iter().map(member).collect();
        let from = FromBody { body, columns: &columns, is_single: true, applies_defaults: false };
        let place = Self::alias("pgrst_body");
        self.read_body(&from).word(", LATERAL ").called(plan, |sql| {
            sql.each(plan.parameters.iter().zip(&columns), ", ", |sql, (parameter, column)| {
                sql.word(if parameter.is_variadic { "VARIADIC " } else { "" });
                sql.ident(&column.name).word(" := ").column(&place, &column.name);
            });
        })
    }

    /// The body is the argument, in the form that its type has.
    fn whole(&mut self, body: &Bytes, data_type: &str) {
        match data_type {
            "bytea" => self.value(Param::Bytes(body.clone())),
            "json" | "jsonb" => self.value(Param::Json(body.clone())).word("::").catalog(data_type),
            _ => {
                let text = String::from_utf8_lossy(body).into_owned();
                self.unknown(text).word("::").catalog(data_type)
            }
        };
    }
}

fn is_scalar(plan: &CallPlan) -> bool {
    plan.routine.returns_scalar() || plan.routine.returns_set_of_scalar()
}

fn member(parameter: &Parameter) -> Column {
    let name = parameter.name.as_ref().map_or("", catalog::Ident::as_str);
    Column { type_name: Some(parameter.unbounded_type.clone()), ..Column::unknown(name, &[]) }
}
