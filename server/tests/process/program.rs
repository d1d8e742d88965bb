//! The built program with a data folder of its own.

use crate::http::{self, Answer};
use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
    thread::sleep,
    time::{Duration, Instant},
};

/// A folder for one test: configuration, data and log.
pub struct Home {
    folder: tempfile::TempDir,
}

/// A running server. It is killed when dropped.
pub struct Program {
    child: Child,
    pub port: u16,
    log: PathBuf,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("athena-").tempdir().unwrap() }
    }

    /// A home whose configuration is this.
    pub fn with_config(config: &str) -> Self {
        let home = Self::new();
        fs::write(home.config(), config).unwrap();
        home
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.yaml")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program with nothing from this test's own environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_athena"));
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.arg("--data-dir").arg(self.data());
        if self.config().exists() {
            command.arg("--config").arg(self.config());
        }
        command.args(arguments);
        command
    }

    /// Run a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Start the server on a free port; it may still be starting.
    pub fn serve(&self) -> Program {
        self.serve_with(&[])
    }

    /// The same with these variables. What it prints beside its log is in `out-` and its port.
    pub fn serve_with(&self, variables: &[(&str, &str)]) -> Program {
        let port = free_port();
        let log = self.folder.path().join(format!("log-{port}"));
        let out = fs::File::create(self.folder.path().join(format!("out-{port}"))).unwrap();
        let mut command = self.command(&["server", "--port", &port.to_string()]);
        command.envs(variables.iter().copied());
        command.stdout(out).stderr(fs::File::create(&log).unwrap()).process_group(0);
        Program { child: command.spawn().unwrap(), port, log }
    }

    /// Make an API key that may do everything with data.
    pub fn key(&self) -> String {
        let rights =
            ["--right", "gateway.read", "--right", "gateway.write", "--right", "gateway.delete"];
        let output = self.run(&[&["key", "create", "--name", "test"][..], &rights].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = text.split_whitespace().find(|word| word.starts_with("ath_"));
        found.unwrap_or_else(|| panic!("no key in {output:?}")).to_owned()
    }
}

impl Program {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Wait until `/ping` answers.
    pub fn until_it_answers(&mut self) -> Duration {
        self.until("an answer to /ping", |port| http::get(port, "/ping").is_ok())
    }

    /// Wait until the gateway is open.
    pub fn until_ready(&mut self) -> Duration {
        self.until("readiness", |port| {
            http::get(port, "/ready").is_ok_and(|answer| answer.status == 200)
        })
    }

    pub fn until(&mut self, what: &str, mut holds: impl FnMut(u16) -> bool) -> Duration {
        let began = Instant::now();
        while !holds(self.port) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status} while waiting for {what}:\n{}", self.log());
            }
            assert!(began.elapsed() < Duration::from_secs(60), "no {what}:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
        began.elapsed()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn gateway(
        &self,
        path: &str,
        client: &str,
        key: &str,
        body: &str,
    ) -> std::io::Result<Answer> {
        let method = match path {
            "/gateway/insert" => "PUT",
            "/gateway/delete" => "DELETE",
            _ => "POST",
        };
        let headers =
            [("x-athena-client", client), ("apikey", key), ("content-type", "application/json")];
        http::ask(self.port, method, path, &headers, body)
    }

    pub fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.pid());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Wait for the end; true when it ended well.
    pub fn ended_well(&mut self) -> bool {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it does not end:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The PostgreSQL of a data folder, as `runtime.json` names it.
pub fn postgres_of(data: &Path) -> u32 {
    let text = fs::read_to_string(data.join("runtime.json")).unwrap();
    let runtime: serde_json::Value = serde_json::from_str(&text).unwrap();
    u32::try_from(runtime["postgres_pid"].as_u64().unwrap()).unwrap()
}

pub fn is_alive(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; nobody has asked for its status yet.
    !state.is_empty() && !state.rsplit(") ").next().unwrap_or_default().starts_with('Z')
}
