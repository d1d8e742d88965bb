//! What happens on the way to a running PostgreSQL, for a person who waits.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// A step on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The data folder cannot be reached by PostgreSQL's user; the database lives here instead.
    Moved {
        to: PathBuf,
    },
    Downloading {
        major: u32,
    },
    Downloaded {
        version: String,
    },
    Creating {
        folder: PathBuf,
    },
    StoppingLeftover {
        pid: u32,
    },
    Starting,
    /// It replays its log after a crash, or is slow for another reason.
    StillStarting {
        waited: Duration,
    },
    Ready {
        took: Duration,
    },
    /// It ended without being told to, and is started again.
    Restarting {
        said: String,
    },
    Stopped,
}

/// Where steps are told.
pub type Report = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Tell the log.
pub(crate) fn to_log() -> Report {
    Arc::new(|step| match step {
        Progress::Moved { .. } | Progress::Restarting { .. } => tracing::warn!("{step}"),
        _ => tracing::info!("{step}"),
    })
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { to } => write!(
                f,
                "the data folder is closed to PostgreSQL's user, so the database lives in {}",
                to.display()
            ),
            Self::Downloading { major } => {
                write!(f, "downloading PostgreSQL {major}, because none is installed (about 15 MB)")
            }
            Self::Downloaded { version } => {
                write!(f, "downloaded and verified PostgreSQL {version}")
            }
            Self::Creating { folder } => write!(f, "making a new database in {}", folder.display()),
            Self::StoppingLeftover { pid } => {
                write!(f, "stopping the PostgreSQL an earlier run left behind (process {pid})")
            }
            Self::Starting => f.write_str("starting PostgreSQL"),
            Self::StillStarting { waited } => {
                write!(f, "PostgreSQL is still starting after {} s", waited.as_secs())
            }
            Self::Ready { took } => write!(f, "PostgreSQL is ready after {} ms", took.as_millis()),
            Self::Restarting { said } => {
                write!(f, "PostgreSQL stopped by itself and is started again; it said: {said}")
            }
            Self::Stopped => f.write_str("PostgreSQL has stopped"),
        }
    }
}
