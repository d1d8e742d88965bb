//! The load generators, `wrk` and `pgbench`, and what they print.

use super::template::Template;
use anyhow::{Context, bail, ensure};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// What a load was answered with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    pub rate: f64,
    pub requests: u64,
    /// In milliseconds.
    pub p99: f64,
}

/// `wrk`, and what it needs besides a port.
pub struct Wrk {
    /// `request.lua`.
    pub script: PathBuf,
    /// Where requests are put for the script to read.
    pub folder: PathBuf,
}

impl Wrk {
    pub async fn run(
        &self,
        port: u16,
        request: &Template,
        connections: usize,
        seconds: u64,
    ) -> anyhow::Result<Load> {
        let file = self.folder.join("request");
        std::fs::write(&file, request.text())?;
        let mut command = Command::new("wrk");
        command.args(["--latency", "--timeout", "30s"]);
        command.args(["-t", &connections.min(2).to_string()]);
        command.args(["-c", &connections.to_string(), "-d", &format!("{seconds}s")]);
        command.arg("-s").arg(&self.script).arg(format!("http://127.0.0.1:{port}"));
        command.arg("--").arg(&file);
        parse_wrk(&output_of(command, seconds).await?)
    }
}

/// `pgbench`'s own read by key: what PostgreSQL does without HTTP in front.
pub struct Pgbench {
    pub program: PathBuf,
    pub uri: String,
}

impl Pgbench {
    pub async fn run(&self, connections: usize, seconds: u64) -> anyhow::Result<f64> {
        let mut command = Command::new(&self.program);
        command.args(["-n", "-S", "-M", "prepared"]);
        command.args(["-c", &connections.to_string(), "-j", &connections.min(2).to_string()]);
        command.args(["-T", &seconds.to_string(), &self.uri]);
        parse_pgbench(&output_of(command, seconds).await?)
    }
}

async fn output_of(mut command: Command, seconds: u64) -> anyhow::Result<String> {
    let child = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(seconds + 60), child).await;
    let output = output.context("the load generator does not end")??;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the load generator failed: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

fn parse_wrk(text: &str) -> anyhow::Result<Load> {
    let (mut rate, mut requests, mut p99) = (None, None, None);
    for line in text.lines().map(str::trim) {
        // A fast refusal is not a fast answer.
        if line.starts_with("Non-2xx") || line.starts_with("Socket errors") {
            bail!("not every request was answered well: {line}");
        }
        if let Some(value) = line.strip_prefix("Requests/sec:") {
            rate = value.trim().parse().ok();
        } else if let Some((count, _)) = line.split_once(" requests in ") {
            requests = count.parse().ok();
        } else if let Some(value) = line.strip_prefix("99%") {
            p99 = milliseconds(value.trim());
        }
    }
    let (Some(rate), Some(requests), Some(p99)) = (rate, requests, p99) else {
        bail!("wrk printed something unknown:\n{text}");
    };
    ensure!(requests > 0, "nothing was answered");
    Ok(Load { rate, requests, p99 })
}

fn milliseconds(text: &str) -> Option<f64> {
    let at = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let number: f64 = number.parse().ok()?;
    match unit {
        "us" => Some(number / 1000.0),
        "ms" => Some(number),
        "s" => Some(number * 1000.0),
        "m" => Some(number * 60_000.0),
        _ => None,
    }
}

fn parse_pgbench(text: &str) -> anyhow::Result<f64> {
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|line| line.split(' ').next()).and_then(|word| word.parse().ok());
    rate.with_context(|| format!("pgbench printed something unknown:\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "Running 3s test @ http://127.0.0.1:4090
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   812.31us  311.80us   9.13ms   81.90%
    Req/Sec    19.76k     1.31k   22.63k    70.00%
  Latency Distribution
     50%  780.00us
     99%    1.72ms
  118012 requests in 3.00s, 33.21MB read
Requests/sec:  39318.12
Transfer/sec:     11.06MB
";

    #[test]
    fn the_rate_the_count_and_the_tail_are_read() {
        let load = Load { rate: 39_318.12, requests: 118_012, p99: 1.72 };
        assert_eq!(parse_wrk(PRINTED).unwrap(), load);
    }

    #[test]
    fn refusals_and_broken_connections_fail_the_run() {
        for line in [
            "  Non-2xx or 3xx responses: 1\n",
            "  Socket errors: connect 0, read 1, write 0, timeout 0\n",
        ] {
            let text = PRINTED.replace("Requests/sec", &format!("{line}Requests/sec"));
            let error = parse_wrk(&text).unwrap_err().to_string();
            assert!(error.contains(line.trim()), "{error}");
        }
    }

    #[test]
    fn a_print_without_a_rate_or_without_an_answer_is_an_error() {
        assert!(parse_wrk("Running 3s test").is_err());
        assert!(parse_wrk(&PRINTED.replace("118012", "0")).is_err());
    }

    #[test]
    fn times_have_units() {
        let read = ["780.00us", "1.72ms", "2.50s", "1.00m", "3"].map(milliseconds);
        assert_eq!(read, [Some(0.78), Some(1.72), Some(2500.0), Some(60_000.0), None]);
    }

    #[test]
    fn the_rate_of_pgbench_is_the_one_without_connecting() {
        let text = "latency average = 0.5 ms\ninitial connection time = 9.1 ms\ntps = 61234.5 (without initial connection time)\n";
        assert_eq!(parse_pgbench(text).unwrap(), 61_234.5);
        assert!(parse_pgbench("pgbench: error").is_err());
    }
}
