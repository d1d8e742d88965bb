//! Both sides under load in turns, and the middle of what was measured.

use super::{
    Pace, Side,
    load::{Load, Pgbench, Wrk},
    process::{Cpu, cpu_of},
    scenario::Scenario,
    template::Template,
};
use crate::median;
use anyhow::ensure;
use tokio_postgres::Client;

/// Seconds before the first round that are not counted: plans, buffers and caches fill.
const WARM_UP: u64 = 1;

/// What one side did in all rounds of one scenario.
#[derive(Default)]
pub struct Measured {
    loads: Vec<Load>,
    cpu: Cpu,
}

impl Measured {
    pub fn rate(&self) -> f64 {
        median(self.loads.iter().map(|load| load.rate).collect())
    }

    pub fn p99(&self) -> f64 {
        median(self.loads.iter().map(|load| load.p99).collect())
    }

    /// CPU seconds for a thousand requests.
    pub fn cpu_per_thousand(&self) -> Cpu {
        let thousands = self.loads.iter().map(|load| load.requests as f64).sum::<f64>() / 1000.0;
        Cpu { server: self.cpu.server / thousands, database: self.cpu.database / thousands }
    }

    pub async fn measure(
        &mut self,
        wrk: &Wrk,
        side: &Side,
        request: &Template,
        connections: usize,
        seconds: u64,
    ) -> anyhow::Result<Load> {
        let before = cpu_of(side)?;
        let load = wrk.run(side.port, request, connections, seconds).await?;
        self.cpu = self.cpu + (cpu_of(side)? - before);
        self.loads.push(load);
        Ok(load)
    }
}

/// Athena, the bare handler, and that handler on Athena's driver.
pub struct Contest {
    pub sides: [Measured; 2],
    pub driver: Option<Measured>,
}

/// What the rounds need besides the scenario.
pub struct Ground {
    pub sides: [Side; 2],
    pub wrk: Wrk,
    pub pace: Pace,
    /// For counting what was written.
    pub database: Client,
    pub pgbench: Pgbench,
}

impl Ground {
    /// One scenario at so many connections: A B A B …
    pub async fn contest(
        &self,
        scenario: &Scenario,
        connections: usize,
    ) -> anyhow::Result<Contest> {
        let [gateway, limit] = &self.sides;
        let mut turns = vec![(gateway, &scenario.gateway), (limit, &scenario.limit)];
        turns.extend(scenario.driver.as_ref().map(|request| (limit, request)));
        for (side, request) in &turns {
            self.wrk.run(side.port, request, connections, WARM_UP).await?;
        }
        let mut measured: Vec<Measured> = turns.iter().map(|_| Measured::default()).collect();
        for _ in 0..self.pace.rounds {
            for ((side, request), measured) in turns.iter().zip(&mut measured) {
                let before = self.count(scenario).await?;
                let seconds = self.pace.seconds;
                let load = measured.measure(&self.wrk, side, request, connections, seconds).await?;
                let grown = self.count(scenario).await? - before;
                ensure!(
                    scenario.grows.is_none() || grown >= load.requests,
                    "{}: {} inserts were answered well and {grown} rows came to be",
                    side.name,
                    load.requests,
                );
            }
        }
        let driver = if measured.len() > 2 { measured.pop() } else { None };
        let sides = <[Measured; 2]>::try_from(measured);
        let sides = sides.map_err(|_others| anyhow::anyhow!("there are two sides"))?;
        Ok(Contest { sides, driver })
    }

    pub async fn pgbench(&self, connections: usize) -> anyhow::Result<f64> {
        let mut rates = Vec::new();
        for _ in 0..self.pace.rounds {
            rates.push(self.pgbench.run(connections, self.pace.seconds).await?);
        }
        Ok(median(rates))
    }

    async fn count(&self, scenario: &Scenario) -> anyhow::Result<u64> {
        // The name is one of ours.
        let Some(table) = scenario.grows else { return Ok(0) };
        let sql = format!("SELECT count(*) FROM {table}");
        let counted: i64 = self.database.query_one(&sql, &[]).await?.get(0);
        Ok(u64::try_from(counted)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_shared_out_over_every_request_of_every_round() {
        let load = |rate, requests| Load { rate, requests, p99: 1.0 };
        let measured = Measured {
            loads: vec![load(10.0, 3_000), load(30.0, 1_000), load(20.0, 4_000)],
            cpu: Cpu { server: 4.0, database: 8.0 },
        };
        assert_eq!(measured.rate(), 20.0);
        assert_eq!(measured.cpu_per_thousand(), Cpu { server: 0.5, database: 1.0 });
    }
}
