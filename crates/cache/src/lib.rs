//! Answers that are kept: in this process first, in Redis second.
//!
//! A look-up is one call, [`ResponseCache::read`]: it finds the answer, joins whoever is already
//! making it, or makes it. What may be served is decided by generations, never by a search for
//! keys: an entry remembers the generations of everything it read *from before its statement ran*,
//! and a write bumps them ([`ResponseCache::will_write`]) before it is answered.
//!
//! What holds, and when:
//!
//! - A read that starts on this node after a write was answered here never sees what was before it,
//!   whatever Redis does.
//! - A read on another node sees it once Redis has passed the message on: milliseconds. While Redis
//!   cannot be reached, another node may serve what it keeps itself for at most its time to live.
//! - Nobody waits for Redis longer than [`CacheSettings::redis_budget`].
//!
//! The reasons are in `docs/decisions/0010-cache-generations.md`.

mod answer;
mod cache;
mod error;
mod flight;
mod generations;
mod key;
mod memo;
mod memory;
mod scope;
mod settings;
mod shared;
mod statistics;
mod write;

pub use answer::{Answer, Entry};
pub use cache::{Directive, Found, ResponseCache};
pub use error::{CacheError, ReadError};
pub use key::{CacheKey, KeyBuilder, KeyParts, Lookup, Visibility};
pub use memo::Memo;
pub use scope::Scope;
pub use settings::CacheSettings;
pub use statistics::{Outcome, RedisState, Source, Statistics};
pub use write::WriteNotice;
