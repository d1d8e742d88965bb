//! The private PostgreSQL as others hold it: start, address, stop. It restarts by itself.

use crate::{
    EmbeddedError, Progress, Report, Runtime,
    account::Account,
    binaries::Binaries,
    create,
    lock::FolderLock,
    place::{self, Place},
    postmaster::{Launch, Postmaster},
    progress, runtime,
};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Pauses between attempts to bring a fallen PostgreSQL back.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What becomes of the data when the machine or this process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Every acknowledged write is on the disk.
    #[default]
    Kept,
    /// Fast and forgetful, for tests: the data folder is removed when this process ends.
    Throwaway,
}

#[derive(Debug, Clone)]
pub struct ClusterSettings {
    pub data_dir: PathBuf,
    /// PostgreSQL's programs; looked for when `None`.
    pub bin_dir: Option<PathBuf>,
    pub durability: Durability,
}

impl ClusterSettings {
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), bin_dir: None, durability: Durability::Kept }
    }
}

/// A running PostgreSQL that nobody else can reach. Dropping it stops it in the background.
#[derive(Debug)]
pub struct Cluster {
    socket_folder: PathBuf,
    pid: Arc<AtomicU32>,
    stop: DropGuard,
    supervisor: JoinHandle<()>,
}

impl Cluster {
    /// Find, make and start it; answers when it takes connections. Steps go to the log.
    pub async fn start(settings: ClusterSettings) -> Result<Self, EmbeddedError> {
        Self::start_reporting(settings, progress::to_log()).await
    }

    /// The same, with the steps told to `report`.
    pub async fn start_reporting(
        settings: ClusterSettings,
        report: Report,
    ) -> Result<Self, EmbeddedError> {
        let started = Instant::now();
        let data_folder = place::data_folder(&settings.data_dir)?;
        let lock = FolderLock::take(&data_folder)?;
        let launch = prepare(&settings, &data_folder, Arc::clone(&report)).await?;
        let postmaster = launch.start().await?;
        let socket_folder = launch.place.socket.clone();
        let pid = Arc::new(AtomicU32::new(postmaster.pid()));
        let supervised = Supervised { launch, data_folder, pid: Arc::clone(&pid), _lock: lock };
        supervised.announce(&postmaster)?;
        report(&Progress::Ready { took: started.elapsed() });
        let stop = CancellationToken::new();
        let supervisor = tokio::spawn(supervised.run(postmaster, stop.clone()));
        Ok(Self { socket_folder, pid, stop: stop.drop_guard(), supervisor })
    }

    /// Where a database is reached. It holds no secret.
    pub fn uri(&self, database: &str) -> String {
        runtime::uri(&self.socket_folder, database)
    }

    /// The PostgreSQL process; another one after it fell and was started again.
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// Stop it and wait until it has stopped.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.supervisor.await {
            tracing::warn!(%error, "the task that keeps PostgreSQL had ended already");
        }
    }
}

/// Everything up to the start: user, place, programs, files.
async fn prepare(
    settings: &ClusterSettings,
    data_folder: &std::path::Path,
    report: Report,
) -> Result<Launch, EmbeddedError> {
    let account = Account::choose()?;
    let place = Place::choose(data_folder, account, &report)?;
    let downloads = place.cluster.with_file_name("postgresql");
    let made_by = create::made_by(&place.cluster);
    let bin_dir = settings.bin_dir.as_deref();
    let binaries =
        Binaries::find(bin_dir, made_by, &place.cluster, &downloads, account, &report).await?;
    let durable = settings.durability == Durability::Kept;
    if made_by.is_none() {
        create::create(&binaries, &place.cluster, account, durable, &report).await?;
    }
    tracing::debug!(major = binaries.major(), "PostgreSQL's programs are found");
    let remove = if durable {
        Vec::new()
    } else {
        vec![data_folder.to_owned(), place.home.clone(), place.socket.clone()]
    };
    Ok(Launch { binaries, place, account, durable, remove, report })
}

/// What the background task owns; the folder stays locked for as long as it lives.
struct Supervised {
    launch: Launch,
    data_folder: PathBuf,
    pid: Arc<AtomicU32>,
    _lock: FolderLock,
}

impl Supervised {
    fn announce(&self, postmaster: &Postmaster) -> Result<(), EmbeddedError> {
        self.pid.store(postmaster.pid(), Ordering::Relaxed);
        let runtime = Runtime {
            pid: std::process::id(),
            postgres_pid: postmaster.pid(),
            socket_folder: self.launch.place.socket.clone(),
        };
        runtime.write(&self.data_folder)
    }

    async fn run(self, mut postmaster: Postmaster, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break postmaster.stop().await,
                said = postmaster.ended() => {
                    postmaster.dismiss_watch().await;
                    (self.launch.report)(&Progress::Restarting { said });
                }
            }
            match self.bring_back(&stop).await {
                Some(back) => postmaster = back,
                None => break,
            }
        }
        Runtime::remove(&self.data_folder);
        self.tidy();
        (self.launch.report)(&Progress::Stopped);
    }

    /// Start it again until that works or we are told to stop.
    async fn bring_back(&self, stop: &CancellationToken) -> Option<Postmaster> {
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(pause) => {}
            }
            match self.launch.start().await {
                Ok(postmaster) => {
                    if let Err(error) = self.announce(&postmaster) {
                        tracing::warn!(%error, "other commands will not find PostgreSQL");
                    }
                    return Some(postmaster);
                }
                Err(error) => tracing::error!(%error, "PostgreSQL does not come back"),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn tidy(&self) {
        for folder in self.launch.remove.iter().chain([&self.launch.place.socket]) {
            if let Err(error) = std::fs::remove_dir_all(folder)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::debug!(%error, folder = %folder.display(), "a folder stays behind");
            }
        }
    }
}
