//! Everything the program gave away, with where it was seen.

use super::flock::Flock;
use std::{fs, path::Path};

/// How often one canary is told of at one place.
const AT_MOST: usize = 4;

/// Something that was said.
struct Said {
    place: String,
    bytes: Vec<u8>,
    /// The canary that this one place is meant to show, once.
    meant: Option<String>,
}

#[derive(Default)]
pub struct Catch {
    said: Vec<Said>,
}

impl Catch {
    pub fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.said.push(Said { place: place.into(), bytes: bytes.into(), meant: None });
    }

    /// The last thing that was said shows this one, as it is meant to.
    pub fn last_shows(&mut self, canary: &str) {
        let last = self.said.last_mut().unwrap();
        last.meant = Some(canary.to_owned());
    }

    /// Every file below this folder.
    pub fn add_files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.add_files(&path);
            } else if path.is_file() {
                self.add(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }

    pub fn is_heard(&self, word: &str) -> bool {
        self.said.iter().any(|said| String::from_utf8_lossy(&said.bytes).contains(word))
    }

    /// What got out, each canary at each place a few times.
    pub fn leaks(&self, flock: &Flock) -> Vec<String> {
        let sieve = flock.sieve();
        let mut leaks = Vec::new();
        for said in &self.said {
            let mut seen = Vec::new();
            for found in sieve.find(&said.bytes) {
                let times = seen.iter().filter(|name| **name == found.name).count();
                if said.meant.as_ref() == Some(&found.name) || times == AT_MOST {
                    continue;
                }
                leaks.push(format!(
                    "{} ({}) in {}: …{}…",
                    found.name, found.form, said.place, found.around
                ));
                seen.push(found.name);
            }
        }
        leaks
    }
}
