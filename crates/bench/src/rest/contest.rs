//! Three sides in turns: the gateway, the bare handler, and the one that sends a transaction whole.

use super::{BULK_ROWS, Question};
use crate::contest::{
    Pace, Side, http,
    load::Wrk,
    process::Cpu,
    report::{Bar, verdict_of},
    rounds::Measured,
    scenario::Door,
    template::Template,
};
use anyhow::{Context, ensure};
use serde_json::Value;
use tokio_postgres::Client;

/// How many different requests are compared before anything is timed.
const TURNS: u64 = 4;
/// Seconds before the first round that are not counted.
const WARM_UP: u64 = 2;
const CONNECTIONS: [usize; 2] = [32, 1];
const BAR: Bar = Bar::AtLeast(0.85);

const HEAD: &str = "\
| scenario | Athena | bare handler | ratio | bar | | pipelined | ratio | CPU s per 1,000, server + database: Athena | bare handler | pipelined |
|---|---|---|---|---|---|---|---|---|---|---|";

pub type Rounds = [Measured; 3];

pub struct Contest {
    pub sides: [Side; 3],
    pub door: Door,
    pub wrk: Wrk,
    pub pace: Pace,
    pub database: Client,
}

impl Contest {
    /// True when every bar was met.
    pub async fn run(&self, only: Option<Question>) -> anyhow::Result<bool> {
        self.keys_are_enforced().await?;
        println!("{HEAD}");
        let (mut judged, mut missed) = (0, 0);
        for question in Question::ALL.into_iter().filter(|one| only.is_none_or(|it| it == *one)) {
            eprintln!("{}", question.title());
            let requests = self.requests(question);
            self.compare(question, &requests).await?;
            for connections in CONNECTIONS {
                let measured = self.rounds(question, &requests, connections).await?;
                judged += 1;
                missed += usize::from(!BAR.is_met(ratio(&measured)));
                println!("{}", line(question, connections, &measured));
            }
            self.compare(question, &requests).await.context("after the load")?;
        }
        println!("\n{} of {judged} bars met", judged - missed);
        Ok(missed == 0)
    }

    fn requests(&self, question: Question) -> [Template; 3] {
        [
            question.of_gateway(&self.door),
            question.of_handler("sessions"),
            question.of_handler("pipelined"),
        ]
    }

    async fn keys_are_enforced(&self) -> anyhow::Result<()> {
        let door = Door { client: self.door.client.clone(), key: String::new() };
        let request = Question::Point.of_gateway(&door).filled(0);
        let answer = http::ask(self.sides[0].port, &request).await?;
        ensure!(answer.status == 401, "without a key the answer was {}, not 401", answer.status);
        Ok(())
    }

    /// A fast wrong answer is worth nothing.
    async fn compare(&self, question: Question, requests: &[Template; 3]) -> anyhow::Result<()> {
        for turn in 0..TURNS {
            let mut answers = Vec::with_capacity(requests.len());
            for (side, request) in self.sides.iter().zip(requests) {
                let answer = self.answer(question, side, &request.filled(turn)).await;
                answers
                    .push(answer.with_context(|| {
                        format!("{} as {} sees it", question.name(), side.name)
                    })?);
            }
            let differs = answers.iter().any(|answer| *answer != answers[0]);
            ensure!(!differs, "{}: the answers differ: {answers:?}", question.name());
        }
        Ok(())
    }

    /// The rows that are answered, or what an insert left behind.
    async fn answer(
        &self,
        question: Question,
        side: &Side,
        request: &str,
    ) -> anyhow::Result<Value> {
        if question == Question::Bulk {
            self.empty().await?;
            let answer = http::ask(side.port, request).await?;
            ensure!(answer.status == 201 && answer.body.is_empty(), "{answer:?}");
            return self.inserted().await;
        }
        let answer = http::ask(side.port, request).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "answered {}: {text:.500}", answer.status);
        let rows: Vec<Value> = serde_json::from_slice(&answer.body)?;
        ensure!(rows.len() == question.rows(), "{} rows, not {}", rows.len(), question.rows());
        Ok(rows.into())
    }

    async fn rounds(
        &self,
        question: Question,
        requests: &[Template; 3],
        connections: usize,
    ) -> anyhow::Result<Rounds> {
        for (side, request) in self.sides.iter().zip(requests) {
            self.wrk.run(side.port, request, connections, WARM_UP).await?;
        }
        let mut measured = Rounds::default();
        for _ in 0..self.pace.rounds {
            for ((side, request), measured) in self.sides.iter().zip(requests).zip(&mut measured) {
                if question == Question::Bulk {
                    self.empty().await?;
                }
                let seconds = self.pace.seconds;
                let load = measured.measure(&self.wrk, side, request, connections, seconds).await?;
                if question == Question::Bulk {
                    let count = self.count().await?;
                    let least = load.requests * BULK_ROWS;
                    ensure!(count >= least, "{}: {count} rows of {least} came to be", side.name);
                }
            }
        }
        Ok(measured)
    }

    async fn empty(&self) -> anyhow::Result<()> {
        Ok(self.database.batch_execute("TRUNCATE bench_bulk RESTART IDENTITY").await?)
    }

    async fn count(&self) -> anyhow::Result<u64> {
        let row = self.database.query_one("SELECT count(*) FROM bench_bulk", &[]).await?;
        Ok(u64::try_from(row.get::<_, i64>(0))?)
    }

    async fn inserted(&self) -> anyhow::Result<Value> {
        let sql = "SELECT coalesce(json_agg(t ORDER BY id), '[]')::text FROM bench_bulk t";
        let row = self.database.query_one(sql, &[]).await?;
        let rows: Vec<Value> = serde_json::from_str(row.get(0))?;
        ensure!(rows.len() as u64 == BULK_ROWS, "{} rows are there", rows.len());
        Ok(rows.into())
    }
}

/// Athena's requests a second over the bare handler's.
fn ratio([ours, bare, _]: &Rounds) -> f64 {
    ours.rate() / bare.rate()
}

fn line(question: Question, connections: usize, rounds: &Rounds) -> String {
    let [ours, bare, pipelined] = rounds.each_ref().map(Measured::rate);
    let [a, b, c] = rounds.each_ref().map(|side| {
        let Cpu { server, database } = side.cpu_per_thousand();
        format!("{server:.3} + {database:.3}")
    });
    let (bar, verdict) = verdict_of(ratio(rounds), BAR);
    let plural = if connections == 1 { "" } else { "s" };
    format!(
        "| {}, {connections} connection{plural} | {ours:.0}/s | {bare:.0}/s | {:.2} | {bar} | {verdict} | {pipelined:.0}/s | {:.2} | {a} | {b} | {c} |",
        question.title(),
        ours / bare,
        ours / pipelined,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_columns_of_the_head_and_no_bar_is_met_by_nothing() {
        let rounds = Rounds::default();
        let shown = line(Question::Point, 1, &rounds);
        let columns = |line: &str| line.matches('|').count();
        assert!(HEAD.lines().all(|line| columns(line) == columns(&shown)), "{shown}");
        assert!(shown.contains("**not met**") && !BAR.is_met(ratio(&rounds)), "{shown}");
    }
}
