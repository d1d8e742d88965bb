//! The process, its settings, its queues and its logs.

use crate::{
    Gateway,
    access::AuthTrail,
    deferred::{EventKind, Kind},
};
use cache::RedisState;
use metrics::{Labels, Page, process as system};
use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};
use store::{OperationLog, RequestLog, Topic};

pub(super) fn process(gateway: &Gateway, began: SystemTime, page: &mut Page<'_>) -> fmt::Result {
    let since = began.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    page.gauge("process_start_time_seconds", "When it started, since 1970.", since)?;
    page.gauge("uptime_seconds", "How long it has run.", gateway.uptime().as_secs_f64())?;
    system::write(page)
}

pub(super) fn flags(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let (access, parse) = (gateway.access(), &gateway.settings().parse);
    let has_desk = access.known_desk().is_some();
    let is_up = access.known_desk().is_some_and(|desk| desk.feed.is_listening());
    for (name, help, is_on) in [
        ("logging_client_configured", "Whether there is a store.", has_desk),
        ("logging_store_up", "Whether the store is heard.", is_up),
        ("gateway_auth_client_configured", "Whether there are keys.", access.has_store()),
        ("gateway_force_camel_case_to_snake_case", "Whether userId is user_id.", parse.snake_case),
        (
            "gateway_auto_cast_uuid_filter_values_to_text",
            "Whether a UUID fails no column of another type.",
            parse.uuid_as_text,
        ),
        ("degraded", "Whether it was started in spite of mismatches.", gateway.is_degraded()),
    ] {
        page.flag(name, help, is_on)?;
    }
    let rules = gateway.target_rules();
    let is_private = rules.is_some_and(|rules| rules.allow_private_hosts);
    let help = "Whether databases named in headers may be in private networks.";
    page.flag("gateway_jdbc_allow_private_hosts", help, is_private)?;
    let hosts = rules.map_or(0, |rules| rules.allowed_hosts.len());
    page.gauge("gateway_jdbc_allowed_hosts", "Hosts that may be named in headers.", hosts as f64)
}

pub(super) fn cache(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let seen = gateway.answers().cache().map(|cache| cache.statistics());
    let seen = seen.as_ref();
    let kept = || seen.map(|_| vec![("cache", "request".into())]);
    let with = |value: f64| kept().map(|labels: Labels<'_>| (labels, value));
    let (entries, bytes) = seen.map_or((0, 0), |seen| (seen.entries, seen.bytes));
    page.gauges("cache_entries", "Answers that are kept.", with(entries as f64))?;
    page.gauges("cache_weighted_size", "Their size in bytes.", with(bytes as f64))?;
    page.gauge("cache_entries_total", "Answers that are kept in all caches.", entries as f64)?;
    page.gauge("cache_weighted_size_total", "Their size in bytes.", bytes as f64)?;
    let average = if entries == 0 { 0.0 } else { bytes as f64 / entries as f64 };
    page.gauge("cache_average_weight_per_entry", "The size of one, in bytes.", average)?;
    let events = seen.map(|seen| {
        [
            ("hit_local", seen.hits_local),
            ("hit_redis", seen.hits_redis),
            ("miss", seen.misses),
            ("joined", seen.joined),
            ("bypassed", seen.bypassed),
            ("filled", seen.fills),
            ("too_big", seen.too_big),
            ("stale", seen.stale),
            ("evicted", seen.evictions),
            ("redis_error", seen.redis_errors),
            ("redis_timeout", seen.redis_timeouts),
            ("redis_corrupt", seen.redis_corrupt),
            ("redis_stored", seen.redis_stored),
        ]
    });
    let samples = events.into_iter().flatten();
    let samples = samples.map(|(event, count)| (vec![("event", event.into())], count));
    page.counters("cache_events", "What happened in the cache.", samples)?;
    let redis = seen.filter(|seen| seen.redis != RedisState::Off);
    let up = redis.map(|seen| (Labels::new(), f64::from(u8::from(seen.redis == RedisState::Up))));
    page.gauges("cache_redis_up", "Whether Redis answers, where there is one.", up)
}

pub(super) fn admission(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    page.flag("admission_enabled", "Whether requests are limited.", gateway.counts_requests())?;
    let decided = gateway.access().admission().map(|admission| admission.decided());
    let samples = decided.into_iter().flatten().map(|(decision, scope, count)| {
        (vec![("decision", decision.into()), ("scope", scope.into())], count)
    });
    page.counters(
        "admission_decisions",
        "Requests that were let in, put off or turned away.",
        samples,
    )
}

pub(super) fn deferred(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let events = gateway.deferred().map(|deferred| deferred.events());
    let samples = events.into_iter().flat_map(|events| {
        Kind::ALL.into_iter().flat_map(move |kind| {
            let of = move |status: &'static str, event| {
                (
                    vec![("kind", kind.word().into()), ("status", status.into())],
                    events.of(kind, event),
                )
            };
            let all = EventKind::ALL.into_iter().map(move |event| of(event.word(), event));
            // Dashboards know both words.
            all.chain([of("failed", EventKind::DeadLetter)])
        })
    });
    page.counters("gateway_deferred_events", "What happened to deferred requests here.", samples)
}

pub(super) fn insert_window(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let seen = gateway.insert_window_events();
    let samples = [
        ("flush_bulk", seen.flush_bulk),
        ("flush_single", seen.flush_single),
        ("bulk_row_count_mismatch", seen.bulk_row_count_mismatch),
        ("bulk_fallback_sql_error", seen.bulk_fallback_sql_error),
        ("fallback_queue_full", seen.fallback_queue_full),
    ]
    .map(|(label, count)| (vec![("label", label.into())], count));
    page.counters("gateway_insert_window_events", "Rows that waited for others.", samples)
}

pub(super) fn logs(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let access = gateway.access();
    let requests = access.request_log();
    let dropped = [
        ("operations", access.operation_log().map(OperationLog::dropped)),
        ("requests", requests.map(RequestLog::dropped)),
        ("authentication", gateway.auth_trail().map(AuthTrail::dropped)),
        ("admission", access.admission().map(|admission| admission.dropped())),
        ("events", gateway.clients_cell().get().map(|clients| clients.events_dropped())),
    ];
    let samples =
        dropped.into_iter().filter_map(|(log, count)| Some((vec![("log", log.into())], count?)));
    page.counters("log_rows_dropped", "Rows that were never written, by log.", samples)?;
    let one = |count: Option<u64>| count.map(|count| (Labels::new(), count));
    let help = "Requests that were counted and not written down: too many in their second.";
    page.counters("log_requests_skipped", help, one(requests.map(RequestLog::skipped)))?;
    let help = "Good uses of keys that were not written down: too many of one key in their second.";
    let skipped = gateway.auth_trail().map(AuthTrail::skipped);
    page.counters("log_authentication_skipped", help, one(skipped))?;
    let help = "Requests that are in no statistics.";
    page.counters("log_requests_uncounted", help, one(requests.map(RequestLog::uncounted)))
}

pub(super) fn store(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let desk = gateway.access().known_desk();
    let up = desk.map(|desk| (Labels::new(), f64::from(u8::from(desk.feed.is_listening()))));
    page.gauges("change_feed_up", "Whether changes of the store are heard.", up)?;
    let samples = desk.into_iter().flat_map(|desk| {
        let of = |topic: Topic| (vec![("topic", topic.word().into())], desk.feed.counted(topic));
        Topic::ALL.into_iter().map(of)
    });
    page.counters("change_feed_heard", "Changes of the store that were heard.", samples)?;
    let pool = desk.map(|desk| desk.store.pool_report());
    let states = pool.map(|pool| [("limit", pool.limit), ("open", pool.open), ("idle", pool.idle)]);
    let samples = states.into_iter().flatten();
    let samples = samples.map(|(state, count)| (vec![("state", state.into())], f64::from(count)));
    page.gauges("store_pool_connections", "Connections to the store.", samples)
}
