//! A real PostgreSQL through everything that happens to one.

#![allow(clippy::unwrap_used, reason = "a helper of a test is a test")]

use embedded::{Cluster, ClusterSettings, Durability, EmbeddedError, Progress, Runtime};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("athena-").tempdir().unwrap()
}

async fn start(folder: &Path) -> Cluster {
    Cluster::start(ClusterSettings::new(folder)).await.unwrap()
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(&cluster.uri("postgres")).await.unwrap()
}

async fn run(cluster: &Cluster, sql: &str) {
    connect(cluster).await.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
}

async fn notes(cluster: &Cluster) -> i64 {
    let mut connection = connect(cluster).await;
    sqlx::query("select count(*) from notes").fetch_one(&mut connection).await.unwrap().get(0)
}

fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what} did not happen within 20 seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_second_start_finds_the_rows_and_is_quicker() {
    let folder = folder();
    let began = Instant::now();
    let cluster = start(folder.path()).await;
    let first = began.elapsed();
    run(&cluster, "create table notes (id int); insert into notes values (1), (2)").await;
    let pid = cluster.pid();
    cluster.stop().await;
    assert!(!is_alive(pid), "PostgreSQL still runs after stop");

    let began = Instant::now();
    let cluster = start(folder.path()).await;
    let second = began.elapsed();
    assert_eq!(notes(&cluster).await, 2);
    assert!(second < first, "the second start took {second:?}, the first {first:?}");
    cluster.stop().await;
}

#[tokio::test]
async fn two_on_one_folder_are_refused_with_its_name_and_process() {
    let folder = folder();
    let cluster = start(folder.path()).await;
    let refused = Cluster::start(ClusterSettings::new(folder.path())).await.unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, EmbeddedError::InUse { .. }), "{text}");
    assert!(text.contains(&folder.path().display().to_string()), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    cluster.stop().await;
}

#[tokio::test]
async fn a_killed_postgres_comes_back_with_every_committed_row() {
    let folder = folder();
    let cluster = start(folder.path()).await;
    run(&cluster, "create table notes (id int); insert into notes values (1), (2), (3)").await;
    let killed = cluster.pid();
    kill(killed, "KILL");
    eventually("a new PostgreSQL", async || cluster.pid() != killed).await;
    assert_eq!(notes(&cluster).await, 3);
    cluster.stop().await;
}

#[tokio::test]
async fn postgres_ends_with_the_process_that_started_it() {
    let folder = folder();
    let (pid, runtime) = abandoned(folder.path()).await;
    drop(runtime);
    eventually("the end of PostgreSQL", async || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_postgres_left_behind_is_stopped_and_its_rows_kept() {
    let folder = folder();
    let (pid, runtime) = abandoned(folder.path()).await;
    kill(watch_of(pid), "KILL");
    drop(runtime);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(is_alive(pid), "without its watch PostgreSQL should have stayed");

    let steps = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&steps);
    let report: embedded::Report = Arc::new(move |step| told.lock().unwrap().push(step.clone()));
    let settings = ClusterSettings::new(folder.path());
    let cluster = Cluster::start_reporting(settings, report).await.unwrap();
    assert!(steps.lock().unwrap().contains(&Progress::StoppingLeftover { pid }));
    assert_eq!(notes(&cluster).await, 1);
    cluster.stop().await;
}

#[tokio::test]
async fn other_commands_find_a_running_one_and_not_a_stopped_one() {
    let folder = folder();
    let cluster = start(folder.path()).await;
    let runtime = Runtime::read(folder.path()).unwrap();
    assert_eq!(runtime.uri("postgres"), cluster.uri("postgres"));
    assert_eq!(runtime.postgres_pid, cluster.pid());
    let mode = fs::metadata(folder.path().join("runtime.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others may read runtime.json");
    cluster.stop().await;
    assert_eq!(Runtime::read(folder.path()), None);
}

#[tokio::test]
async fn a_full_disk_is_called_a_full_disk() {
    let folder = folder();
    let programs =
        programs("echo 'initdb: error: could not write: No space left on device' >&2; exit 1");
    let settings = ClusterSettings {
        bin_dir: Some(programs.path().to_owned()),
        ..ClusterSettings::new(folder.path())
    };
    let error = Cluster::start(settings).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(!folder.path().join("cluster").exists(), "a half-made database was left");
    assert!(!folder.path().join("cluster.new").exists(), "a half-made database was left");
}

#[tokio::test]
async fn what_initdb_says_is_passed_on() {
    let folder = folder();
    let programs = programs("echo 'initdb: error: the moon is full' >&2; exit 1");
    let settings = ClusterSettings {
        bin_dir: Some(programs.path().to_owned()),
        ..ClusterSettings::new(folder.path())
    };
    let error = Cluster::start(settings).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::Create { .. }), "{error}");
    assert!(error.to_string().contains("the moon is full"), "{error}");
}

#[tokio::test]
async fn a_folder_that_only_its_owner_can_enter_serves_too() {
    let closed = folder();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let settings = ClusterSettings {
        durability: Durability::Throwaway,
        ..ClusterSettings::new(closed.path().join("data"))
    };
    let cluster = Cluster::start(settings).await.unwrap();
    run(&cluster, "create table notes (id int); insert into notes values (1)").await;
    assert_eq!(notes(&cluster).await, 1);
    cluster.stop().await;
    assert!(!closed.path().join("data").exists(), "a throwaway database was kept");
}

/// A cluster with one note whose owner is gone when the runtime is dropped, as after a kill.
async fn abandoned(folder: &Path) -> (u32, Gone) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = folder.to_owned();
    let pid = runtime
        .spawn(async move {
            let cluster = start(&folder).await;
            run(&cluster, "create table notes (id int); insert into notes values (1)").await;
            let pid = cluster.pid();
            std::mem::forget(cluster);
            pid
        })
        .await
        .unwrap();
    (pid, Gone(Some(runtime)))
}

struct Gone(Option<tokio::runtime::Runtime>);

impl Drop for Gone {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The process that ends PostgreSQL `pid` when its owner is gone.
fn watch_of(pid: u32) -> u32 {
    let wanted = format!("\0athena-watch\0{pid}\0");
    let processes = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    processes
        .into_iter()
        .find(|process| {
            let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&wanted)
        })
        .expect("PostgreSQL has a watch")
}

fn kill(pid: u32, signal: &str) {
    let kill = format!("kill -{signal} {pid}");
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// A folder that looks like PostgreSQL's, with an `initdb` of our own.
fn programs(initdb: &str) -> tempfile::TempDir {
    let folder = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for (name, script) in [("postgres", "echo 'postgres (PostgreSQL) 17.2'"), ("initdb", initdb)] {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}
