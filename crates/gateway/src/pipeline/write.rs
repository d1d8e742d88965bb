//! A write: announced to the kept answers before it runs, and told to them before it is answered.

use super::{observed::Journey, read::build, task::Task};
use crate::{Gateway, answers, error::GatewayError, timings::Stage};
use backend::Outcome;
use bytes::BytesMut;
use query::{ApiResponse, response};

impl Gateway {
    pub(super) async fn write(
        &self,
        journey: &mut Journey,
        task: Task,
    ) -> Result<ApiResponse, GatewayError> {
        let mut body = response::open(&task.plan);
        let outcome = self.change(journey, &task, &mut body).await?;
        let request_id = journey.trace().request_id.as_str();
        let built = build(&task.plan, outcome, body, request_id)?;
        journey.finish(Stage::Build);
        Ok(built)
    }

    pub(super) async fn change(
        &self,
        journey: &mut Journey,
        task: &Task,
        out: &mut BytesMut,
    ) -> Result<Outcome, GatewayError> {
        let table = task.stored(task.plan.table());
        let client = journey.visitor().client();
        let cascades = task.upstream.cascades();
        let writing = self.answers().will_write(|| answers::write_scopes(client, table, &cascades));
        let result = task.write(journey.visitor().marks(), out).await;
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
}
