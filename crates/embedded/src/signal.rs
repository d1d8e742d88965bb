//! Talk to a PostgreSQL by its process number.

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{fs, path::Path, time::Duration};
use tokio::time::{Instant, sleep};

const POLL: Duration = Duration::from_millis(20);

/// What `postmaster.pid` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: u32,
    pub(crate) is_ready: bool,
}

impl PidFile {
    pub(crate) fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let pid = text.lines().next()?.trim().parse().ok()?;
        // The eighth line is the state that `pg_ctl` waits for as well.
        let is_ready = text.lines().nth(7).is_some_and(|state| state.trim() == "ready");
        Some(Self { pid, is_ready })
    }
}

/// Fast shutdown: sessions end, everything committed is written.
pub(crate) fn ask_to_stop(pid: u32) {
    send(pid, Signal::INT);
}

/// Immediate shutdown: the next start replays the log.
pub(crate) fn stop_now(pid: u32) {
    send(pid, Signal::QUIT);
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = raw(pid)
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::debug!(%error, "a signal to PostgreSQL was not delivered");
    }
}

pub(crate) fn is_alive(pid: u32) -> bool {
    // A process we may not signal is alive as well.
    raw(pid).is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

/// Whether a process is a PostgreSQL, and not another program that got its number.
pub(crate) async fn is_postgres(pid: u32) -> bool {
    if !is_alive(pid) {
        return false;
    }
    if let Ok(name) = fs::read_to_string(format!("/proc/{pid}/comm")) {
        return name.trim() == "postgres";
    }
    let ps = ["-o", "comm=", "-p", &pid.to_string()].map(str::to_owned);
    let output = tokio::process::Command::new("ps").args(ps).output().await;
    // Without a way to look, the cautious answer keeps us from starting a second one.
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}

/// Wait until a process is gone; false when it is still there after `patience`.
pub(crate) async fn is_gone_within(pid: u32, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while is_alive(pid) {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(POLL).await;
    }
    true
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_tells_when_postgres_is_ready() {
        let text = "4711\n/data\n1700000000\n5432\n/run\n\n  1 2\nstarting\n";
        assert_eq!(PidFile::parse(text), Some(PidFile { pid: 4711, is_ready: false }));
        let text = text.replace("starting", "ready   ");
        assert_eq!(PidFile::parse(&text), Some(PidFile { pid: 4711, is_ready: true }));
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn this_process_is_alive_and_number_zero_is_not_a_process() {
        assert!(is_alive(std::process::id()));
        assert!(!is_alive(0));
    }

    #[tokio::test]
    async fn a_process_that_is_no_postgres_is_not_taken_for_one() {
        assert!(!is_postgres(std::process::id()).await);
    }
}
