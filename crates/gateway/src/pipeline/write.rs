//! A write: announced to the kept answers before it runs, and told to them before it is answered.

use super::{observed::Journey, read::build, task::Task};
use crate::{Gateway, answers, error::GatewayError, timings::Stage};
use backend::Outcome;
use bytes::BytesMut;
use query::{ApiResponse, response};
use std::time::Duration;

/// Whether rows of others may be written by the same statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Company {
    None,
    /// Those that come within this time, or within that of the settings.
    Within(Option<Duration>),
}

impl Gateway {
    pub(super) async fn write(
        &self,
        journey: &mut Journey,
        task: Task,
        insert_window: Option<Duration>,
    ) -> Result<ApiResponse, GatewayError> {
        let mut body = response::open(&task.plan);
        let outcome =
            self.change(journey, &task, Company::Within(insert_window), &mut body).await?;
        let request_id = journey.trace().request_id.as_str();
        let built = build(&task.plan, outcome, body, request_id)?;
        journey.finish(Stage::Build);
        Ok(built)
    }

    pub(super) async fn change(
        &self,
        journey: &mut Journey,
        task: &Task,
        company: Company,
        out: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let table = task.stored(task.plan.table());
        let client = journey.visitor().client();
        let cascades = task.upstream.cascades();
        let writing = self.answers().will_write(|| answers::write_scopes(client, table, &cascades));
        let result = self.done(journey, task, company, out).await;
        match &result {
            // What a view or a trigger did is not told by the rows that were written.
            Ok(outcome) if outcome.affected == 0 && cascades.contain(table) => {
                writing.unchanged();
            }
            Ok(_) => writing.written().await,
            Err(error) if error.surely_changed_nothing() => writing.unchanged(),
            // Dropped without a word, it counts as written.
            Err(_) => drop(writing),
        }
        journey.finish(Stage::Execute);
        let outcome = result?;
        journey.returned(outcome.returned);
        Ok(outcome)
    }

    async fn done(
        &self,
        journey: &Journey,
        task: &Task,
        company: Company,
        out: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        if let Company::Within(asked) = company
            && let Some(result) = self.together().write(journey, task, asked, out).await
        {
            return result;
        }
        task.write(journey.visitor().marks(), out).await
    }
}
