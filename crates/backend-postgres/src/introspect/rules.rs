//! What rows must keep to, asked for only when somebody wants to see it.

use super::{all, assemble::qualified};
use backend::{RuleKind, TableRule};
use futures_util::future::BoxFuture;
use sqlx::{FromRow, PgConnection};

#[derive(FromRow)]
struct RuleRow {
    schema: String,
    relation: String,
    name: String,
    kind: String,
    columns: Vec<String>,
    definition: String,
}

pub(super) fn read(connection: &mut PgConnection) -> BoxFuture<'_, sqlx::Result<Vec<TableRule>>> {
    Box::pin(async move {
        let rows: Vec<RuleRow> = all(connection, include_str!("rules.sql")).await?;
        Ok(rows.into_iter().filter_map(rule).collect())
    })
}

fn rule(row: RuleRow) -> Option<TableRule> {
    let RuleRow { schema, relation, name, kind, columns, definition } = row;
    let kind = match kind.as_str() {
        "c" => RuleKind::Check,
        "p" => RuleKind::PrimaryKey,
        "x" => RuleKind::Exclusion,
        _ => return None,
    };
    Some(TableRule { table: qualified(&schema, &relation)?, name, kind, columns, definition })
}
