//! How many requests are let in: for everybody together, for each client, and for each who asks.
//!
//! A bucket holds as many requests as one window allows and fills evenly, so a window of length `d`
//! lets in at most `limit + d * limit / window` of them, however they come. Nothing here waits, does
//! I/O, or takes a lock that all requests would share.

mod bucket;
mod limiter;
mod shards;

pub use bucket::{Bucket, Rate, Refused, Taken};
pub use limiter::{Asker, Limiter, Quotas, Scope, Seat, Verdict};
