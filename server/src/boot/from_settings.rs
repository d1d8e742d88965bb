//! What the settings say, in the words of those who are started with them.

use crate::clients;
use anyhow::Context;
use api::{ApiSettings, HostPattern, Proxies};
use gateway::{
    Access, CacheSettings, Gateway, GatewaySettings, InsertWindowSettings, Kept,
    ResilienceSettings,
    admin::management::{ManagementSettings, Policy},
};
use query::{plan::PlanLimits, request::ParseOptions};
use settings::{Cors, KeyLog, Patience, Settings};
use store::Retention;

pub(super) fn kept(settings: &Settings) -> Kept {
    let keys = &settings.keys;
    match keys.log {
        KeyLog::Refusals => Kept::Refusals,
        KeyLog::All | KeyLog::None => Kept::All { per_second: keys.log_per_second },
    }
}

pub(super) fn retention(settings: &Settings) -> Retention {
    let logging = &settings.logging;
    Retention {
        operations: logging.keep_operations,
        requests: logging.keep_requests,
        authentication: logging.keep_authentication,
        minutes: logging.keep_minutes,
    }
}

pub(super) fn engine(settings: &Settings, access: Access) -> anyhow::Result<Gateway> {
    let cache = &settings.cache;
    if !cache.enabled {
        return Ok(Gateway::new(gateway_settings(settings), access));
    }
    let cache = CacheSettings {
        capacity_bytes: cache.max_bytes,
        entry_max_bytes: cache.entry_max_bytes,
        ttl: cache.ttl,
        redis_url: cache.redis_url.as_ref().map(|url| url.expose().to_owned()),
        redis_prefix: cache.redis_prefix.clone(),
        redis_budget: cache.redis_budget,
        redis_cooldown: cache.redis_cooldown,
    };
    Gateway::caching(gateway_settings(settings), access, &cache).context("cache.redis_url")
}

fn gateway_settings(settings: &Settings) -> GatewaySettings {
    GatewaySettings {
        limits: PlanLimits { max_rows: settings.gateway.max_rows },
        statement_timeout: settings.gateway.statement_timeout,
        parse: parse_options(&settings.gateway.names),
        resilience: resilience(&settings.gateway.patience),
        max_stream_rows: settings.gateway.max_stream_rows,
        call_schemas: settings.gateway.rpc_schemas.clone(),
        management: management(&settings.management),
        insert_window: insert_window(&settings.gateway.insert_window),
    }
}

fn insert_window(settings: &settings::InsertWindow) -> InsertWindowSettings {
    InsertWindowSettings {
        length: settings.length,
        max_batch: settings.max_batch,
        max_queued: settings.max_queued,
        apart: settings.deny_tables.clone(),
    }
}

fn management(settings: &settings::Management) -> ManagementSettings {
    ManagementSettings {
        policy: Policy {
            extensions: settings.extensions.clone(),
            languages: settings.function_languages.clone(),
            security_definer: settings.security_definer,
        },
        lock_timeout: settings.lock_timeout,
        statement_timeout: settings.statement_timeout,
        concurrent_timeout: settings.concurrent_timeout,
    }
}

fn parse_options(names: &settings::Names) -> ParseOptions {
    ParseOptions {
        snake_case: names.force_camel_case_to_snake_case,
        response_case: clients::response_case(names.response_case),
        numeric_columns: names.numeric_condition_columns.clone(),
        uuid_as_text: names.auto_cast_uuid_filter_values_to_text,
        ..ParseOptions::default()
    }
}

fn resilience(patience: &Patience) -> ResilienceSettings {
    ResilienceSettings {
        read_retries: patience.read_retries,
        first_backoff: patience.first_backoff,
        breaker_failures: patience.breaker_failures,
        breaker_window: patience.breaker_window,
        breaker_pause: patience.breaker_pause,
        max_waiting: patience.max_waiting,
        ..ResilienceSettings::default()
    }
}

fn wildcard_hosts(settings: &Settings) -> anyhow::Result<Vec<HostPattern>> {
    let patterns = settings.gateway.wildcard_hosts.iter();
    let parsed: Result<_, _> = patterns.map(|text| HostPattern::parse(text)).collect();
    parsed.context("gateway.wildcard_hosts")
}

pub(super) fn api_settings(settings: &Settings) -> anyhow::Result<ApiSettings> {
    let cors = match &settings.server.cors {
        Cors::Any => api::Cors::Any,
        Cors::Closed => api::Cors::Closed,
        Cors::Origins(origins) => {
            let values = origins.iter().map(|origin| origin.parse());
            api::Cors::Origins(values.collect::<Result<_, _>>().context("server.cors")?)
        }
    };
    Ok(ApiSettings {
        body_limit: settings.server.body_limit,
        request_timeout: settings.server.request_timeout,
        cors,
        require_audit_headers: settings.gateway.require_audit_headers,
        trusted_proxies: proxies(settings),
        metrics: settings.server.metrics,
        wildcard_hosts: wildcard_hosts(settings)?,
        version: env!("CARGO_PKG_VERSION"),
    })
}

pub(super) fn proxies(settings: &Settings) -> Proxies {
    let networks = settings.server.trusted_proxies.iter();
    Proxies::new(networks.map(|network| (network.address, network.bits)))
}
