//! One program with everything on that watches over requests, against the same one with all of it off.

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

/// How many different requests are compared before and after anything is timed.
const TURNS: u64 = 4;
/// Seconds before the first round that are not counted.
const WARM_UP: u64 = 2;
const CONNECTIONS: [usize; 2] = [32, 1];
const BAR: Bar = Bar::AtLeast(0.9);

const HEAD: &str = "\
| `/gateway/fetch` | all on | all off | ratio | bar | | CPU s per 1,000, server + databases: all on | all off |
|---|---|---|---|---|---|---|---|";

pub struct Control {
    /// With everything on, and with all of it off.
    pub sides: [Side; 2],
    pub door: Door,
    pub wrk: Wrk,
    pub pace: Pace,
}

/// Whether every bar was met, and how many requests the side with everything on has answered.
pub struct Told {
    pub is_met: bool,
    pub answered: u64,
}

impl Control {
    pub async fn run(&self) -> anyhow::Result<Told> {
        self.doors_are_as_they_should_be().await?;
        self.compare().await?;
        println!("{HEAD}");
        let mut told = Told { is_met: true, answered: 0 };
        for asked in self.asked() {
            for connections in CONNECTIONS {
                let (measured, answered) = self.rounds(&asked, connections).await?;
                told.answered += answered;
                told.is_met &= BAR.is_met(ratio(&measured));
                println!("{}", line(asked.title, connections, &measured));
            }
        }
        self.compare().await.context("after the load")?;
        Ok(told)
    }

    /// A key is demanded on one side, and on the other none is.
    async fn doors_are_as_they_should_be(&self) -> anyhow::Result<()> {
        let nobody = Door { client: self.door.client.clone(), key: String::new() };
        let request = nobody.point().filled(0);
        for (side, expected) in self.sides.iter().zip([401, 200]) {
            let status = http::ask(side.port, &request).await?.status;
            ensure!(status == expected, "{}: without a key the answer was {status}", side.name);
        }
        Ok(())
    }

    /// The cheapest request there is, beside which watching shows most, and one as consoles send it.
    fn asked(&self) -> [Asked; 2] {
        [
            Asked { title: "one row by a random key", rows: 1, request: self.door.point() },
            Asked {
                title: "50 rows, filtered and sorted, random offset",
                rows: 50,
                request: self.door.page(),
            },
        ]
    }

    async fn compare(&self) -> anyhow::Result<()> {
        for asked in self.asked() {
            for turn in 0..TURNS {
                let request = asked.request.filled(turn);
                let [on, off] = [&self.sides[0], &self.sides[1]];
                let ours = rows(on, &request, asked.rows).await?;
                let theirs = rows(off, &request, asked.rows).await?;
                ensure!(ours == theirs, "the answers differ: {ours} and {theirs}");
            }
        }
        Ok(())
    }

    async fn rounds(
        &self,
        asked: &Asked,
        connections: usize,
    ) -> anyhow::Result<([Measured; 2], u64)> {
        let (request, mut answered) = (&asked.request, 0);
        for (at, side) in self.sides.iter().enumerate() {
            let load = self.wrk.run(side.port, request, connections, WARM_UP).await?;
            answered += if at == 0 { load.requests } else { 0 };
        }
        let mut measured = <[Measured; 2]>::default();
        for _ in 0..self.pace.rounds {
            for (at, (side, measured)) in self.sides.iter().zip(&mut measured).enumerate() {
                let seconds = self.pace.seconds;
                let load = measured.measure(&self.wrk, side, request, connections, seconds).await?;
                answered += if at == 0 { load.requests } else { 0 };
            }
        }
        Ok((measured, answered))
    }
}

/// What is asked of both sides.
struct Asked {
    title: &'static str,
    rows: usize,
    request: Template,
}

/// The rows of an answer.
async fn rows(side: &Side, request: &str, count: usize) -> anyhow::Result<Value> {
    let answer = http::ask(side.port, request).await?;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == 200, "{} answered {}: {text:.500}", side.name, answer.status);
    let mut body: Value = serde_json::from_slice(&answer.body)?;
    let rows = body["data"].take();
    let has_all = rows.as_array().is_some_and(|rows| rows.len() == count);
    ensure!(has_all, "not {count} rows: {text:.500}");
    Ok(rows)
}

fn ratio([on, off]: &[Measured; 2]) -> f64 {
    on.rate() / off.rate()
}

fn line(title: &str, connections: usize, both: &[Measured; 2]) -> String {
    let [on, off] = both.each_ref().map(Measured::rate);
    let [a, b] = both.each_ref().map(|side| {
        let Cpu { server, database } = side.cpu_per_thousand();
        format!("{server:.3} + {database:.3}")
    });
    let (bar, verdict) = verdict_of(ratio(both), BAR);
    let plural = if connections == 1 { "" } else { "s" };
    format!(
        "| {title}, {connections} connection{plural} | {on:.0}/s | {off:.0}/s | {:.2} | {bar} | {verdict} | {a} | {b} |",
        ratio(both)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_columns_of_the_head_and_no_bar_is_met_by_nothing() {
        let nothing = <[Measured; 2]>::default();
        let shown = line("a row", 1, &nothing);
        let columns = |line: &str| line.matches('|').count();
        assert!(HEAD.lines().all(|line| columns(line) == columns(&shown)), "{shown}");
        assert!(shown.contains("**not met**"), "{shown}");
    }
}
