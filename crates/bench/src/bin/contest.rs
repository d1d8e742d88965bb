//! Times a running Athena and a running `limit` against each other and prints one table.

use anyhow::{Context, ensure};
use bench::{
    arguments::Arguments,
    contest::{
        Pace, Side, check,
        crowd::Crowd,
        export,
        load::{Pgbench, Wrk},
        process::memory_of,
        report::{Bar, HEAD, Line, verdict},
        rounds::{Ground, Measured},
        scenario::{Door, Scenario, limit_export, limit_point, scenarios},
    },
    median,
};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_postgres::NoTls;

/// What takes part beside the scenarios of `wrk`.
const OTHERS: [&str; 3] = ["pgbench", "export", "crowd"];
const CONNECTIONS: [usize; 2] = [32, 1];
const IDLE: usize = 5_000;
const ACTIVE: usize = 200;
/// Slow readings of the export; they take long and only their memory is looked at.
const SLOW_READINGS: usize = 1;

struct Contest {
    ground: Ground,
    door: Door,
    only: Option<String>,
    rows: u64,
    lines: Vec<Line>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut ended = signal(SignalKind::terminate())?;
    tokio::select! {
        result = run() => result,
        // What it started ends with it.
        _ = ended.recv() => Ok(ExitCode::FAILURE),
    }
}

async fn run() -> anyhow::Result<ExitCode> {
    let mut contest = Contest::prepare().await?;
    println!("{HEAD}");
    contest.idle_memory()?;
    for scenario in scenarios(&contest.door) {
        if contest.takes(scenario.name) {
            contest.requests(&scenario).await?;
        }
        if scenario.name == "point" && contest.takes("pgbench") {
            contest.pgbench().await?;
        }
    }
    if contest.takes("export") {
        contest.export().await?;
    }
    if contest.takes("crowd") {
        contest.crowd().await?;
    }
    let (judged, missed) = verdict(&contest.lines);
    println!("\n{} of {judged} bars met", judged - missed);
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Contest {
    async fn prepare() -> anyhow::Result<Self> {
        let arguments = Arguments::read(&[
            "uri",
            "client",
            "key-file",
            "gateway-port",
            "gateway-pid",
            "gateway-postmasters",
            "limit-port",
            "limit-pid",
            "limit-postmasters",
            "pgbench",
            "script",
            "folder",
            "rounds",
            "seconds",
            "only",
            "table",
        ])?;
        let side = |name, word: &str| -> anyhow::Result<Side> {
            Ok(Side {
                name,
                port: arguments.required_number(&format!("{word}-port"))?,
                pid: arguments.required_number(&format!("{word}-pid"))?,
                postmasters: arguments.numbers(&format!("{word}-postmasters"))?,
            })
        };
        let sides = [side("Athena", "gateway")?, side("the bare handler", "limit")?];
        let key = std::fs::read_to_string(arguments.required("key-file")?)?.trim().to_owned();
        ensure!(!key.is_empty(), "the file of the key is empty");
        let door = Door { client: arguments.required("client")?.to_owned(), key };
        let only = arguments.optional("only").map(str::to_owned);
        check_name(only.as_deref(), &door)?;
        check::keys_are_enforced(&sides[0], &door.client).await?;
        let uri = arguments.required("uri")?;
        let (database, connection) = tokio_postgres::connect(uri, NoTls).await?;
        tokio::spawn(connection);
        let pace = Pace {
            rounds: arguments.number("rounds", 5)?,
            seconds: arguments.number("seconds", 3)?,
        };
        ensure!(pace.rounds > 0 && pace.seconds > 0, "at least one round of one second");
        let wrk = Wrk {
            script: arguments.required("script")?.into(),
            folder: arguments.required("folder")?.into(),
        };
        let pgbench =
            Pgbench { program: arguments.required("pgbench")?.into(), uri: uri.to_owned() };
        let ground = Ground { sides, wrk, pace, database, pgbench };
        let rows = arguments.number("table", 1_000_000)?;
        Ok(Self { ground, door, only, rows, lines: Vec::new() })
    }

    fn takes(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }

    /// Shown at once: a run that fails late has still measured something.
    fn push(&mut self, line: Line) {
        println!("{}", line.shown());
        self.lines.push(line);
    }

    fn idle_memory(&mut self) -> anyhow::Result<()> {
        let [ours, theirs] =
            [memory_of(self.ground.sides[0].pid)?, memory_of(self.ground.sides[1].pid)?];
        self.push(Line {
            title: "idle memory".to_owned(),
            gateway: format!("{ours:.0} MB"),
            limit: format!("{theirs:.0} MB"),
            judged: Some((ours, Bar::Below(60.0, " MB"))),
            ratio: None,
            cpu: None,
            driver: None,
        });
        Ok(())
    }

    async fn requests(&mut self, scenario: &Scenario) -> anyhow::Result<()> {
        eprintln!("{}", scenario.title);
        check::same_rows(&self.ground.sides, scenario).await?;
        for connections in CONNECTIONS {
            let measured = self.ground.contest(scenario, connections).await?;
            let [ours, theirs] = measured.sides.each_ref().map(Measured::rate);
            self.push(Line {
                title: format!(
                    "{}, {connections} connection{}",
                    scenario.title,
                    plural(connections)
                ),
                gateway: format!("{ours:.0}/s"),
                limit: format!("{theirs:.0}/s"),
                judged: Some((ours / theirs, Bar::AtLeast(scenario.bar))),
                ratio: Some(ours / theirs),
                cpu: Some(measured.sides.each_ref().map(Measured::cpu_per_thousand)),
                driver: measured.driver.as_ref().map(|driver| driver.rate() / theirs),
            });
        }
        check::same_rows(&self.ground.sides, scenario).await.context("after the load")
    }

    /// For orientation: it answers no HTTP, and nothing is judged by it.
    async fn pgbench(&mut self) -> anyhow::Result<()> {
        eprintln!("pgbench");
        for connections in CONNECTIONS {
            let rate = self.ground.pgbench(connections).await?;
            self.push(Line {
                title: format!(
                    "`pgbench -S -M prepared`, {connections} connection{}",
                    plural(connections)
                ),
                gateway: String::new(),
                limit: format!("{rate:.0}/s"),
                judged: None,
                ratio: None,
                cpu: None,
                driver: None,
            });
        }
        Ok(())
    }

    async fn export(&mut self) -> anyhow::Result<()> {
        eprintln!("export of {} rows", self.rows);
        let requests = [self.door.export(self.rows), limit_export()];
        let [mut whole, mut first, mut growth] = [const { [Vec::new(), Vec::new()] }; 3];
        for _ in 0..SLOW_READINGS {
            let mut lines = Vec::new();
            for (at, side) in self.ground.sides.iter().enumerate() {
                let (export, seen) = export::slow(side, &requests[at], self.rows).await?;
                growth[at].push(export.growth);
                lines.push(parsed(&seen)?);
            }
            ensure!(lines[0] == lines[1], "the two exports have different rows");
        }
        for _ in 0..self.ground.pace.rounds {
            for (at, side) in self.ground.sides.iter().enumerate() {
                let export = export::timed(side, &requests[at], self.rows).await?;
                whole[at].push(export.whole.as_secs_f64());
                first[at].push(export.first_byte.as_secs_f64() * 1000.0);
                growth[at].push(export.growth);
            }
        }
        let ([whole, first], growth) =
            ([whole, first].map(|both| both.map(median)), growth.map(most));
        self.push_export("time", whole, " s", 2, (whole[1] / whole[0], Bar::AtLeast(0.80)));
        self.push_export("first byte", first, " ms", 1, (first[0], Bar::Below(50.0, " ms")));
        self.push_export(
            "memory growth, at most",
            growth,
            " MB",
            0,
            (growth[0], Bar::Below(32.0, " MB")),
        );
        Ok(())
    }

    fn push_export(
        &mut self,
        what: &str,
        both: [f64; 2],
        unit: &str,
        places: usize,
        judged: (f64, Bar),
    ) {
        let [gateway, limit] = both.map(|value| format!("{value:.places$}{unit}"));
        let ratio = matches!(judged.1, Bar::AtLeast(_)).then_some(judged.0);
        let title = format!("{} rows streamed: {what}", self.rows);
        self.push(Line {
            title,
            gateway,
            limit,
            judged: Some(judged),
            ratio,
            cpu: None,
            driver: None,
        });
    }

    async fn crowd(&mut self) -> anyhow::Result<()> {
        eprintln!("{IDLE} idle and {ACTIVE} active connections");
        let requests = [self.door.point(), limit_point()];
        let [mut alone, mut beside] = std::array::from_fn(|_| <[Measured; 2]>::default());
        let seconds = self.ground.pace.seconds;
        let wrk = &self.ground.wrk;
        for _ in 0..self.ground.pace.rounds {
            for (at, side) in self.ground.sides.iter().enumerate() {
                alone[at].measure(wrk, side, &requests[at], ACTIVE, seconds).await?;
                let mut crowd = Crowd::gather(side, IDLE).await?;
                beside[at].measure(wrk, side, &requests[at], ACTIVE, seconds).await?;
                crowd.ask_all(side).await?;
            }
        }
        let slower = beside[0].p99() / alone[0].p99();
        for (title, measured, judged) in [
            (format!("p99 of {ACTIVE} connections alone"), &alone, None),
            (
                format!(
                    "p99 of {ACTIVE} connections beside {IDLE} idle ones; {slower:.1} times Athena's alone"
                ),
                &beside,
                Some((slower, Bar::Below(4.0, " times"))),
            ),
        ] {
            let [gateway, limit] = measured.each_ref().map(|side| format!("{:.1} ms", side.p99()));
            let cpu = Some(measured.each_ref().map(Measured::cpu_per_thousand));
            self.push(Line { title, gateway, limit, judged, ratio: None, cpu, driver: None });
        }
        Ok(())
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn most(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::NAN, f64::max)
}

/// Compared as values, so that neither has to write blanks as the other does.
fn parsed(lines: &export::Lines) -> anyhow::Result<Vec<serde_json::Value>> {
    lines.some.iter().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn check_name(only: Option<&str>, door: &Door) -> anyhow::Result<()> {
    let known: Vec<_> = scenarios(door).iter().map(|one| one.name).chain(OTHERS).collect();
    match only {
        Some(name) => {
            ensure!(known.contains(&name), "{name} is no scenario; known: {}", known.join(", "));
            Ok(())
        }
        None => Ok(()),
    }
}
