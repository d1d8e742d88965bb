//! One running PostgreSQL: started, watched until ready, stopped.

use crate::{
    EmbeddedError, Progress, Report,
    account::Account,
    binaries::Binaries,
    create::quiet,
    place::Place,
    said::Said,
    signal::{self, PidFile},
};
use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

/// Replaying the log after a crash may take long; being silent for ever is worse.
const PATIENCE: Duration = Duration::from_secs(300);
const REMIND: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(10);

/// How long a polite request to stop may take.
const FAST: Duration = Duration::from_secs(10);
const IMMEDIATE: Duration = Duration::from_secs(5);

/// Wait for our end of the pipe to close, which also happens when we are killed, then stop it.
const WATCH: &str = r#"while read -r _; do :; done; kill -INT "$1" 2>/dev/null"#;
const WATCH_AND_REMOVE: &str = r#"while read -r _; do :; done
pid=$1; shift
kill -QUIT "$pid" 2>/dev/null
while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf -- "$@""#;

/// Everything needed to start it, and to start it again.
#[derive(Clone)]
pub(crate) struct Launch {
    pub(crate) binaries: Binaries,
    pub(crate) place: Place,
    pub(crate) account: Account,
    pub(crate) durable: bool,
    /// Removed when this process ends, for databases that nobody keeps.
    pub(crate) remove: Vec<PathBuf>,
    pub(crate) report: Report,
}

pub(crate) struct Postmaster {
    child: Child,
    pid: u32,
    /// Ends PostgreSQL when we are gone. Its input is the pipe we hold.
    watch: Option<Child>,
    said: Said,
}

impl Launch {
    /// Start it and wait until it takes connections.
    pub(crate) async fn start(&self) -> Result<Postmaster, EmbeddedError> {
        self.stop_leftover().await?;
        (self.report)(&Progress::Starting);
        let deadline = Instant::now() + FAST;
        loop {
            match self.start_once().await {
                // The killed one's helpers take a moment to let go of its memory.
                Err(EmbeddedError::Died { said })
                    if said.contains("shared memory block") && Instant::now() < deadline =>
                {
                    sleep(Duration::from_millis(200)).await;
                }
                other => return other,
            }
        }
    }

    async fn start_once(&self) -> Result<Postmaster, EmbeddedError> {
        let program = self.binaries.program("postgres");
        let failed = |source| EmbeddedError::Run { program: program.clone(), source };
        let mut child = self.command().spawn().map_err(failed)?;
        let said = Said::listen(child.stderr.take());
        let Some(pid) = child.id() else {
            return Err(EmbeddedError::Died { said: said.tail() });
        };
        let watch = self.watch(pid);
        let mut postmaster = Postmaster { child, pid, watch, said };
        match postmaster.become_ready(self).await {
            Ok(()) => Ok(postmaster),
            Err(error) => {
                postmaster.stop().await;
                Err(error)
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = quiet(self.binaries.program("postgres"));
        command.arg("-D").arg(&self.place.cluster).arg("-k").arg(&self.place.socket);
        let durable = if self.durable { "on" } else { "off" };
        let options = [
            ("listen_addresses", ""),
            ("port", "5432"),
            ("unix_socket_permissions", "0700"),
            ("max_connections", "64"),
            ("shared_buffers", "64MB"),
            ("max_wal_size", "256MB"),
            ("jit", "off"),
            ("TimeZone", "UTC"),
            ("logging_collector", "off"),
            // Refused statements may quote people's values; the gateway logs what it needs.
            ("log_min_messages", "log"),
            ("log_checkpoints", "off"),
            ("log_line_prefix", ""),
            ("fsync", durable),
            ("synchronous_commit", durable),
            ("full_page_writes", durable),
        ];
        for (name, value) in options {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // In a group of its own, so that Ctrl-C reaches us and not PostgreSQL behind our back.
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped());
        self.account.run(&mut command);
        command
    }

    fn watch(&self, pid: u32) -> Option<Child> {
        let mut command = quiet(PathBuf::from("/bin/sh"));
        let script = if self.remove.is_empty() { WATCH } else { WATCH_AND_REMOVE };
        command.args(["-c", script, "athena-watch", &pid.to_string()]);
        command.args(&self.remove);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => Some(child),
            Err(error) => {
                // The next start stops what a killed run leaves behind.
                tracing::warn!(%error, "PostgreSQL would outlive a killed Athena");
                None
            }
        }
    }

    /// An earlier run was killed and its PostgreSQL lives on: end it cleanly.
    async fn stop_leftover(&self) -> Result<(), EmbeddedError> {
        let cluster = &self.place.cluster;
        let Some(PidFile { pid, .. }) = PidFile::read(cluster) else { return Ok(()) };
        if signal::is_postgres(pid).await {
            (self.report)(&Progress::StoppingLeftover { pid });
            signal::ask_to_stop(pid);
            if !signal::is_gone_within(pid, FAST).await {
                signal::stop_now(pid);
                if !signal::is_gone_within(pid, IMMEDIATE).await {
                    return Err(EmbeddedError::WontStop { pid, folder: cluster.clone() });
                }
            }
        }
        // Another program may have its number by now, and PostgreSQL would wait for that one.
        match std::fs::remove_file(cluster.join("postmaster.pid")) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(EmbeddedError::folder(cluster, source))
            }
            _ => Ok(()),
        }
    }
}

impl Postmaster {
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    async fn become_ready(&mut self, launch: &Launch) -> Result<(), EmbeddedError> {
        let started = Instant::now();
        let mut reminded = Duration::ZERO;
        loop {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                let said = self.said.last_words().await;
                return Err(if EmbeddedError::says_disk_full(&said) {
                    EmbeddedError::DiskFull { folder: launch.place.cluster.clone() }
                } else {
                    EmbeddedError::Died { said }
                });
            }
            let ready = PidFile { pid: self.pid, is_ready: true };
            if PidFile::read(&launch.place.cluster) == Some(ready) {
                return Ok(());
            }
            let waited = started.elapsed();
            if waited > PATIENCE {
                let said = self.said.tail();
                return Err(EmbeddedError::TooSlow { seconds: PATIENCE.as_secs(), said });
            }
            if waited > reminded + REMIND {
                reminded = waited;
                (launch.report)(&Progress::StillStarting { waited });
            }
            sleep(POLL).await;
        }
    }

    /// Wait for it to end by itself; answers what it said last.
    pub(crate) async fn ended(&mut self) -> String {
        let status = self.child.wait().await;
        let said = self.said.last_words().await;
        let status = status.map_or_else(|_| String::new(), |status: ExitStatus| status.to_string());
        if said.is_empty() { status } else { said }
    }

    /// Fast shutdown, then immediate, then the end.
    pub(crate) async fn stop(mut self) {
        signal::ask_to_stop(self.pid);
        if tokio::time::timeout(FAST, self.child.wait()).await.is_err() {
            signal::stop_now(self.pid);
            if tokio::time::timeout(IMMEDIATE, self.child.wait()).await.is_err()
                && let Err(error) = self.child.kill().await
            {
                tracing::warn!(%error, "PostgreSQL could not be ended");
            }
        }
        self.dismiss_watch().await;
    }

    /// The process is gone: its watch must not signal whoever gets the number next.
    pub(crate) async fn dismiss_watch(&mut self) {
        if let Some(mut watch) = self.watch.take()
            && let Err(error) = watch.kill().await
        {
            tracing::debug!(%error, "the watch on PostgreSQL had ended already");
        }
    }
}
