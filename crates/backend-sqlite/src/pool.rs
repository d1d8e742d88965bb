//! A bounded set of sessions on one file: several that read, one that writes.

mod lease;
mod session;

pub(crate) use lease::Lease;
pub(crate) use session::{Session, write_ahead};

use crate::{error::from_driver, settings::SqliteSettings};
use backend::{BackendError, PoolReport};
use sqlx::sqlite::SqliteConnectOptions;
use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Reads,
    Writes,
}

/// Sessions of one role on one file. Opens none before the first is asked for.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    options: SqliteConnectOptions,
    limit: u32,
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_lifetime: Duration,
    permits: Arc<Semaphore>,
    /// The one used last is used next, so that the others can grow old and go.
    idle: Mutex<Vec<Session>>,
    closed: AtomicBool,
    waiting: AtomicU32,
}

/// Counts one who waits, however the wait ends.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicU32) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long closing waits for statements that still run.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);

impl Pool {
    pub(crate) fn new(settings: &SqliteSettings, role: Role) -> Self {
        let (options, limit) = match role {
            Role::Reads => (settings.read_options(), settings.read_connections.max(1)),
            // SQLite lets one write at a time; the others wait here, in order, and not in it.
            Role::Writes if settings.may_write() => (settings.options(), 1),
            Role::Writes => (settings.read_options(), 1),
        };
        let shared = Shared {
            options,
            limit,
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.idle_timeout,
            max_lifetime: settings.max_lifetime,
            permits: Arc::new(Semaphore::new(limit as usize)),
            idle: Mutex::new(Vec::with_capacity(limit as usize)),
            closed: AtomicBool::new(false),
            waiting: AtomicU32::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A session of one's own until the lease ends; waits its turn until the deadline.
    pub(crate) async fn acquire(&self, deadline: Instant) -> Result<Lease, BackendError> {
        let shared = &self.shared;
        if shared.is_closed() {
            return Err(BackendError::Closed);
        }
        let waiting = Waiting::begin(&shared.waiting);
        let turn = timeout_at(deadline, Arc::clone(&shared.permits).acquire_owned()).await;
        drop(waiting);
        let permit =
            turn.map_err(|_| BackendError::PoolTimeout)?.map_err(|_| BackendError::Closed)?;
        let session = match shared.take_idle() {
            Some(session) => session,
            None => {
                let limit = deadline.min(Instant::now() + shared.connect_timeout);
                match timeout_at(limit, Session::open(&shared.options)).await {
                    Ok(session) => session.map_err(from_driver)?,
                    Err(_) => return Err(unreachable_in_time()),
                }
            }
        };
        Ok(Lease::new(Arc::clone(shared), session, permit))
    }

    pub(crate) fn report(&self, name: &'static str) -> PoolReport {
        let limit = self.shared.limit;
        let free = u32::try_from(self.shared.permits.available_permits()).unwrap_or(limit);
        let idle = u32::try_from(self.shared.idle().len()).unwrap_or(limit);
        let waiting = self.shared.waiting.load(Ordering::Relaxed);
        PoolReport { name, limit, in_use: limit.saturating_sub(free), idle, waiting }
    }

    /// Forget every idle session: they may hold a file that is gone.
    pub(crate) fn purge(&self) {
        self.shared.idle().clear();
    }

    /// Let what runs finish, then close every session.
    pub(crate) async fn close(&self) {
        let shared = &self.shared;
        shared.closed.store(true, Ordering::Release);
        // A statement that outlasts this is ended by its own deadline.
        let _all = timeout(CLOSE_LIMIT, shared.permits.acquire_many(shared.limit)).await;
        shared.permits.close();
        let idle = std::mem::take(&mut *shared.idle());
        for session in idle {
            session.close().await;
        }
    }
}

fn unreachable_in_time() -> BackendError {
    let source = io::Error::new(io::ErrorKind::TimedOut, "opening the file took too long");
    BackendError::Unreachable { source: source.into() }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle();
        idle.retain(|session| {
            session.idle_since.elapsed() <= self.idle_timeout
                && session.born.elapsed() <= self.max_lifetime
        });
        idle.pop()
    }

    /// Take a healthy session back.
    fn put_back(&self, mut session: Session) {
        if !self.is_closed() {
            session.idle_since = Instant::now();
            self.idle().push(session);
        }
    }
}
