//! PostgreSQL's own words: passed to the log, and the last of them kept for messages.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::ChildStderr,
    task::JoinHandle,
};

const KEPT_LINES: usize = 12;
const LONGEST_LINE: u64 = 4096;

pub(crate) struct Said {
    lines: Arc<Mutex<VecDeque<String>>>,
    listener: Option<JoinHandle<()>>,
}

impl Said {
    pub(crate) fn listen(stderr: Option<ChildStderr>) -> Self {
        let lines = Arc::new(Mutex::new(VecDeque::with_capacity(KEPT_LINES)));
        let kept = Arc::clone(&lines);
        let listener = stderr.map(|stderr| tokio::spawn(follow(stderr, kept)));
        Self { lines, listener }
    }

    pub(crate) fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        Vec::from_iter(lines.iter().map(String::as_str)).join("; ")
    }

    /// Everything up to the end of its output, once the process is gone.
    pub(crate) async fn last_words(&mut self) -> String {
        if let Some(listener) = self.listener.take() {
            // A helper process may hold the pipe open a little longer.
            let _ = tokio::time::timeout(Duration::from_secs(1), listener).await;
        }
        self.tail()
    }
}

async fn follow(stderr: ChildStderr, kept: Arc<Mutex<VecDeque<String>>>) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        tracing::debug!(target: "postgres", "{text}");
        let mut lines = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    }
}
