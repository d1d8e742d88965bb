//! The one statement of a request: one row of fixed columns, however many rows it is about.

use super::{Sql, Statement};
use crate::{
    plan::{DatabasePlan, Handler, Work},
    request::{
        Mutation,
        media::{MediaType, PlanOption, PlanType},
        prefer::{Count, Representation},
    },
    schema::Routine,
};

impl DatabasePlan {
    pub fn statement(&self) -> Statement {
        let mut sql = Sql::about(&self.bound);
        if let MediaType::Plan(plan) = &self.media {
            sql.explain(plan);
        }
        sql.word("WITH pgrst_source AS (");
        match &self.work {
            Work::Read { .. } => sql.read(&self.read),
            Work::Write { mutation, write } => sql.write(*mutation, write),
            Work::Call { plan, .. } => sql.call(plan),
        };
        sql.word(")");
        let counts_apart = self.counts_apart();
        if counts_apart {
            sql.word(", pgrst_source_count AS (").counted(&self.read);
            if let (Some(Count::Estimated), Some(max)) = (self.preferences.count, self.max_rows) {
                sql.word(" LIMIT ").unknown(max.saturating_add(1).to_string());
            }
            sql.word(")");
        }
        self.columns(&mut sql, counts_apart);
        self.rows(&mut sql);
        sql.finish()
    }

    fn columns(&self, sql: &mut Sql, counts_apart: bool) {
        let counts = self.preferences.counts() && !matches!(self.work, Work::Write { .. });
        // A single value that becomes the body as it is cannot stand beside an aggregate.
        let is_value = matches!(self.handler, Handler::Custom { .. })
            && self.routine().is_some_and(Routine::returns_scalar);
        let page = if is_value { "1::bigint" } else { "pg_catalog.count(_postgrest_t)" };
        sql.word(" SELECT ").word(match (counts, counts_apart) {
            (_, true) => "(SELECT pg_catalog.count(*) FROM pgrst_source_count)",
            (true, false) => page,
            (false, false) => "null::bigint",
        });
        sql.word(" AS total_result_set, ").word(page).word(" AS page_total, ");
        match &self.work {
            Work::Write { mutation: Mutation::Insert, write }
                if self.preferences.representation == Some(Representation::HeadersOnly) =>
            {
                sql.location(&write.primary_key);
            }
            _ => {
                sql.word("null::json");
            }
        }
        sql.word(" AS header, ").body(&self.handler, self.routine()).word(" AS body, ");
        sql.setting("response.headers").word(" AS response_headers, ");
        sql.setting("response.status").word(" AS response_status, ");
        sql.setting("pgrst.inserted").word(" AS response_inserted");
    }

    fn rows(&self, sql: &mut Sql) {
        sql.word(" FROM (");
        let is_shown = match &self.work {
            // The source has the shape of the answer already.
            Work::Read { .. } => false,
            Work::Write { .. } => self.preferences.representation == Some(Representation::Full),
            Work::Call { .. } => true,
        };
        if is_shown {
            sql.read(&self.read);
        } else {
            sql.word("SELECT * FROM pgrst_source");
        }
        sql.word(") _postgrest_t");
    }

    /// The page is not all: the rows have to be counted by a query of their own.
    fn counts_apart(&self) -> bool {
        let is_write = matches!(self.work, Work::Write { .. });
        self.preferences.counts() && !is_write && !self.read.range.is_all()
    }

    /// What the planner believes about the number of rows, where that was asked for.
    pub fn estimate(&self, total: Option<i64>) -> Option<Statement> {
        let Work::Read { .. } = self.work else { return None };
        let is_needed = match self.preferences.count {
            Some(Count::Planned) => true,
            Some(Count::Estimated) => {
                let max = self.max_rows.map(|max| i64::try_from(max).unwrap_or(i64::MAX));
                max.is_none_or(|max| total.is_some_and(|total| total > max))
            }
            Some(Count::Exact) | None => false,
        };
        is_needed.then(|| {
            let mut sql = Sql::about(&self.bound);
            sql.word("EXPLAIN (FORMAT JSON) ").counted(&self.read);
            sql.finish()
        })
    }
}

impl Sql {
    fn explain(&mut self, plan: &PlanType) {
        self.word(if plan.as_json { "EXPLAIN (FORMAT JSON" } else { "EXPLAIN (FORMAT TEXT" });
        for option in &plan.options {
            self.word(match option {
                PlanOption::Analyze => ", ANALYZE",
                PlanOption::Verbose => ", VERBOSE",
                PlanOption::Settings => ", SETTINGS",
                PlanOption::Buffers => ", BUFFERS",
                PlanOption::Wal => ", WAL",
            });
        }
        self.word(") ");
    }
}
