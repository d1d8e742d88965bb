//! The settings as YAML for a person. Secrets are hidden; what comes out can be read again.

use crate::{
    Cache, Client, Cors, LogFormat, Management, Names, Patience, Pool, Rest, Settings, Source,
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
        out.map(0, "server");
        out.text(1, "host", &self.server.host);
        out.value(1, "port", self.server.port);
        out.value(1, "request_timeout_secs", self.server.request_timeout.as_secs());
        out.value(1, "body_limit_bytes", self.server.body_limit);
        out.text(1, "cors", &cors(&self.server.cors));
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
        out.value(1, "require_audit_headers", self.gateway.require_audit_headers);
        show_names(&mut out, &self.gateway.names);
        if let Some(jdbc) = &self.gateway.jdbc {
            out.map(1, "jdbc");
            out.value(2, "enabled", true);
            out.text(2, "allowed_hosts", &jdbc.allowed_hosts.join(","));
            out.value(2, "allow_private_hosts", jdbc.allow_private_hosts);
            if let Some(path) = &jdbc.root_certificate {
                out.path(2, "root_certificate", path);
            }
        }
        show_cache(&mut out, &self.cache);
        show_management(&mut out, &self.management);
        show_rest(&mut out, 0, &self.rest);
        show_pool(&mut out, 0, &self.pool);
        out.map(0, "embedded");
        out.value(1, "demo", self.embedded.demo);
        out.value(1, "demo_invoices", self.embedded.demo_invoices);
        if let Some(path) = &self.embedded.bin_dir {
            out.path(1, "bin_dir", path);
        }
        if !self.clients.is_empty() {
            out.map(0, "clients");
        }
        for client in &self.clients {
            show_client(&mut out, client);
        }
        out.0
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
    show_rest(out, 2, &client.rest);
    show_pool(out, 2, &client.pool);
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
