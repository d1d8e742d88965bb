//! The tables that are seen of a remote database.

use super::{External, ExternalError};
use crate::error::GatewayError;
use federation::SnapshotTable;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteTable {
    pub schema: String,
    pub name: String,
    pub kind: String,
    pub column_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_count_estimate: Option<i64>,
}

impl External<'_> {
    /// Of all allowed schemas, or of one of them.
    pub async fn tables(
        &self,
        client: &str,
        schema: Option<&str>,
    ) -> Result<Vec<RemoteTable>, GatewayError> {
        let upstream = self.upstream(client).await?;
        if let Some(schema) = schema
            && upstream.terms().is_some_and(|terms| !terms.allows_schema(schema))
        {
            return Err(ExternalError::SchemaNotAllowed { schema: shown(schema) }.into());
        }
        let cache = self.look(&upstream).await?;
        let tables = super::remote::seen(&upstream, &cache);
        let tables =
            tables.filter(|table| schema.is_none_or(|one| table.name.schema.as_str() == one));
        Ok(tables.map(|table| RemoteTable::of(SnapshotTable::of(table))).collect())
    }
}

impl RemoteTable {
    fn of(table: SnapshotTable) -> Self {
        Self {
            schema: table.remote_schema,
            name: table.remote_name,
            kind: table.kind,
            column_count: table.columns.len(),
            row_count_estimate: table.row_count_estimate,
        }
    }
}

/// Enough of what was typed to recognise it by.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
