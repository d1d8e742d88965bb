//! As much of HTTP as the contest reads itself: one connection, a head, a body piece by piece.

use anyhow::{Context, bail, ensure};
use std::time::Duration;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// Longer than any answer here may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Known(usize),
    Chunks,
    Nothing,
}

/// A connection that is kept between requests.
pub struct Connection<S = BufReader<TcpStream>> {
    stream: S,
    left: Left,
}

/// Ask once and read the whole answer.
pub async fn ask(port: u16, request: &str) -> anyhow::Result<Answer> {
    Connection::open(port).await?.ask(request).await
}

impl Connection {
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await??;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(4 * 1024, stream), left: Left::Nothing })
    }

    pub async fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        timeout(PATIENCE, async {
            let status = self.send(request).await?;
            let mut body = Vec::new();
            while self.piece(&mut body).await? {}
            Ok(Answer { status, body })
        })
        .await
        .context("no whole answer came in time")?
    }

    /// Send a request and read the head of the answer.
    pub async fn send(&mut self, request: &str) -> anyhow::Result<u16> {
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        self.head().await
    }
}

impl<S: AsyncBufRead + Unpin> Connection<S> {
    async fn head(&mut self) -> anyhow::Result<u16> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.context("the answer does not begin with a status")?;
        self.left = Left::Nothing;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(status);
            }
            if let Some(length) = line.strip_prefix("content-length:") {
                self.left = Left::Known(length.trim().parse()?);
            } else if line.starts_with("transfer-encoding:") && line.ends_with("chunked") {
                self.left = Left::Chunks;
            }
        }
    }

    /// Append what comes next of the body; false at its end.
    pub async fn piece(&mut self, out: &mut Vec<u8>) -> anyhow::Result<bool> {
        match self.left {
            Left::Nothing | Left::Known(0) => Ok(false),
            Left::Known(length) => {
                self.exactly(length, out).await?;
                self.left = Left::Nothing;
                Ok(true)
            }
            Left::Chunks => {
                let size = self.line().await?;
                let size = usize::from_str_radix(&size, 16).context("a chunk without a size")?;
                self.exactly(size, out).await?;
                ensure!(self.line().await?.is_empty(), "a chunk is longer than it said");
                if size == 0 {
                    self.left = Left::Nothing;
                }
                Ok(size > 0)
            }
        }
    }

    async fn exactly(&mut self, length: usize, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let read = (&mut self.stream).take(length as u64).read_to_end(out).await?;
        ensure!(read == length, "the answer ended before its body did");
        Ok(())
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if (&mut self.stream).take(16_384).read_line(&mut line).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> anyhow::Result<Answer> {
        let mut connection = Connection { stream: text.as_bytes(), left: Left::Nothing };
        let status = connection.head().await?;
        let mut body = Vec::new();
        while connection.piece(&mut body).await? {}
        Ok(Answer { status, body })
    }

    #[tokio::test]
    async fn a_body_of_known_length_and_one_in_chunks_are_read_to_their_ends() {
        let known = read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrows").await.unwrap();
        let chunks =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nrow\r\n1\r\ns\r\n0\r\n\r\n";
        assert_eq!(read(chunks).await.unwrap(), known);
        assert_eq!((known.status, known.body.as_slice()), (200, &b"rows"[..]));
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_an_error() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nrows",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nrow\r\n",
            "",
        ] {
            assert!(read(text).await.is_err(), "{text:?}");
        }
    }
}
