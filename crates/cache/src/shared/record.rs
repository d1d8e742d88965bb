//! An entry as bytes in Redis: versioned, and checked before it is believed.

use crate::{
    answer::{Answer, Entry},
    key::CacheKey,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const VERSION: u8 = 2;
const CHECKSUM: usize = 32;

/// Room for all that is not headers and body, whose weight already counts more than this.
const FRAME: u64 = 512;

/// The tokens a value was made under, as one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tokens([u8; 16]);

impl Tokens {
    /// None if one of them is missing.
    pub(super) fn of(tokens: &[Option<Vec<u8>>]) -> Option<Self> {
        let mut hash = Sha256::new();
        for token in tokens {
            let token = token.as_ref()?;
            hash.update((token.len() as u64).to_le_bytes());
            hash.update(token);
        }
        let digest: [u8; 32] = hash.finalize().into();
        digest[..16].try_into().ok().map(Self)
    }
}

/// What a value turned out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Reading {
    Entry(Entry),
    /// A write came after it was made.
    Overtaken,
    /// Not what this version of us wrote under this key.
    Corrupt,
}

/// The longest value worth fetching, for entries up to this weight.
pub(super) fn longest(entry_limit: u64) -> u64 {
    entry_limit + FRAME
}

pub(super) fn encode(entry: &Entry, key: &CacheKey, tokens: Tokens) -> Vec<u8> {
    let answer = entry.answer();
    let born = unix_millis().saturating_sub(entry.age().as_millis() as u64);
    let mut out = Vec::with_capacity(entry.weight() as usize);
    out.push(VERSION);
    out.extend(key.bytes());
    out.extend(tokens.0);
    out.extend(entry.tag());
    out.extend(born.to_le_bytes());
    out.extend(answer.rows.to_le_bytes());
    out.extend(answer.status.to_le_bytes());
    out.extend((answer.headers.len() as u32).to_le_bytes());
    for text in answer.headers.iter().flat_map(|(name, value)| [name, value]) {
        out.extend((text.len() as u32).to_le_bytes());
        out.extend(text.as_bytes());
    }
    out.extend(&answer.body);
    let checksum = Sha256::digest(&out);
    out.extend(checksum);
    out
}

pub(super) fn decode(value: &[u8], key: &CacheKey, tokens: Tokens) -> Reading {
    let Some((signed, checksum)) = value.split_last_chunk::<CHECKSUM>() else {
        return Reading::Corrupt;
    };
    if Sha256::digest(signed)[..] != checksum[..] {
        return Reading::Corrupt;
    }
    match parse(Rest(signed), key, tokens) {
        Some(reading) => reading,
        None => Reading::Corrupt,
    }
}

fn parse(mut rest: Rest<'_>, key: &CacheKey, tokens: Tokens) -> Option<Reading> {
    if rest.array()? != [VERSION] || rest.array()? != *key.bytes() {
        return None;
    }
    if rest.array()? != tokens.0 {
        return Some(Reading::Overtaken);
    }
    let tag = rest.array()?;
    let born = u64::from_le_bytes(rest.array()?);
    let rows = u64::from_le_bytes(rest.array()?);
    let status = u16::from_le_bytes(rest.array()?);
    let count = u32::from_le_bytes(rest.array()?);
    let headers = (0..count).map(|_| Some((rest.text()?, rest.text()?)));
    let headers = headers.collect::<Option<Vec<_>>>()?;
    let answer = Answer { status, rows, headers, body: Bytes::copy_from_slice(rest.0) };
    // Clocks of two nodes differ a little; what seems to come from the future is new.
    let age = Duration::from_millis(unix_millis().saturating_sub(born));
    Some(Reading::Entry(Entry::restored(answer, tag, age)))
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    fn text(&mut self) -> Option<Box<str>> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        std::str::from_utf8(head).ok().map(Into::into)
    }
}

fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyBuilder, KeyParts, Visibility};

    fn key(statement: &str) -> CacheKey {
        let parts = KeyParts {
            client: &"main".parse().unwrap(),
            upstream: "1",
            visibility: Visibility::Anonymous,
            surface: "rest",
            shape: "rows",
            casing: "as is",
            strip_nulls: false,
            statement,
        };
        *KeyBuilder::new(&parts).finish().key()
    }

    fn sample() -> (Entry, Vec<u8>) {
        let headers = vec![("content-type".into(), "application/json".into())];
        let body = Bytes::from_static(b"[{\"id\":1}]");
        let entry = Entry::new(Answer { status: 206, rows: 1, headers, body });
        let value = encode(&entry, &key("a"), Tokens([7; 16]));
        (entry, value)
    }

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let (entry, value) = sample();
        let Reading::Entry(read) = decode(&value, &key("a"), Tokens([7; 16])) else {
            panic!("the value was not believed");
        };
        assert_eq!((read.answer(), read.etag()), (entry.answer(), entry.etag()));
        assert!(value.len() as u64 <= longest(entry.weight()));
    }

    #[test]
    fn any_changed_or_missing_byte_makes_a_value_corrupt() {
        let (_, value) = sample();
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 1;
            assert_eq!(decode(&changed, &key("a"), Tokens([7; 16])), Reading::Corrupt, "{at}");
            assert_eq!(decode(&value[..at], &key("a"), Tokens([7; 16])), Reading::Corrupt, "{at}");
        }
    }

    #[test]
    fn a_value_of_another_key_is_not_believed() {
        let (_, value) = sample();
        assert_eq!(decode(&value, &key("b"), Tokens([7; 16])), Reading::Corrupt);
    }

    #[test]
    fn a_value_under_other_tokens_is_overtaken() {
        let (_, value) = sample();
        assert_eq!(decode(&value, &key("a"), Tokens([8; 16])), Reading::Overtaken);
    }

    #[test]
    fn a_missing_token_is_no_set_of_tokens() {
        assert_eq!(Tokens::of(&[Some(vec![1]), None]), None);
        let (joined, apart) = ([Some(vec![1, 2]), Some(vec![])], [Some(vec![1]), Some(vec![2])]);
        assert_ne!(Tokens::of(&joined), Tokens::of(&apart));
    }
}
