//! Databases that belong to others: what holds for them, what is seen of them, and the gates that
//! every door passes through.

mod boot;
mod check;
mod drift;
mod follow;
pub(crate) mod gates;
mod hall;
mod terms;
mod viewed;

pub use boot::{BootRefused, Mismatches};
pub(crate) use check::compare;
pub(crate) use drift::Timers;
pub use gates::{GateError, ensure_managed, ensure_soundness};
pub use hall::{Hall, HallError};
pub use terms::Terms;
pub(crate) use viewed::Viewed;

/// What a read without a limit gets of a database that belongs to others.
pub const UNLIMITED_ROWS: u64 = 1_000;
