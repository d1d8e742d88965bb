//! Secrets that are planted, and the sieve that finds them in whatever form they got out.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use std::collections::HashMap;

/// How much of a needle the sieve looks at first.
const START: usize = 8;

/// A secret, and the pieces of it that must not be seen: half a password is too much.
pub struct Canary {
    pub name: String,
    pub text: String,
    pieces: Vec<String>,
}

/// All of them.
#[derive(Default)]
pub struct Flock {
    pub canaries: Vec<Canary>,
}

impl Flock {
    /// Make one up. An address has to escape its `@`, and who cuts at the first one leaks the rest.
    pub fn plant(&mut self, name: &str) -> String {
        let number = self.canaries.len();
        let (head, tail) =
            (format!("zqh{number:02}vk7w2xm9bd3"), format!("zqt{number:02}pd4r8cn5jf6"));
        let text = format!("{head}@{tail}");
        self.keep(name, text.clone(), vec![head, tail]);
        text
    }

    /// One that the program made itself.
    pub fn adopt(&mut self, name: &str, text: &str) {
        let (head, tail) = text.split_at(text.len() / 2);
        self.keep(name, text.to_owned(), vec![head.to_owned(), tail.to_owned()]);
    }

    fn keep(&mut self, name: &str, text: String, pieces: Vec<String>) {
        assert!(pieces.iter().all(|piece| piece.len() >= 14), "{name} is too short to be told");
        self.canaries.push(Canary { name: name.to_owned(), text, pieces });
    }

    pub fn text(&self, name: &str) -> &str {
        let found = self.canaries.iter().find(|canary| canary.name == name);
        &found.unwrap_or_else(|| panic!("no canary {name}")).text
    }

    pub fn sieve(&self) -> Sieve {
        let mut sieve = Sieve::default();
        for canary in &self.canaries {
            for piece in &canary.pieces {
                let lower = piece.to_lowercase();
                sieve.in_any_case.add(&canary.name, "plain", lower.clone());
                // Letters may have changed before they were written otherwise, so both are looked for.
                for spelled in [piece, &lower] {
                    sieve.add_encoded(&canary.name, spelled.as_bytes());
                }
            }
        }
        sieve
    }
}

/// Where a canary was seen.
#[derive(Debug)]
pub struct Found {
    pub name: String,
    pub form: &'static str,
    pub around: String,
}

/// Looks for all canaries in one pass.
#[derive(Default)]
pub struct Sieve {
    in_any_case: Needles,
    to_the_letter: Needles,
}

impl Sieve {
    fn add_encoded(&mut self, name: &str, bytes: &[u8]) {
        self.in_any_case.add(name, "hex", hex::encode(bytes));
        let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        self.in_any_case.add(name, "url", escaped);
        // What stands before it moves its letters; three ways to begin are all there are.
        for skipped in 0..3 {
            let whole = (bytes.len() - skipped) / 3 * 3;
            let core = &bytes[skipped..skipped + whole];
            self.to_the_letter.add(name, "base64", STANDARD_NO_PAD.encode(core));
            self.to_the_letter.add(name, "base64", URL_SAFE_NO_PAD.encode(core));
        }
    }

    pub fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let lower = bytes.to_ascii_lowercase();
        let mut found = self.in_any_case.find(&lower);
        found.extend(self.to_the_letter.find(bytes));
        found
    }
}

struct Needle {
    name: String,
    form: &'static str,
    text: Vec<u8>,
}

#[derive(Default)]
struct Needles {
    by_start: HashMap<u64, Vec<Needle>>,
    /// The last two bytes of every start: almost everything is passed over by these alone.
    ends: Vec<bool>,
}

impl Needles {
    fn add(&mut self, name: &str, form: &'static str, text: String) {
        assert!(text.len() >= START, "{text} is found anywhere");
        let text = text.into_bytes();
        let start = text[..START].iter().fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
        self.ends.resize(1 << 16, false);
        self.ends[usize::from(start as u16)] = true;
        let needles = self.by_start.entry(start).or_default();
        if needles.iter().all(|needle| needle.text != text) {
            needles.push(Needle { name: name.to_owned(), form, text });
        }
    }

    fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let (mut found, mut last) = (Vec::new(), 0_u64);
        for (at, byte) in bytes.iter().enumerate() {
            last = last << 8 | u64::from(*byte);
            if !self.ends[usize::from(last as u16)] {
                continue;
            }
            let Some(needles) = self.by_start.get(&last) else { continue };
            let begin = at + 1 - START;
            let seen = needles.iter().filter(|needle| bytes[begin..].starts_with(&needle.text));
            found.extend(seen.map(|needle| needle.found(bytes, begin)));
        }
        found
    }
}

impl Needle {
    fn found(&self, bytes: &[u8], at: usize) -> Found {
        let (from, to) = (at.saturating_sub(160), (at + 160).min(bytes.len()));
        let around = String::from_utf8_lossy(&bytes[from..to]).into_owned();
        Found { name: self.name.clone(), form: self.form, around }
    }
}

#[test]
fn a_canary_is_found_whole_or_in_half_and_in_every_form() {
    let mut flock = Flock::default();
    let text = flock.plant("one");
    flock.plant("two");
    let sieve = flock.sieve();
    let (head, tail) = text.split_once('@').unwrap();
    let escaped: String = tail.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for (form, leak) in [
        ("plain", format!("password \"{}\"", text.to_uppercase())),
        ("plain", format!("postgres://me:***@{tail}@host/d")),
        ("hex", hex::encode_upper(format!("x{head}"))),
        ("url", format!("?p={escaped}")),
        ("base64", STANDARD_NO_PAD.encode(&text)),
        ("base64", URL_SAFE_NO_PAD.encode(format!("x{text}"))),
        ("base64", STANDARD_NO_PAD.encode(format!("xy:{text}~"))),
    ] {
        let found = sieve.find(leak.as_bytes());
        let is_seen = found.iter().any(|found| found.name == "one" && found.form == form);
        assert!(is_seen, "{form} in {leak}: {found:?}");
    }
    assert!(sieve.find(b"nothing of zqh is here, nor of ZQT00").is_empty());
}
