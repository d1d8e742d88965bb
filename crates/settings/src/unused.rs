//! Variables of the contract that mean nothing here. One that is set is refused by its name, because
//! whoever set it expects something of it.

use crate::{Environment, Mistake};

/// The variable, the words that ask for what is done anyway, and what to do instead.
const UNUSED: [(&str, &[&str], &str); 13] = [
    ("ATHENA_DEADPOOL_ENABLED", &["false", "0", "no", "off"], "each client has one pool"),
    ("ATHENA_DEADPOOL_CHECKOUT_TIMEOUT_MS", &[], "use ATHENA_PG_POOL_ACQUIRE_TIMEOUT_SECS"),
    ("ATHENA_DEADPOOL_WARMUP_TIMEOUT_MS", &[], "connections are opened when they are needed"),
    ("ATHENA_PG_POOL_MIN_CONNECTIONS", &["0"], "connections are opened when they are needed"),
    (
        "ATHENA_PG_POOL_TEST_BEFORE_ACQUIRE",
        &["false", "0", "no", "off"],
        "a read on a connection that died is tried again",
    ),
    ("ATHENA_CACHE_MAX_CAPACITY", &[], "use cache.max_bytes"),
    ("ATHENA_CACHE_MAX_ENTRY_WEIGHT", &[], "use cache.entry_max_bytes"),
    ("ATHENA_CACHE_INVALIDATION_WINDOW_MS", &["0"], "a write is seen by the next read"),
    ("ATHENA_FETCH_SINGLEFLIGHT_WAIT_TIMEOUT_MS", &[], "use gateway.statement_timeout_secs"),
    ("ATHENA_CLIENT_RECONNECT_INTERVAL_SECS", &[], "each client comes back by itself"),
    ("ATHENA_REALTIME_REGISTRY_PURGE_INTERVAL_SECS", &[], "there is no registry of callers"),
    ("ATHENA_REALTIME_REGISTRY_INACTIVE_AFTER_SECS", &[], "there is no registry of callers"),
    ("ATHENA_VERBOSE_LOGGING", &["false", "0", "no", "off"], "use RUST_LOG or log.level"),
];

pub(crate) fn refuse(environment: &Environment, mistakes: &mut Vec<Mistake>) {
    for (name, harmless, instead) in UNUSED {
        let Some(value) = environment.get(name) else { continue };
        if harmless.iter().any(|word| word.eq_ignore_ascii_case(value.trim())) {
            continue;
        }
        mistakes.push(Mistake::new(format!("{name} has no effect here: {instead}")));
    }
}
