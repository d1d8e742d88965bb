//! The cache as the gateway will use it, alone and with a real Redis.

mod admission;
mod capacity;
mod coherence;
mod flights;
mod keys;
mod nodes;
mod outage;
mod support;
