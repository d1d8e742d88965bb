//! The settings as YAML for a person. Secrets are hidden; what comes out can be read again.

use crate::{
    Admission, Cache, Client, Cors, Deferred, External, InsertWindow, Jdbc, Keys, LogFormat,
    Logging, Management, Names, Patience, Pool, Rest, Server, Settings, Source,
};
use std::{fmt::Write as _, path::Path};

const HIDDEN: &str = "(hidden)";

impl Settings {
    /// As they apply here.
    pub fn shown(&self) -> String {
        let mut out = Lines::default();
        match &self.source {
            Source::File(path) => out.comment(&format!("read from {}", path.display())),
            Source::BuiltIn => out.comment("no file was read; these are the defaults"),
        }
        show_server(&mut out, &self.server);
        out.map(0, "log");
        let format = match self.log.format {
            LogFormat::Pretty => "pretty",
            LogFormat::Json => "json",
        };
        out.text(1, "format", format);
        out.text(1, "level", &self.log.level);
        out.path(0, "data_dir", &self.data_dir);
        if self.admin_key.is_some() {
            out.text(0, "admin_key", HIDDEN);
        }
        if self.store.uri.is_some() {
            out.map(0, "store");
            out.text(1, "uri", HIDDEN);
        }
        out.map(0, "gateway");
        out.value(1, "statement_timeout_secs", self.gateway.statement_timeout.as_secs());
        out.value(1, "max_rows", self.gateway.max_rows);
        out.value(1, "max_stream_rows", self.gateway.max_stream_rows);
        out.text(1, "rpc_schemas", &self.gateway.rpc_schemas.join(","));
        show_patience(&mut out, &self.gateway.patience);
        show_insert_window(&mut out, &self.gateway.insert_window);
        out.value(1, "require_audit_headers", self.gateway.require_audit_headers);
        let fail_mode = if self.keys.fails_open { "fail_open" } else { "fail_closed" };
        out.text(1, "api_key_fail_mode", fail_mode);
        if !self.gateway.wildcard_hosts.is_empty() {
            out.text(1, "wildcard_hosts", &self.gateway.wildcard_hosts.join(","));
        }
        show_names(&mut out, &self.gateway.names);
        if let Some(jdbc) = &self.gateway.jdbc {
            show_jdbc(&mut out, jdbc);
        }
        show_cache(&mut out, &self.cache);
        show_logging(&mut out, &self.logging);
        show_admission(&mut out, &self.admission);
        show_deferred(&mut out, &self.deferred);
        show_keys(&mut out, &self.keys);
        show_management(&mut out, &self.management);
        show_rest(&mut out, 0, &self.rest);
        show_pool(&mut out, 0, &self.pool);
        out.map(0, "embedded");
        out.value(1, "demo", self.embedded.demo);
        out.value(1, "demo_invoices", self.embedded.demo_invoices);
        if let Some(path) = &self.embedded.bin_dir {
            out.path(1, "bin_dir", path);
        }
        let kind = if self.is_production { "production" } else { "development" };
        out.text(0, "environment", kind);
        out.map(0, "secrets");
        out.path(1, "key_file", &self.secrets.key_file);
        out.map(0, "datasources");
        show_list(&mut out, "allowed_hosts", &self.datasources.allowed_hosts);
        let folders = self.datasources.allowed_folders.iter();
        let folders: Vec<_> = folders.map(|path| path.display().to_string()).collect();
        show_list(&mut out, "allowed_folders", &folders);
        if !self.clients.is_empty() {
            out.map(0, "clients");
        }
        for client in &self.clients {
            show_client(&mut out, client);
        }
        out.0
    }
}

/// Nothing when it is empty, which means that anything is allowed.
fn show_list(out: &mut Lines, name: &str, items: &[String]) {
    if !items.is_empty() {
        out.text(1, name, &items.join(","));
    }
}

fn show_names(out: &mut Lines, names: &Names) {
    let snake_case = names.force_camel_case_to_snake_case;
    out.value(1, "force_camel_case_to_snake_case", snake_case);
    out.text(1, "response_case", names.response_case.as_str());
    out.text(1, "numeric_condition_columns", &names.numeric_condition_columns.join(","));
    let uuid_as_text = names.auto_cast_uuid_filter_values_to_text;
    out.value(1, "auto_cast_uuid_filter_values_to_text", uuid_as_text);
}

fn show_server(out: &mut Lines, server: &Server) {
    out.map(0, "server");
    out.text(1, "host", &server.host);
    out.value(1, "port", server.port);
    out.value(1, "request_timeout_secs", server.request_timeout.as_secs());
    out.value(1, "body_limit_bytes", server.body_limit);
    out.text(1, "cors", &cors(&server.cors));
    let proxies: Vec<String> = server.trusted_proxies.iter().map(ToString::to_string).collect();
    out.text(1, "trusted_proxies", &proxies.join(","));
    out.value(1, "metrics", server.metrics);
}

fn cors(cors: &Cors) -> String {
    match cors {
        Cors::Any => "any".to_owned(),
        Cors::Closed => "closed".to_owned(),
        Cors::Origins(origins) => origins.join(","),
    }
}

fn show_client(out: &mut Lines, client: &Client) {
    out.map(1, &client.name);
    out.text(2, "uri", HIDDEN);
    if let Some(path) = &client.snapshot {
        out.path(2, "snapshot", path);
    }
    if let Some(path) = &client.resources {
        out.path(2, "resources", path);
    }
    if let Some(environment) = &client.environment {
        out.text(2, "environment", environment);
    }
    if let Some(timeout) = client.statement_timeout {
        out.value(2, "statement_timeout_secs", timeout.as_secs());
    }
    if let Some(snake_case) = client.force_camel_case_to_snake_case {
        out.value(2, "force_camel_case_to_snake_case", snake_case);
    }
    if let Some(case) = client.response_case {
        out.text(2, "response_case", case.as_str());
    }
    if let Some(external) = &client.external {
        show_external(out, external);
    }
    show_rest(out, 2, &client.rest);
    show_pool(out, 2, &client.pool);
}

fn show_external(out: &mut Lines, external: &External) {
    let mode = if external.is_only_validated { "validate-only" } else { "external" };
    out.text(2, "schema_mode", mode);
    out.map(2, "external");
    if let Some(schemas) = &external.allowed_schemas {
        out.text(3, "allowed_schemas", &schemas.join(","));
    }
    out.value(3, "allow_writes", external.allow_writes);
    out.value(3, "query_timeout_ms", external.query_timeout_ms);
    out.map(3, "validation");
    out.text(4, "on_mismatch", external.on_mismatch.as_str());
    out.value(4, "check_on_boot", external.check_on_boot);
    if let Some(every) = external.check_interval_ms {
        out.value(4, "check_interval_ms", every);
    }
    out.value(4, "require_reachable", external.require_reachable);
}

fn show_jdbc(out: &mut Lines, jdbc: &Jdbc) {
    out.map(1, "jdbc");
    out.value(2, "enabled", true);
    out.text(2, "allowed_hosts", &jdbc.allowed_hosts.join(","));
    out.value(2, "allow_private_hosts", jdbc.allow_private_hosts);
    if let Some(path) = &jdbc.root_certificate {
        out.path(2, "root_certificate", path);
    }
}

fn show_insert_window(out: &mut Lines, window: &InsertWindow) {
    out.value(1, "insert_execution_window_ms", window.length.as_millis());
    out.value(1, "insert_window_max_batch", window.max_batch);
    out.value(1, "insert_window_max_queued", window.max_queued);
    if !window.deny_tables.is_empty() {
        out.text(1, "insert_merge_deny_tables", &window.deny_tables.join(","));
    }
}

fn show_patience(out: &mut Lines, patience: &Patience) {
    out.value(1, "resilience_read_max_retries", patience.read_retries);
    out.value(1, "resilience_initial_backoff_ms", patience.first_backoff.as_millis());
    out.value(1, "breaker_failures", patience.breaker_failures);
    out.value(1, "breaker_window_secs", patience.breaker_window.as_secs());
    out.value(1, "breaker_pause_secs", patience.breaker_pause.as_secs());
    out.value(1, "max_waiting", patience.max_waiting);
}

fn show_management(out: &mut Lines, management: &Management) {
    out.map(0, "management");
    out.text(1, "extensions", &management.extensions.join(","));
    out.text(1, "function_languages", &management.function_languages.join(","));
    out.value(1, "security_definer", management.security_definer);
    out.value(1, "lock_timeout_secs", management.lock_timeout.as_secs());
    out.value(1, "statement_timeout_secs", management.statement_timeout.as_secs());
    out.value(1, "concurrent_timeout_secs", management.concurrent_timeout.as_secs());
}

fn show_cache(out: &mut Lines, cache: &Cache) {
    out.map(0, "cache");
    out.value(1, "enabled", cache.enabled);
    out.value(1, "max_bytes", cache.max_bytes);
    out.value(1, "entry_max_bytes", cache.entry_max_bytes);
    out.value(1, "ttl_seconds", cache.ttl.as_secs());
    if cache.redis_url.is_some() {
        out.text(1, "redis_url", HIDDEN);
    }
    out.text(1, "redis_prefix", &cache.redis_prefix);
    out.value(1, "redis_timeout_ms", cache.redis_budget.as_millis());
    out.value(1, "redis_cooldown_ms", cache.redis_cooldown.as_millis());
}

fn show_logging(out: &mut Lines, logging: &Logging) {
    let days = |kept: std::time::Duration| kept.as_secs() / (24 * 60 * 60);
    out.map(0, "logging");
    out.value(1, "requests", logging.requests);
    out.value(1, "operations", logging.operations);
    out.value(1, "requests_per_second", logging.requests_per_second);
    out.value(1, "body_bytes", logging.body_bytes);
    out.value(1, "keep_operations_days", days(logging.keep_operations));
    out.value(1, "keep_requests_days", days(logging.keep_requests));
    out.value(1, "keep_authentication_days", days(logging.keep_authentication));
    out.value(1, "keep_statistics_days", days(logging.keep_minutes));
}

fn show_admission(out: &mut Lines, admission: &Admission) {
    out.map(0, "admission");
    out.value(1, "enabled", admission.enabled);
    out.value(1, "window_secs", admission.window.as_secs());
    out.value(1, "global_requests_per_window", admission.global);
    out.value(1, "per_client_requests_per_window", admission.client);
    out.value(1, "per_identity_requests_per_window", admission.identity);
    if !admission.clients.is_empty() {
        out.map(1, "clients");
    }
    for (name, limit) in &admission.clients {
        out.value(2, &quoted(name), limit);
    }
    out.value(1, "defer_on_limit_enabled", admission.defer_on_limit);
    if !admission.defer_route_prefixes.is_empty() {
        out.text(1, "defer_route_prefixes", &admission.defer_route_prefixes.join(","));
    }
    out.text(1, "store", admission.store.word());
}

fn show_deferred(out: &mut Lines, deferred: &Deferred) {
    let days = |span: std::time::Duration| span.as_secs() / 86_400;
    out.map(0, "deferred");
    out.value(1, "workers", deferred.workers);
    out.value(1, "workers_per_client", deferred.workers_per_client);
    out.value(1, "queue_limit", deferred.queue_limit);
    out.value(1, "max_attempts", deferred.max_attempts);
    out.value(1, "poll_ms", deferred.poll.as_millis());
    out.value(1, "lease_secs", deferred.lease.as_secs());
    out.value(1, "body_limit_bytes", deferred.body_limit);
    out.value(1, "result_limit_bytes", deferred.result_limit);
    out.value(1, "keep_completed_days", days(deferred.keep_completed));
    out.value(1, "keep_dead_letter_days", days(deferred.keep_dead));
}

fn show_keys(out: &mut Lines, keys: &Keys) {
    out.map(0, "keys");
    out.value(1, "in_address", keys.in_address);
    if keys.pepper.is_some() {
        out.text(1, "pepper", HIDDEN);
    }
    out.text(1, "log", keys.log.as_str());
    out.value(1, "log_per_second", keys.log_per_second);
}

fn show_rest(out: &mut Lines, depth: usize, rest: &Rest) {
    out.map(depth, "rest");
    let depth = depth + 1;
    out.value(depth, "rest_postgrest_mode", rest.postgrest_mode);
    let schemas = if rest.schemas.is_empty() { "any".to_owned() } else { rest.schemas.join(",") };
    out.text(depth, "schemas", &schemas);
    out.text(depth, "extra_search_path", &rest.extra_search_path.join(","));
    if let Some(role) = &rest.anon_role {
        out.text(depth, "anon_role", role);
    }
    if rest.jwt_secret.is_some() {
        out.text(depth, "jwt_secret", HIDDEN);
        out.value(depth, "jwt_secret_is_base64", rest.jwt_secret_is_base64);
    }
    if let Some(audience) = &rest.jwt_aud {
        out.text(depth, "jwt_aud", audience);
    }
    out.text(depth, "jwt_role_claim_key", &rest.jwt_role_claim_key);
    out.value(depth, "jwt_only", rest.jwt_only);
    match rest.max_rows {
        Some(max_rows) => out.value(depth, "max_rows", max_rows),
        None => out.text(depth, "max_rows", "none"),
    }
    out.value(depth, "aggregates_enabled", rest.aggregates_enabled);
    out.value(depth, "plan_enabled", rest.plan_enabled);
    out.text(depth, "tx_end", rest.tx_end.as_str());
    if let Some(function) = &rest.pre_request {
        out.text(depth, "pre_request", function);
    }
    out.text(depth, "openapi_mode", rest.openapi_mode.as_str());
    if !rest.app_settings.is_empty() {
        out.map(depth, "app_settings");
    }
    for (name, _) in &rest.app_settings {
        out.text(depth + 1, name, HIDDEN);
    }
    out.text(depth, "hoisted_tx_settings", &rest.hoisted_tx_settings.join(","));
}

fn show_pool(out: &mut Lines, depth: usize, pool: &Pool) {
    out.map(depth, "pool");
    out.value(depth + 1, "read_connections", pool.read_connections);
    out.value(depth + 1, "write_connections", pool.write_connections);
    out.value(depth + 1, "connect_timeout_secs", pool.connect_timeout.as_secs());
    out.value(depth + 1, "idle_timeout_secs", pool.idle_timeout.as_secs());
    out.value(depth + 1, "max_lifetime_secs", pool.max_lifetime.as_secs());
}

/// YAML, line by line.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{:indent$}{text}", "", indent = depth * 2);
    }

    fn comment(&mut self, text: &str) {
        self.line(0, &format!("# {}", text.replace(char::is_control, " ")));
    }

    fn map(&mut self, depth: usize, key: &str) {
        self.line(depth, &format!("{}:", quoted(key)));
    }

    fn value(&mut self, depth: usize, key: &str, value: impl std::fmt::Display) {
        self.line(depth, &format!("{key}: {value}"));
    }

    fn text(&mut self, depth: usize, key: &str, text: &str) {
        self.value(depth, key, quoted(text));
    }

    fn path(&mut self, depth: usize, key: &str, path: &Path) {
        self.text(depth, key, &path.display().to_string());
    }
}

/// Plain where YAML cannot take it for something else.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-()".contains(c));
    if is_plain { text.to_owned() } else { format!("{text:?}") }
}
