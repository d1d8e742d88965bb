//! What the system says of this process. Nothing where it does not say.

use crate::Page;
use std::{fmt, fs};

/// Memory, threads and open files, as `/proc` has them.
pub fn write(page: &mut Page<'_>) -> fmt::Result {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bytes = |name| number(&status, name).map(|kilobytes| kilobytes * 1024.0);
    for (name, help, value) in [
        ("process_resident_memory_bytes", "Memory that is in use.", bytes("VmRSS:")),
        ("process_virtual_memory_bytes", "Addresses that are in use.", bytes("VmSize:")),
        ("process_threads", "Threads.", number(&status, "Threads:")),
        ("process_open_fds", "Open files and connections.", open_files()),
    ] {
        if let Some(value) = value {
            page.gauge(name, help, value)?;
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    page.gauge("process_available_parallelism", "Threads that can run at once.", cores as f64)
}

fn number(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn open_files() -> Option<f64> {
    // One of them is the folder that is being read.
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    Some(count.saturating_sub(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_their_whole_name() {
        let status = "Name:\tathena\nVmPeak:\t  900 kB\nVmRSS:\t  512 kB\nThreads:\t7\n";
        assert_eq!(number(status, "VmRSS:"), Some(512.0));
        assert_eq!(number(status, "Threads:"), Some(7.0));
        assert_eq!(number(status, "VmSize:"), None);
    }
}
