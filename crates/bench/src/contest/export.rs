//! A million rows in one answer: how soon, how fast, and in how much memory.

use super::{
    Side,
    http::Connection,
    process::{Peak, memory_of},
    template::Template,
};
use anyhow::{Context, ensure};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// One line in this many is compared.
const EVERY: u64 = 50_000;
/// A slow reader rests after each of these,
const SIP: usize = 1024 * 1024;
/// this long.
const REST: Duration = Duration::from_millis(20);

/// Far more than a slow reading takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// How one export went.
pub struct Export {
    pub first_byte: Duration,
    pub whole: Duration,
    /// Megabytes more than before, at most.
    pub growth: f64,
}

/// What of the lines is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pub count: u64,
    pub some: Vec<String>,
    open: Vec<u8>,
}

impl Lines {
    fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.keep(&bytes[..end]);
            if self.count.is_multiple_of(EVERY) {
                let line = std::mem::take(&mut self.open);
                self.some.push(String::from_utf8_lossy(&line).into_owned());
            }
            self.count += 1;
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.count.is_multiple_of(EVERY) {
            self.open.extend_from_slice(bytes);
        }
    }
}

/// Read as fast as it comes.
pub async fn timed(side: &Side, request: &Template, rows: u64) -> anyhow::Result<Export> {
    let mut count = 0;
    let export = read(side, request, async |piece| {
        count += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
    });
    let export = timeout(PATIENCE, export).await.context("the export does not end")??;
    ensure!(count == rows, "{} sent {count} rows, not {rows}", side.name);
    Ok(export)
}

/// Read slowly, so that rows which are not held back would pile up; and look at some of them.
pub async fn slow(side: &Side, request: &Template, rows: u64) -> anyhow::Result<(Export, Lines)> {
    let (mut lines, mut since) = (Lines::default(), 0);
    let export = read(side, request, async |piece| {
        lines.feed(piece);
        since += piece.len();
        if since >= SIP {
            since = 0;
            tokio::time::sleep(REST).await;
        }
    });
    let export = timeout(PATIENCE, export).await.context("the export does not end")??;
    ensure!(lines.count == rows, "{} sent {} rows, not {rows}", side.name, lines.count);
    Ok((export, lines))
}

async fn read(
    side: &Side,
    request: &Template,
    mut taken: impl AsyncFnMut(&[u8]),
) -> anyhow::Result<Export> {
    let mut connection = Connection::open(side.port).await?;
    let before = memory_of(side.pid)?;
    let peak = Peak::watch(side.pid);
    let began = Instant::now();
    let status = connection.send(&request.filled(0)).await?;
    let mut piece = Vec::new();
    let mut more = connection.piece(&mut piece).await?;
    let first_byte = began.elapsed();
    if status != 200 {
        anyhow::bail!("{} answered {status}: {:.500}", side.name, String::from_utf8_lossy(&piece));
    }
    while more {
        taken(&piece).await;
        piece.clear();
        more = connection.piece(&mut piece).await?;
    }
    Ok(Export { first_byte, whole: began.elapsed(), growth: (peak.megabytes() - before).max(0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_sampled_wherever_the_pieces_end() {
        let text: String = (0..=EVERY).map(|number| format!("{{\"id\":{number}}}\n")).collect();
        let mut whole = Lines::default();
        whole.feed(text.as_bytes());
        let mut pieces = Lines::default();
        text.as_bytes().chunks(7).for_each(|piece| pieces.feed(piece));
        assert_eq!(whole, pieces);
        assert_eq!(
            (whole.count, whole.some),
            (EVERY + 1, vec!["{\"id\":0}".to_owned(), format!("{{\"id\":{EVERY}}}")])
        );
    }
}
