//! A read of one row, for many lists of values at once.

use super::{dialect, read, writer::Writer};
use crate::plan::{Plan, ReadPlan};
use crate::statement::{Param, SqlText};
use catalog::Ident;
use std::sync::Arc;

/// What the names of the lists begin with. A table of such a name would hide them, and where a column
/// of one was taken away since the schema was read, the list would stand in for it.
const OURS: &str = "athena_each";

/// `SELECT athena_each.athena_each, r.* FROM unnest($1::int8[]) WITH ORDINALITY AS athena_each
/// (athena_each1, athena_each), LATERAL (SELECT "name" FROM "t" WHERE "id" =
/// athena_each.athena_each1::int8 LIMIT 1) AS r`
pub(in crate::statement) fn render(plan: &Plan, params: &[Param]) -> Option<Arc<str>> {
    let Plan::Read(plan) = plan else { return None };
    let is_ours = |name: &Ident| name.as_str().starts_with(OURS);
    let has_ours = is_ours(&plan.table.name.name)
        || plan.table.columns.iter().any(|column| is_ours(&column.name));
    if params.is_empty() || !plan.names_one_row() || has_ours {
        return None;
    }
    let each = each(plan)?;
    let mut text = SqlText::default();
    text.syntax("SELECT athena_each.athena_each, r.* FROM unnest(");
    for (at, param) in params.iter().enumerate() {
        text.syntax(if at > 0 { ", " } else { "" }).bind("$", at + 1).syntax(array_of(param)?);
    }
    text.syntax(") WITH ORDINALITY AS athena_each (");
    for at in 1..=params.len() {
        text.bind(OURS, at).syntax(", ");
    }
    text.syntax("athena_each), LATERAL (").all_of(&each).syntax(") AS r");
    Some(text.into())
}

fn each(plan: &ReadPlan) -> Option<SqlText> {
    let writer = Writer::new(&dialect::Postgres, &plan.table.name);
    let mut sql = writer.with_columns_for_values("athena_each.athena_each");
    read(&mut sql, plan).ok()?;
    sql.into_text()
}

/// A null has no type that an array could be of.
fn array_of(param: &Param) -> Option<&'static str> {
    Some(match param {
        Param::Null => return None,
        Param::Bool(_) => "::bool[]",
        Param::Int2(_) => "::int2[]",
        Param::Int4(_) => "::int4[]",
        Param::Int8(_) => "::int8[]",
        Param::Float8(_) => "::float8[]",
        Param::Uuid(_) => "::uuid[]",
        Param::Text(_) => "::text[]",
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        Operation, Statement,
        plan::{Plan, PlanLimits, samples},
        request::{self, ParseOptions},
    };

    fn gathered(conditions: &str, more: &str) -> Option<String> {
        gathered_of("things", "name", conditions, more)
    }

    fn gathered_of(table: &str, column: &str, conditions: &str, more: &str) -> Option<String> {
        let body = format!(
            r#"{{"table_name":"{table}","columns":["{column}"],"conditions":[{conditions}]{more}}}"#
        );
        let options = ParseOptions::default();
        let request = request::parse(Operation::Fetch, body.as_bytes(), &options).unwrap();
        let limits = PlanLimits { max_rows: 1_000 };
        let plan = Plan::resolve(request, &samples::cache(), limits).unwrap();
        let statement = Statement::postgres(&plan).unwrap();
        statement.postgres_gathered(&plan).map(|text| text.to_string())
    }

    #[test]
    fn values_come_as_one_list_for_each_parameter_and_rows_say_whose_they_are() {
        let id = r#"{"operator":"eq","column":"id","value":7}"#;
        let text = gathered(id, r#","limit":1"#).unwrap();
        let expected = r#"SELECT athena_each.athena_each, r.* FROM unnest($1::int8[]) WITH ORDINALITY AS athena_each (athena_each1, athena_each), LATERAL (SELECT "name" FROM "public"."things" WHERE "id" = athena_each.athena_each1::int8 LIMIT 1) AS r"#;
        assert_eq!(text, expected);
        let name = r#"{"operator":"like","column":"name","value":"a%"}"#;
        let text = gathered(&format!("{id},{name}"), "").unwrap();
        assert!(text.contains("unnest($1::int8[], $2::text[])"), "{text}");
        assert!(
            text.contains("AS athena_each (athena_each1, athena_each2, athena_each)"),
            "{text}"
        );
        assert!(text.contains(r#""name" LIKE athena_each.athena_each2::text"#), "{text}");
    }

    #[test]
    fn only_a_row_that_a_key_names_is_read_with_others() {
        let id = r#"{"operator":"eq","column":"id","value":7}"#;
        let name = r#"{"operator":"eq","column":"name","value":"a"}"#;
        for (conditions, more) in [
            (name, ""),
            (r#"{"operator":"gt","column":"id","value":7}"#, ""),
            (r#"{"operator":"in","column":"id","value":[7,8]}"#, ""),
            (id, r#","offset":1"#),
            (id, r#","count":"exact""#),
        ] {
            assert_eq!(gathered(conditions, more), None, "{conditions} {more}");
        }
    }

    #[test]
    fn a_key_of_two_columns_names_a_row_by_both() {
        let (a, b) = (
            r#"{"operator":"eq","column":"a","value":1}"#,
            r#"{"operator":"eq","column":"b","value":2}"#,
        );
        assert!(gathered_of("pairs", "a", &format!("{a},{b}"), "").is_some());
        assert_eq!(gathered_of("pairs", "a", a, ""), None);
        assert_eq!(gathered_of("keyless", "a", a, ""), None);
    }
}
