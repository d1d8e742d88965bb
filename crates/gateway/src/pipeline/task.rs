//! One permitted statement with all it needs to run, so that it can go on without who asked for it.

use crate::{
    error::GatewayError,
    registry::Upstream,
    resilience::{Attempts, TurnedAway},
};
use auth::Permit;
use backend::{BackendError, Marks, Outcome};
use bytes::BytesMut;
use catalog::{SchemaCache, Table};
use query::{Operation, Plan, RenderError, Statement};
use std::{sync::Arc, time::Duration};

pub(super) struct Task {
    pub(super) upstream: Arc<Upstream>,
    /// What the plan was made by.
    pub(super) schema: Arc<SchemaCache>,
    pub(super) plan: Arc<Plan>,
    pub(super) permit: Arc<Permit>,
    pub(super) rows: Statement,
    pub(super) count: Option<Statement>,
    /// For all attempts together.
    pub(super) time: Duration,
}

impl Task {
    pub(super) fn render(
        (upstream, schema): (Arc<Upstream>, Arc<SchemaCache>),
        plan: Plan,
        permit: Permit,
        time: Duration,
    ) -> Result<Self, RenderError> {
        // A resource is asked of the table it stands for, and answered under its own names.
        let bound = plan.bound(&schema);
        let asked = bound.as_ref().unwrap_or(&plan);
        let rows = upstream.backend().render(asked)?;
        let count = upstream.backend().render_count(asked)?;
        let permit = Arc::new(permit);
        Ok(Self { upstream, schema, plan: Arc::new(plan), permit, rows, count, time })
    }

    /// The same with another statement for the rows, and without a count.
    pub(super) fn with_rows(&self, rows: Statement) -> Self {
        Self {
            upstream: Arc::clone(&self.upstream),
            schema: Arc::clone(&self.schema),
            plan: Arc::clone(&self.plan),
            permit: Arc::clone(&self.permit),
            rows,
            count: None,
            time: self.time,
        }
    }

    /// The table that is really there for a table of the plan.
    pub(super) fn stored<'a>(&'a self, table: &'a Arc<Table>) -> &'a Arc<Table> {
        self.schema.binding(&table.name).map_or(table, |binding| &binding.table)
    }

    /// Append the rows to `out`. Reads are tried again where that may help.
    pub(super) async fn run(&self, out: &mut BytesMut) -> Result<Outcome, GatewayError> {
        let mut attempts = Attempts::begin(&self.upstream, self.plan.access(), self.time)
            .map_err(|refused| self.turned_away(refused))?;
        let start = out.len();
        loop {
            out.truncate(start);
            let left = attempts.left();
            let rows = self.upstream.backend().execute(&self.permit, &self.rows, left, out);
            let result = match &self.count {
                Some(_) => tokio::try_join!(rows, self.counted(left)),
                None => rows.await.map(|outcome| (outcome, None)),
            };
            if let Some(result) = attempts.settle(result).await {
                let operation = Some(operation(&self.plan));
                let (outcome, count) =
                    result.map_err(|source| GatewayError::Backend { source, operation })?;
                return Ok(Outcome { count: count.or(outcome.count), ..outcome });
            }
        }
    }

    /// The same for a write, noted before it can be committed where somebody wants that.
    pub(super) async fn write(
        &self,
        marks: Option<&dyn Marks>,
        out: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let Some(marks) = marks else { return self.run(out).await };
        let mut attempts = Attempts::begin(&self.upstream, self.plan.access(), self.time)
            .map_err(|refused| self.turned_away(refused))?;
        let start = out.len();
        loop {
            out.truncate(start);
            let (backend, left) = (self.upstream.backend(), attempts.left());
            let ran = backend.execute_noted(&self.permit, &self.rows, marks, left, out).await;
            if let Some(result) = attempts.settle(ran).await {
                let operation = Some(operation(&self.plan));
                return result.map_err(|source| GatewayError::Backend { source, operation });
            }
        }
    }

    async fn counted(&self, left: Duration) -> Result<Option<u64>, BackendError> {
        match &self.count {
            Some(count) => self.upstream.backend().count(&self.permit, count, left).await.map(Some),
            None => Ok(None),
        }
    }

    fn turned_away(&self, refused: TurnedAway) -> GatewayError {
        GatewayError::turned_away(self.upstream.name(), refused)
    }
}

fn operation(plan: &Plan) -> Operation {
    match plan {
        Plan::Read(_) => Operation::Fetch,
        Plan::Insert(_) => Operation::Insert,
        Plan::Update(_) => Operation::Update,
        Plan::Delete(_) => Operation::Delete,
    }
}
