//! What processes used, from `/proc`.

use super::Side;
use anyhow::Context;
use std::{
    fs,
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The unit of times in `/proc` on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of CPU.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cpu {
    pub server: f64,
    pub database: f64,
}

impl Add for Cpu {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { server: self.server + other.server, database: self.database + other.database }
    }
}

impl Sub for Cpu {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { server: self.server - other.server, database: self.database - other.database }
    }
}

struct Stat {
    parent: u32,
    own: f64,
    /// Of children that have ended.
    children: f64,
}

/// What a side used so far.
pub fn cpu_of(side: &Side) -> anyhow::Result<Cpu> {
    let server = stat_of(side.pid).with_context(|| format!("{} is not running", side.name))?.own;
    let mut database = 0.0;
    for postmaster in &side.postmasters {
        let stat = stat_of(*postmaster).context("PostgreSQL is not running")?;
        database += stat.own + stat.children;
    }
    for process in fs::read_dir("/proc")? {
        let Some(pid) = process?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may have ended since it was listed; its time is then its parent's.
        if let Some(stat) = stat_of(pid).filter(|stat| side.postmasters.contains(&stat.parent)) {
            database += stat.own;
        }
    }
    Ok(Cpu { server, database })
}

fn stat_of(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(text: &str) -> Option<Stat> {
    // The name in parentheses may hold anything, so the fields are counted from its end.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
        children: (ticks(13)? + ticks(14)?) / TICKS_PER_SECOND,
    })
}

/// Megabytes of memory a process holds.
pub fn memory_of(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse_memory(&status).context("no VmRSS in the status")
}

fn parse_memory(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Watches for the most memory a process holds until it is dropped.
pub struct Peak {
    kilobytes: Arc<AtomicU64>,
    watching: tokio::task::JoinHandle<()>,
}

impl Peak {
    pub fn watch(pid: u32) -> Self {
        let kilobytes = Arc::<AtomicU64>::default();
        let seen = Arc::clone(&kilobytes);
        let watching = tokio::spawn(async move {
            while let Ok(megabytes) = memory_of(pid) {
                seen.fetch_max((megabytes * 1024.0) as u64, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self { kilobytes, watching }
    }

    pub fn megabytes(&self) -> f64 {
        self.kilobytes.load(Ordering::Relaxed) as f64 / 1024.0
    }
}

impl Drop for Peak {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_an_odd_name_is_read() {
        let text = "41 (a) b (c) S 7 41 41 0 -1 4194304 1 2 3 4 150 50 300 100 20 0 9 0";
        let stat = parse_stat(text).unwrap();
        assert_eq!((stat.parent, stat.own, stat.children), (7, 2.0, 4.0));
    }

    #[test]
    fn memory_is_what_is_resident() {
        assert_eq!(parse_memory("VmPeak:\t  9216 kB\nVmRSS:\t   2048 kB\n"), Some(2.0));
        assert_eq!(parse_memory("Name:\tzombie\n"), None);
    }

    #[test]
    fn a_process_that_is_gone_is_an_error() {
        let side = Side { name: "nobody", port: 0, pid: u32::MAX, postmasters: Vec::new() };
        assert!(cpu_of(&side).is_err());
        assert!(memory_of(u32::MAX).is_err());
    }
}
