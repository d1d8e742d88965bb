//! A bounded set of sessions: no ping at release, first come first served, dead ones thrown away.

mod cancel;
mod lease;
mod prepared;
mod session;

pub(crate) use lease::{Afterwards, Lease};
pub(crate) use prepared::{Name, Prepared};
pub(crate) use session::Session;

use crate::{error::from_driver, settings::PostgresSettings};
use backend::BackendError;
use sqlx::{Connection, postgres::PgConnectOptions};
use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError},
    time::{Instant, timeout, timeout_at},
};

/// What the sessions of a pool may do; set when they connect, so it costs nothing later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Reads,
    Writes,
}

/// How busy a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUsage {
    pub limit: u32,
    pub in_use: u32,
    pub idle: u32,
    pub waiting: u32,
}

/// Sessions of one role on one database. Opens none before the first is asked for.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    role: Role,
    options: PgConnectOptions,
    limit: u32,
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_lifetime: Duration,
    permits: Arc<Semaphore>,
    /// The one used last is used next, so that the others can grow old and go.
    idle: Mutex<VecDeque<Session>>,
    closed: AtomicBool,
    waiting: AtomicU32,
    reaping: AtomicBool,
}

/// A session that writes cannot be tried twice, so one idle for longer than this is pinged first.
const TRUSTED_IDLE: Duration = Duration::from_secs(10);
const PING_LIMIT: Duration = Duration::from_secs(2);
/// How long closing waits for statements that still run.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);

impl Pool {
    pub(crate) fn new(settings: &PostgresSettings, role: Role) -> Self {
        let limit = match role {
            Role::Reads => settings.read_connections,
            Role::Writes => settings.write_connections,
        }
        .max(1);
        Self {
            shared: Arc::new(Shared {
                role,
                options: session::options(settings, role),
                limit,
                connect_timeout: settings.connect_timeout,
                idle_timeout: settings.idle_timeout,
                max_lifetime: settings.max_lifetime,
                permits: Arc::new(Semaphore::new(limit as usize)),
                idle: Mutex::new(VecDeque::with_capacity(limit as usize)),
                closed: AtomicBool::new(false),
                waiting: AtomicU32::new(0),
                reaping: AtomicBool::new(false),
            }),
        }
    }

    /// A session of one's own until the lease ends; waits its turn until the deadline.
    pub(crate) async fn acquire(&self, deadline: Instant) -> Result<Lease, BackendError> {
        let shared = &self.shared;
        if shared.is_closed() {
            return Err(BackendError::Closed);
        }
        // Most of the time nobody waits, and then no timer need be set.
        let permit = match Arc::clone(&shared.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(TryAcquireError::Closed) => return Err(BackendError::Closed),
            Err(TryAcquireError::NoPermits) => {
                let _waiting = Waiting::begin(shared);
                let turn = timeout_at(deadline, Arc::clone(&shared.permits).acquire_owned()).await;
                turn.map_err(|_| BackendError::PoolTimeout)?.map_err(|_| BackendError::Closed)?
            }
        };
        match shared.take_idle().await {
            Some(session) => {
                Ok(Lease::new(Arc::clone(shared), session, permit, lease::Age::Reused))
            }
            None => self.open(deadline, permit).await,
        }
    }

    async fn open(
        &self,
        deadline: Instant,
        permit: OwnedSemaphorePermit,
    ) -> Result<Lease, BackendError> {
        let shared = Arc::clone(&self.shared);
        let limit = deadline.min(Instant::now() + shared.connect_timeout);
        let session = match timeout_at(limit, Session::open(&shared.options)).await {
            Ok(session) => session.map_err(from_driver)?,
            Err(_) => return Err(unreachable_in_time()),
        };
        Ok(Lease::new(shared, session, permit, lease::Age::Fresh))
    }

    /// Forget every idle session: one was found dead, so its sisters are likely to be.
    pub(crate) fn purge(&self) {
        self.shared.idle().clear();
    }

    /// For a connection that belongs to no pool.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.shared.options
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.shared.connect_timeout
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        let free = u32::try_from(self.shared.permits.available_permits()).unwrap_or(u32::MAX);
        let idle = u32::try_from(self.shared.idle().len()).unwrap_or(u32::MAX);
        PoolUsage {
            limit: self.shared.limit,
            in_use: self.shared.limit.saturating_sub(free),
            idle,
            waiting: self.shared.waiting.load(Ordering::Relaxed),
        }
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
            // Whether the goodbye arrives does not matter: the socket closes either way.
            let _said = timeout(PING_LIMIT, session.connection.close()).await;
        }
    }
}

/// Counts one who waits, however the wait ends.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::Relaxed);
        Self(&shared.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn unreachable_in_time() -> BackendError {
    let source = io::Error::new(io::ErrorKind::TimedOut, "connecting took too long");
    BackendError::Unreachable { source: Box::new(source) }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, VecDeque<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn is_spent(&self, session: &Session) -> bool {
        session.idle_since.elapsed() > self.idle_timeout
            || session.born.elapsed() > self.max_lifetime
    }

    async fn take_idle(&self) -> Option<Session> {
        loop {
            let mut session = self.idle().pop_back()?;
            if self.is_spent(&session) {
                continue;
            }
            if self.role == Role::Reads || session.idle_since.elapsed() < TRUSTED_IDLE {
                return Some(session);
            }
            if matches!(timeout(PING_LIMIT, session.connection.ping()).await, Ok(Ok(()))) {
                return Some(session);
            }
        }
    }

    /// Take a healthy session back, unless its time is over.
    fn put_back(self: &Arc<Self>, mut session: Session) {
        if self.is_closed() || session.born.elapsed() > self.max_lifetime {
            return;
        }
        session.idle_since = Instant::now();
        self.idle().push_back(session);
        if !self.reaping.swap(true, Ordering::AcqRel) {
            tokio::spawn(reap(Arc::downgrade(self), self.idle_timeout));
        }
    }
}

/// Close sessions that nobody used for a while; ends when there are none left.
async fn reap(pool: Weak<Shared>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle();
        idle.retain(|session| !pool.is_spent(session));
        if idle.is_empty() {
            pool.reaping.store(false, Ordering::Release);
            return;
        }
    }
}
