//! What any backend must do, whatever stands behind it.
//!
//! A backend's tests make a [`Subject`] with the tables of [`TABLES`] in it, however its dialect
//! spells them, and say `test_support::backend_contract!(subject);`: one test for each rule.

pub mod change;
pub mod read;
pub mod script;
pub mod stream;
pub mod transact;

use auth::Permit;
use backend::{Backend, BackendError, Outcome};
use bytes::BytesMut;
use catalog::SchemaCache;
use query::{
    Operation, Plan, Statement,
    plan::PlanLimits,
    request::{self, ParseOptions},
};
use serde_json::Value;
use std::{any::Any, sync::Arc, time::Duration};

/// The tables every rule expects, in SQL that most dialects understand.
pub const TABLES: &str = "
    CREATE TABLE notes (
        id integer PRIMARY KEY,
        body text NOT NULL UNIQUE,
        stars integer CHECK (stars >= 0),
        done boolean NOT NULL DEFAULT false
    );
    CREATE TABLE lines (
        id integer PRIMARY KEY,
        note_id integer NOT NULL REFERENCES notes (id)
    );
";

pub const PATIENCE: Duration = Duration::from_secs(20);
const LIMITS: PlanLimits = PlanLimits { max_rows: 100_000 };

/// A backend on empty tables of its own.
pub struct Subject {
    pub backend: Arc<dyn Backend>,
    /// Whatever must live as long.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl Subject {
    pub async fn schema(&self) -> SchemaCache {
        self.backend.introspect().await.expect("the catalog can be read")
    }

    pub async fn statement(&self, operation: Operation, body: &Value) -> Statement {
        let body = body.to_string();
        let request = request::parse(operation, body.as_bytes(), &ParseOptions::default());
        let request = request.expect("the contract's requests are well formed");
        let plan = Plan::resolve(request, &self.schema().await, LIMITS);
        let plan = plan.expect("the contract's requests name what exists");
        self.backend.render(&plan).expect("the plan can be said")
    }

    /// The rows and what goes with them.
    pub async fn run(
        &self,
        operation: Operation,
        body: Value,
    ) -> Result<(Value, Outcome), BackendError> {
        let statement = self.statement(operation, &body).await;
        let mut out = BytesMut::new();
        let permit = Permit::system();
        let outcome = self.backend.execute(&permit, &statement, PATIENCE, &mut out).await?;
        Ok((json(&out), outcome))
    }

    pub async fn fetch(&self, body: Value) -> Value {
        self.run(Operation::Fetch, body).await.expect("the read succeeds").0
    }

    pub async fn insert(&self, body: Value) -> Value {
        self.run(Operation::Insert, body).await.expect("the insert succeeds").0
    }

    /// Notes 1 to `count`, each with as many stars, every second one done.
    pub async fn fill(&self, count: i64) {
        for first in (1..=count).step_by(1_000) {
            let last = count.min(first + 999);
            let rows = (first..=last).map(|id| {
                let body = format!("note {id}");
                serde_json::json!({"id": id, "body": body, "stars": id, "done": id % 2 == 0})
            });
            let rows: Vec<_> = rows.collect();
            let body = serde_json::json!({"table_name": "notes", "columns": ["id"], "data": rows});
            self.insert(body).await;
        }
    }
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("an answer is JSON")
}

/// One test for each rule, on a subject that the function named here makes.
#[macro_export]
macro_rules! backend_contract {
    ($subject:path) => {
        $crate::backend_contract!(@each $subject, read: the_catalog_has_tables_columns_and_keys
            rows_come_back_in_order_and_within_their_window every_condition_finds_its_rows
            a_count_ignores_the_window no_rows_are_an_empty_array
            a_statement_past_its_deadline_ends_and_the_next_one_runs
            it_answers_a_ping_until_it_is_closed);
        $crate::backend_contract!(@each $subject, change: what_is_written_comes_back
            an_upsert_keeps_or_replaces updates_and_deletes_say_what_they_touched
            a_bounded_change_touches_the_first_rows_alone
            what_breaks_a_rule_is_refused_by_its_kind);
        $crate::backend_contract!(@each $subject, stream: a_stream_has_the_same_rows_as_an_answer
            lines_are_one_object_each a_refusal_is_the_first_item a_dropped_stream_frees_its_place);
        $crate::backend_contract!(@each $subject, script: parameters_are_bound_by_their_types
            the_last_rows_are_the_answer a_script_is_all_or_nothing a_reader_changes_nothing
            rows_beyond_the_most_are_left_out columns_are_named_even_without_rows
            wrong_parameters_are_named);
        $crate::backend_contract!(@each $subject, transact: statements_take_effect_together
            one_refusal_undoes_them_all nothing_is_written_in_a_read_only_transaction);
    };
    (@each $subject:path, $part:ident: $($rule:ident)+) => {
        mod $part {
            $(
                #[tokio::test]
                async fn $rule() {
                    $crate::backend_contract::$part::$rule(&$subject().await).await;
                }
            )+
        }
    };
}
