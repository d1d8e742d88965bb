//! The steps that make these tables, for databases that get a copy of them.

use crate::{MIGRATIONS, Store, StoreError};

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnStep {
    pub version: i64,
    pub description: &'static str,
    pub sql: &'static str,
    pub checksum: &'static [u8],
}

/// Every step, in order.
pub fn own_steps() -> Vec<OwnStep> {
    let steps = MIGRATIONS.iter().filter(|step| !step.migration_type.is_down_migration());
    let steps = steps.map(|step| OwnStep {
        version: step.version,
        description: &step.description,
        sql: step.sql.as_str(),
        checksum: &step.checksum,
    });
    steps.collect()
}

/// The tables that are there once all steps were taken, in the order in which they are made.
pub fn own_tables() -> Vec<&'static str> {
    let mut tables: Vec<&str> = Vec::new();
    for line in own_steps().iter().flat_map(|step| step.sql.lines()) {
        let line = line.trim().trim_end_matches(';');
        let name = |rest: &'static str| rest.split(|c: char| c == '(' || c.is_whitespace()).next();
        if let Some(made) = line.strip_prefix("create table ") {
            let made = made.strip_prefix("if not exists ").unwrap_or(made);
            tables.extend(name(made));
        } else if let Some(dropped) = line.strip_prefix("drop table ").and_then(name) {
            tables.retain(|table| *table != dropped);
        }
    }
    tables
}

impl Store {
    /// The steps that were taken here so far; none in an empty database.
    pub async fn steps_taken(&self) -> Result<Vec<i64>, StoreError> {
        let is_there: bool =
            sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
                .fetch_one(&self.pool)
                .await?;
        if !is_there {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_scalar("select version from _sqlx_migrations where success")
            .fetch_all(&self.pool)
            .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_from_the_steps_themselves() {
        let tables = own_tables();
        for wanted in ["athena_clients", "api_keys", "management_audit", "admin_audit"] {
            assert!(tables.contains(&wanted), "{wanted} is not in {tables:?}");
        }
        let steps = own_steps();
        assert!(steps.windows(2).all(|two| two[0].version < two[1].version));
    }
}
