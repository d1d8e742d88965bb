//! What is known of this program and machine, for a report of a problem.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Diagnosis {
    version: &'static str,
    rust_version: &'static str,
    os: &'static str,
    family: &'static str,
    arch: &'static str,
    cpu_count: usize,
    hostname: Option<String>,
    console: bool,
}

impl Diagnosis {
    pub fn make(has_console: bool) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            rust_version: env!("ATHENA_RUSTC"),
            os: std::env::consts::OS,
            family: std::env::consts::FAMILY,
            arch: std::env::consts::ARCH,
            cpu_count: std::thread::available_parallelism().map_or(1, usize::from),
            hostname: hostname(),
            console: has_console,
        }
    }
}

fn hostname() -> Option<String> {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = from_kernel.or_else(|| {
        let output = std::process::Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    })?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
