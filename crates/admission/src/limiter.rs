//! The three buckets of a request, taken from all of them or from none.

use crate::{
    bucket::{Bucket, Rate, Refused, Taken},
    shards::Shards,
};
use std::time::{Duration, Instant};

/// Which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Identity,
    Client,
    Global,
}

impl Scope {
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Client => "client",
            Self::Global => "global",
        }
    }
}

/// How many requests of each kind a window lets in; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    pub window: Duration,
    pub global: u64,
    pub client: u64,
    pub identity: u64,
}

impl Quotas {
    /// The buckets that limit anything, in the order in which they are asked: whoever asks too much
    /// alone takes nothing from the others.
    pub fn rates(&self) -> impl Iterator<Item = (Scope, Rate)> {
        let all = [
            (Scope::Identity, self.identity),
            (Scope::Client, self.client),
            (Scope::Global, self.global),
        ];
        let window = self.window;
        all.into_iter().filter_map(move |(scope, limit)| Some((scope, Rate::new(limit, window)?)))
    }
}

/// The bucket of the client that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat<'a> {
    /// A client that exists, and that the asker may speak to.
    Known(&'a str),
    /// All other names together.
    Unknown,
}

/// Who asks, and whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker<'a> {
    /// Something that was verified: a key's id, or the address of the peer.
    pub identity: &'a str,
    pub client: Seat<'a>,
}

impl Asker<'_> {
    /// The name of a bucket; no client can be called as the shared one is.
    pub fn bucket(&self, scope: Scope) -> &str {
        match (scope, self.client) {
            (Scope::Identity, _) => self.identity,
            (Scope::Client, Seat::Known(name)) => name,
            (Scope::Client, Seat::Unknown) => "?",
            (Scope::Global, _) => "*",
        }
    }
}

/// Whether a request is let in, and what its tightest bucket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `None` where nothing limits.
    Admitted(Option<(Scope, Taken)>),
    Refused {
        scope: Scope,
        limit: u64,
        wait: Duration,
    },
}

impl Verdict {
    /// Of several buckets, the one with the least in it.
    #[must_use]
    pub fn with(self, scope: Scope, taken: Taken) -> Self {
        match self {
            Self::Admitted(Some((_, other))) if other.remaining <= taken.remaining => self,
            Self::Admitted(_) => Self::Admitted(Some((scope, taken))),
            Self::Refused { .. } => self,
        }
    }
}

/// The buckets of one process.
#[derive(Debug)]
pub struct Limiter {
    began: Instant,
    global: Bucket,
    clients: Shards,
    identities: Shards,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            global: Bucket::default(),
            clients: Shards::default(),
            identities: Shards::default(),
        }
    }
}

impl Limiter {
    pub fn take(&self, quotas: &Quotas, asker: &Asker<'_>) -> Verdict {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.take_at(quotas, asker, now)
    }

    /// The same at a moment of the caller's choosing.
    pub fn take_at(&self, quotas: &Quotas, asker: &Asker<'_>, now: u64) -> Verdict {
        let mut verdict = Verdict::Admitted(None);
        for (scope, rate) in quotas.rates() {
            match self.take_one(scope, rate, asker, now) {
                Ok(taken) => verdict = verdict.with(scope, taken),
                Err(Refused { wait }) => {
                    self.put_back_before(scope, quotas, asker, now);
                    return Verdict::Refused { scope, limit: rate.limit(), wait };
                }
            }
        }
        verdict
    }

    /// How many clients and identities are remembered.
    pub fn remembered(&self) -> usize {
        self.clients.len() + self.identities.len()
    }

    fn take_one(
        &self,
        scope: Scope,
        rate: Rate,
        asker: &Asker<'_>,
        now: u64,
    ) -> Result<Taken, Refused> {
        match scope {
            Scope::Global => self.global.take(rate, now),
            Scope::Client => self.clients.take(asker.bucket(scope), rate, now),
            Scope::Identity => self.identities.take(asker.bucket(scope), rate, now),
        }
    }

    /// A refused request takes nothing.
    fn put_back_before(&self, refused: Scope, quotas: &Quotas, asker: &Asker<'_>, now: u64) {
        for (scope, rate) in quotas.rates().take_while(|(scope, _)| *scope != refused) {
            match scope {
                Scope::Global => self.global.put_back(rate),
                Scope::Client => self.clients.put_back(asker.bucket(scope), rate, now),
                Scope::Identity => self.identities.put_back(asker.bucket(scope), rate, now),
            }
        }
    }
}
