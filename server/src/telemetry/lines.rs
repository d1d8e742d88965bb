//! Log lines gathered in memory and written together: one system call for many, and never by who logs.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that wait for a slow terminal; lines on top of it are dropped and counted.
const ROOM: usize = 8 << 20;

/// How long the first line waits for company.
const GATHERING: Duration = Duration::from_millis(20);

/// What a buffer may keep of its memory for next time.
const KEPT: usize = 256 << 10;

/// Where lines are put. Cheap to clone; every clone is the same place.
#[derive(Clone, Default)]
pub(super) struct Lines {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    dropped: u64,
    is_over: bool,
}

/// Lines are written until this is dropped, which writes the last of them.
pub struct LinesGuard {
    lines: Lines,
    writer: Option<JoinHandle<()>>,
}

impl Lines {
    /// Write to `out` on a thread of its own.
    pub(super) fn write_to(out: impl Write + Send + 'static) -> io::Result<(Self, LinesGuard)> {
        let lines = Self::default();
        let shared = Arc::clone(&lines.shared);
        let writer =
            thread::Builder::new().name("log".to_owned()).spawn(move || shared.run(out))?;
        Ok((lines.clone(), LinesGuard { lines, writer: Some(writer) }))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, line: &[u8]) {
        let mut state = self.state();
        if state.waiting.len() + line.len() > ROOM {
            state.dropped += 1;
            return;
        }
        let is_first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if is_first {
            self.wake.notify_one();
        }
    }

    fn run(&self, mut out: impl Write) {
        let mut lines = Vec::new();
        loop {
            let is_over = self.wait();
            let dropped = self.take(&mut lines);
            // A log that cannot be written has nowhere to say so.
            let _ = out.write_all(&lines);
            if dropped > 0 {
                let _ = writeln!(out, "{dropped} log lines were dropped: the log was too slow");
            }
            let _ = out.flush();
            if is_over {
                return;
            }
            lines.clear();
            lines.shrink_to(KEPT);
        }
    }

    /// Until there are lines and they had time to gather, or it is over.
    fn wait(&self) -> bool {
        let has_none = |state: &mut State| state.waiting.is_empty() && !state.is_over;
        let woken = self.wake.wait_while(self.state(), has_none);
        let state = woken.unwrap_or_else(PoisonError::into_inner);
        let goes_on = |state: &mut State| !state.is_over;
        let gathered = self.wake.wait_timeout_while(state, GATHERING, goes_on);
        gathered.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    /// All lines that wait, and how many were dropped before them.
    fn take(&self, lines: &mut Vec<u8>) -> u64 {
        let mut state = self.state();
        mem::swap(&mut state.waiting, lines);
        mem::take(&mut state.dropped)
    }
}

/// One event's line.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Lines;

    fn make_writer(&'a self) -> &'a Lines {
        self
    }
}

impl Drop for LinesGuard {
    fn drop(&mut self) {
        self.lines.shared.state().is_over = true;
        self.lines.shared.wake.notify_one();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to write.
            drop(writer.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Out(mpsc::Sender<Vec<u8>>);

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_in_order_many_at_once_and_the_last_ones_too() {
        let (out, written) = mpsc::channel();
        let (lines, guard) = Lines::write_to(Out(out)).unwrap();
        let mut expected = Vec::new();
        for at in 0..1000 {
            let line = format!("line {at}\n");
            (&lines).write_all(line.as_bytes()).unwrap();
            expected.extend_from_slice(line.as_bytes());
        }
        drop(guard);
        let parts: Vec<Vec<u8>> = written.iter().filter(|part| !part.is_empty()).collect();
        assert_eq!(parts.concat(), expected);
        assert!(parts.len() < 100, "{} writes for a thousand lines", parts.len());
    }

    #[test]
    fn what_a_slow_log_cannot_take_is_dropped_and_counted() {
        let shared = Shared::default();
        let line = vec![b'x'; ROOM / 2];
        for _ in 0..5 {
            shared.put(&line);
        }
        let mut lines = Vec::new();
        assert_eq!(shared.take(&mut lines), 3);
        assert_eq!(lines.len(), ROOM);
        assert_eq!(shared.take(&mut Vec::new()), 0, "each is told once");
    }
}
