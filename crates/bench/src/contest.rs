//! Athena against the least a gateway could do: same rows, same load, taking turns.

pub mod check;
pub mod crowd;
pub mod export;
pub mod http;
pub mod load;
pub mod process;
pub mod report;
pub mod rounds;
pub mod scenario;
pub mod template;

/// One of the two that are compared.
#[derive(Debug, Clone)]
pub struct Side {
    pub name: &'static str,
    pub port: u16,
    pub pid: u32,
    /// Every PostgreSQL that works for it, by its first process.
    pub postmasters: Vec<u32>,
}

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub rounds: usize,
    pub seconds: u64,
}
