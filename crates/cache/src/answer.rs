//! An answer as the pipeline makes it, and as it is kept.

use bytes::Bytes;
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::Xxh3;

/// What an entry costs beside its bytes: its own fields, its key, and the map's bookkeeping.
const OVERHEAD: usize = 384;

/// A finished answer: exactly the bytes that are sent, fresh or kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub rows: u64,
    /// Headers that belong to the body, such as its type and its range, by name and value.
    pub headers: Vec<(Box<str>, Box<str>)>,
    pub body: Bytes,
}

/// An answer with its ETag and its time of birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    answer: Answer,
    tag: [u8; 16],
    etag: Box<str>,
    born: Instant,
}

impl Entry {
    pub(crate) fn new(answer: Answer) -> Self {
        let tag = tag(&answer);
        Self::restored(answer, tag, Duration::ZERO)
    }

    /// An entry that another node made some time ago.
    pub(crate) fn restored(answer: Answer, tag: [u8; 16], age: Duration) -> Self {
        let now = Instant::now();
        let etag = format!("\"{}\"", hex::encode(tag)).into_boxed_str();
        Self { answer, tag, etag, born: now.checked_sub(age).unwrap_or(now) }
    }

    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Cheap to clone.
    pub fn body(&self) -> &Bytes {
        &self.answer.body
    }

    /// A strong validator with its quotes, for `ETag` and to compare with `If-None-Match`.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// For `Age`.
    pub fn age(&self) -> Duration {
        self.born.elapsed()
    }

    pub(crate) fn tag(&self) -> &[u8; 16] {
        &self.tag
    }

    pub(crate) fn weight(&self) -> u64 {
        let headers = self.answer.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len() + 32).sum();
        (OVERHEAD + self.etag.len() + headers + self.answer.body.len()) as u64
    }

    /// The same entry on memory of its own: a body cut from a bigger buffer would keep all of that.
    pub(crate) fn compact(&self) -> Self {
        let body = Bytes::copy_from_slice(&self.answer.body);
        Self { answer: Answer { body, ..self.answer.clone() }, ..self.clone() }
    }
}

/// A hash of all that a client can see of the answer. It tells answers apart that differ by chance;
/// whoever makes two that hash the same deceives only those who read the same rows.
fn tag(answer: &Answer) -> [u8; 16] {
    let mut hash = Xxh3::with_seed(u64::from(answer.status));
    for (name, value) in &answer.headers {
        for text in [name, value] {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
    }
    // Marks the end of the headers; no header's name has this length.
    hash.update(&u64::MAX.to_le_bytes());
    hash.update(&answer.body);
    hash.digest128().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(range: &str, body: &'static [u8]) -> Answer {
        let headers = vec![("content-range".into(), range.into())];
        Answer { status: 200, rows: 1, headers, body: Bytes::from_static(body) }
    }

    #[test]
    fn the_etag_tells_bodies_and_headers_apart() {
        let first = Entry::new(answer("0-0/1", b"[1]"));
        assert_eq!(first.etag(), Entry::new(answer("0-0/1", b"[1]")).etag());
        assert_ne!(first.etag(), Entry::new(answer("0-0/1", b"[2]")).etag());
        assert_ne!(first.etag(), Entry::new(answer("0-0/2", b"[1]")).etag());
        assert_eq!(first.etag().len(), 34);
    }

    #[test]
    fn a_kept_body_does_not_hold_on_to_the_buffer_it_was_cut_from() {
        let big = Bytes::from(vec![b'x'; 64 << 10]);
        let entry = Entry::new(Answer { body: big.slice(..10), ..answer("", b"") });
        let kept = entry.compact();
        assert_eq!(kept, entry);
        drop(entry);
        assert!(big.is_unique(), "the kept entry still holds the big buffer");
    }
}
