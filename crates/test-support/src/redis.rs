//! A private Redis for tests, on a port of its own, that can be paused and killed.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Starts Redis, tells its process number, and ends it with this process, however that ends.
const GUARD: &str =
    r#""$@" </dev/null >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null"#;

const PATIENCE: Duration = Duration::from_secs(10);

/// A running `redis-server`. Methods panic with a sentence: a test that cannot have it has failed.
#[derive(Debug)]
pub struct TestRedis {
    port: u16,
    folder: tempfile::TempDir,
    process: Option<(Child, Pid)>,
}

impl TestRedis {
    /// An empty Redis that keeps nothing on disk.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        drop(listener);
        let mut redis = Self::absent_on(port);
        redis.start_again();
        redis
    }

    /// An address where nothing listens until [`Self::start_again`].
    pub fn absent() -> Self {
        let mut redis = Self::start();
        redis.kill();
        redis
    }

    fn absent_on(port: u16) -> Self {
        let folder = tempfile::Builder::new().prefix("athena-redis-").tempdir();
        Self { port, folder: folder.expect("a temporary folder"), process: None }
    }

    /// At the same address, and empty.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "this Redis runs already");
        let mut child = Command::new("sh")
            .args(["-c", GUARD, "redis", "redis-server", "--bind", "127.0.0.1", "--port"])
            .arg(self.port.to_string())
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let mut said = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut said).expect("the guard tells a process number");
        let pid = said.trim().parse().ok().and_then(Pid::from_raw).expect("a process number");
        self.process = Some((child, pid));
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&self) {
        let start = Instant::now();
        while !self.answers() {
            assert!(
                start.elapsed() < PATIENCE,
                "tests need Redis, and none could be started: is redis-server installed?"
            );
            sleep(Duration::from_millis(10));
        }
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut reply = [0; 5];
        stream.write_all(b"PING\r\n").is_ok()
            && stream.read_exact(&mut reply).is_ok()
            && &reply == b"+PONG"
    }

    /// Where it is reached. There is no password in it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Connections stay, and nothing answers.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Connections break, and all data is gone.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.end_guard();
    }

    fn signal(&self, signal: Signal) {
        let (_, pid) = self.process.as_ref().expect("this Redis runs");
        kill_process(*pid, signal).expect("a process of ours takes signals");
    }

    fn end_guard(&mut self) {
        let Some((mut guard, _)) = self.process.take() else { return };
        // At the end of its input the guard kills what it guards.
        drop(guard.stdin.take());
        let _ = guard.wait();
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.end_guard();
    }
}
