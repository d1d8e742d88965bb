//! What is read, what wins, and what is said of mistakes.

#![allow(clippy::unwrap_used, reason = "a helper of a test is a test")]

use settings::{
    Cors, Environment, LogFormat, OnMismatch, Overrides, Settings, SettingsError, TxEnd,
};
use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// A file of its own for each test, removed at the end.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("athena-settings-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.yaml"), text).unwrap();
        Self(folder)
    }

    fn overrides(&self) -> Overrides {
        Overrides { config: Some(self.0.join("config.yaml")), ..Overrides::default() }
    }

    fn load(&self, environment: &Environment) -> Result<Settings, SettingsError> {
        Settings::load(&self.overrides(), environment)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(text: &str) -> Settings {
    File::new(text).load(&Environment::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(text: &str) -> String {
    match File::new(text).load(&Environment::default()) {
        Ok(_) => panic!("this was accepted:\n{text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_empty_file_and_the_template_mean_the_same() {
    let head = |text: &str| load(text).shown().lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(head(""), head(settings::TEMPLATE));
    assert_eq!(head("# nothing but a comment\n"), head(""));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = File::new("server:\n  port: 5001\ndata_dir: here\nadmin_key: from the file\n");
    let environment = Environment::of([("ATHENA_DATA_DIR", "/there"), ("ATHENA_KEY_12", "k")]);
    let settings = file.load(&environment).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.server.port, 5001);
    assert_eq!(settings.data_dir, PathBuf::from("/there"));
    assert_eq!(settings.admin_key.unwrap().expose(), "k");
    let flags = Overrides {
        port: Some(5002),
        data_dir: Some("/elsewhere".into()),
        host: Some("0.0.0.0".into()),
        ..file.overrides()
    };
    let settings = Settings::load(&flags, &environment).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.server.port, 5002);
    assert_eq!(settings.server.host, "0.0.0.0");
    assert_eq!(settings.data_dir, PathBuf::from("/elsewhere"));
}

#[test]
fn an_empty_admin_key_is_none() {
    let file = File::new("admin_key: \"  \"\n");
    let settings = file.load(&Environment::of([("ATHENA_KEY_12", "")])).ok().unwrap();
    assert!(settings.admin_key.is_none());
}

#[test]
fn an_unknown_setting_is_named_with_its_line_and_what_was_meant() {
    for (text, expected) in [
        (
            "server:\n  prot: 5001\n",
            "line 2, column 3: server.prot is not a known setting; did you mean \"port\"?",
        ),
        (
            "servers: {}\n",
            "line 1, column 1: servers is not a known setting; did you mean \"server\"?",
        ),
        (
            "clients:\n  a:\n    uri: x\n    snapshto: y\n",
            "clients.a.snapshto is not a known setting; did you mean \"snapshot\"?",
        ),
    ] {
        let said = refusal(text);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let said = refusal("server:\n  port: 99999\nlog: 3\nembedded:\n  demo: perhaps\n");
    for expected in [
        "line 2, column 9: server.port must be a number from 0 to 65535",
        "line 3, column 6: log must be a map",
        "line 5, column 9: embedded.demo must be true or false",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn no_refusal_quotes_a_value() {
    for text in [
        "admin_key: [hunter2]\n",
        "admin_key: *hunter2\n",
        "admin_key: \"hunter2\n",
        "server:\n  port: hunter2\n",
        "clients:\n  a: [hunter2]\n",
        "clients:\n  a: postgresql://u:hunter2@${NOT_SET}/x\n",
        "log:\n  format: hunter2\n",
        "admin_key: hunter2\nadmin_key: hunter2\n",
    ] {
        let said = refusal(text);
        assert!(!said.contains("hunter2"), "{text}\n{said}");
    }
}

#[test]
fn clients_are_strings_or_maps_with_paths_from_the_files_folder() {
    let file = File::new(
        "clients:\n  Shop:\n    uri: postgresql://u:${PASSWORD}@h/d\n    snapshot: drizzle/meta\n    \
         environment: production\n    pool:\n      read_connections: 3\n  crm: ${CRM:-postgresql://h/crm}\n",
    );
    let settings = file.load(&Environment::of([("PASSWORD", "p")])).ok().unwrap();
    let [shop, crm] = settings.clients.as_slice() else { panic!("two clients") };
    assert_eq!((shop.name.as_str(), shop.uri.expose()), ("shop", "postgresql://u:p@h/d"));
    assert_eq!(shop.snapshot, Some(file.0.join("drizzle/meta")));
    assert_eq!((shop.pool.read_connections, shop.pool.write_connections), (3, 8));
    assert_eq!(crm.uri.expose(), "postgresql://h/crm");
}

#[test]
fn a_client_that_cannot_be_one_is_refused() {
    for (text, expected) in [
        ("clients:\n  a b: x\n", "clients.a b is no name for a client"),
        ("clients:\n  a: x\n  A: z\n", "clients.A is there twice"),
        ("clients:\n  a:\n    snapshot: x\n", "clients.a has no connection string"),
        ("clients:\n  a: ${NOT_SET}\n", "the environment variable NOT_SET is not set"),
    ] {
        let said = refusal(text);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn the_older_form_of_lists_is_understood() {
    let settings =
        load("server:\n  - port: '5001'\n  - host: 0.0.0.0\nclients:\n  - a: postgresql://h/d\n");
    assert_eq!((settings.server.port, settings.server.host.as_str()), (5001, "0.0.0.0"));
    assert_eq!(settings.clients.len(), 1);
    assert!(
        refusal("server:\n  - port: 1\n  - port: 2\n").contains("server.port stands there twice")
    );
}

#[test]
fn the_private_database_is_there_when_something_needs_it() {
    for (text, is_needed, demo) in [
        ("", true, true),
        ("embedded:\n  demo: false\n", true, false),
        ("clients:\n  a: x\n", true, true),
        ("store:\n  uri: x\n", true, true),
        ("store:\n  uri: x\nclients:\n  a: x\n", false, false),
        ("store:\n  uri: x\nembedded:\n  demo: false\n", false, false),
        ("store:\n  uri: x\nclients:\n  a: x\nembedded:\n  demo: true\n", true, true),
    ] {
        let embedded = load(text).embedded;
        assert_eq!((embedded.is_needed, embedded.demo), (is_needed, demo), "{text}");
    }
}

#[test]
fn limits_and_formats_are_read() {
    let settings = load(
        "log:\n  format: json\n  level: debug\ngateway:\n  statement_timeout_secs: 5\n  max_rows: 7\n\
         server:\n  cors:\n    - https://app.example\n    - http://localhost:3000\n",
    );
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.gateway.statement_timeout, Duration::from_secs(5));
    assert_eq!(settings.gateway.max_rows, 7);
    let origins = ["https://app.example", "http://localhost:3000"].map(str::to_owned);
    assert_eq!(settings.server.cors, Cors::Origins(origins.into()));
    assert_eq!(load("server:\n  cors: closed\n").server.cors, Cors::Closed);
    assert!(refusal("server:\n  cors: https://app.example/path\n").contains("server.cors"));
}

#[test]
fn what_is_shown_hides_secrets_and_can_be_read_again() {
    let shown = load(
        "admin_key: hunter2\nstore:\n  uri: postgresql://me:hunter2@h/s\nclients:\n  shop: postgresql://me:hunter2@h/d\n  \"12\": x\n",
    )
    .shown();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("shop:"), "{shown}");
    let again = load(&shown).shown();
    let tail = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(tail(&again), tail(&shown));
}

#[test]
fn a_file_that_was_named_and_is_not_there_is_an_error() {
    let flags = Overrides { config: Some("no-such-file.yaml".into()), ..Overrides::default() };
    let said = Settings::load(&flags, &Environment::default()).err().unwrap().to_string();
    assert!(said.contains("no-such-file.yaml"), "{said}");
    let by_environment = Environment::of([("ATHENA_CONFIG_PATH", "no-such-file-either.yaml")]);
    let said = Settings::load(&Overrides::default(), &by_environment).err().unwrap().to_string();
    assert!(said.contains("no-such-file-either.yaml"), "{said}");
}

#[test]
fn columns_are_named_and_compared_as_the_file_says() {
    let names = load("").gateway.names;
    assert!(!names.force_camel_case_to_snake_case && names.auto_cast_uuid_filter_values_to_text);
    assert_eq!(names.response_case, settings::ResponseCase::AsIs);
    assert_eq!(names.numeric_condition_columns, ["room_id"]);
    let text = "gateway:\n  force_camel_case_to_snake_case: true\n  response_case: camel\n  numeric_condition_columns: []\n  auto_cast_uuid_filter_values_to_text: false\n";
    let names = load(text).gateway.names;
    assert!(names.force_camel_case_to_snake_case && !names.auto_cast_uuid_filter_values_to_text);
    assert_eq!(names.response_case, settings::ResponseCase::Camel);
    assert!(names.numeric_condition_columns.is_empty());
    assert!(refusal("gateway:\n  response_case: kebab\n").contains("response_case"));
}

#[test]
fn a_client_may_name_columns_otherwise_than_the_gateway() {
    let text = "gateway:\n  response_case: snake\nclients:\n  a: postgresql://here/a\n  b:\n    uri: postgresql://here/b\n    force_camel_case_to_snake_case: false\n    response_case: camel\n";
    let settings = load(text);
    let [a, b] = settings.clients.as_slice() else { panic!("two clients") };
    assert_eq!((a.force_camel_case_to_snake_case, a.response_case), (None, None));
    let said = (b.force_camel_case_to_snake_case, b.response_case);
    assert_eq!(said, (Some(false), Some(settings::ResponseCase::Camel)));
    assert!(settings.shown().contains("response_case: camel"), "{}", settings.shown());
    let wrong = "clients:\n  b:\n    uri: postgresql://here/b\n    response_case: kebab\n";
    assert!(refusal(wrong).contains("response_case"));
}

#[test]
fn databases_in_headers_are_off_until_they_are_enabled() {
    assert_eq!(load("").gateway.jdbc, None);
    assert_eq!(load("gateway:\n  jdbc:\n    allow_private_hosts: true\n").gateway.jdbc, None);
    let text = "gateway:\n  require_audit_headers: true\n  jdbc:\n    enabled: true\n    allowed_hosts: [db.example, 10.0.0.7]\n    root_certificate: ca.pem\n";
    let gateway = load(text).gateway;
    let jdbc = gateway.jdbc.unwrap();
    assert_eq!(jdbc.allowed_hosts, ["db.example", "10.0.0.7"]);
    assert!(!jdbc.allow_private_hosts && gateway.require_audit_headers);
    assert!(jdbc.root_certificate.unwrap().ends_with("ca.pem"));
    assert!(refusal("gateway:\n  jdbc:\n    allow_all: true\n").contains("allow_all"));
}

#[test]
fn the_cache_and_redis_are_set_in_the_file_and_by_the_environment() {
    let file = File::new("cache:\n  enabled: false\n  redis_url: redis://:hunter2@here\n");
    let settings = file.load(&Environment::default()).unwrap_or_else(|error| panic!("{error}"));
    assert!(!settings.cache.enabled);
    assert_eq!(settings.cache.redis_url.as_ref().unwrap().expose(), "redis://:hunter2@here");
    assert!(!settings.shown().contains("hunter2"), "{}", settings.shown());
    let environment = [("ATHENA_REDIS_URL", "redis://there"), ("ATHENA_REDIS_OP_TIMEOUT_MS", "30")];
    let settings = file.load(&Environment::of(environment)).ok().unwrap();
    assert_eq!(settings.cache.redis_url.unwrap().expose(), "redis://there");
    assert_eq!(settings.cache.redis_budget, Duration::from_millis(30));
    let wrong = Environment::of([("ATHENA_REDIS_COOLDOWN_MS", "soon")]);
    let Err(said) = file.load(&wrong) else { panic!("it was accepted") };
    assert!(said.to_string().contains("ATHENA_REDIS_COOLDOWN_MS"), "{said}");
}

#[test]
fn the_postgrest_surface_is_set_for_all_and_for_each_client() {
    let file = File::new(
        "gateway:\n  rest_postgrest_mode: false\nrest:\n  anon_role: web\n  max_rows: 50\n  app_settings:\n    app.settings.host: here\n\
         clients:\n  plain: postgresql://here/plain\n  shop:\n    uri: postgresql://here/shop\n    \
         rest:\n      schemas: [api, public]\n      jwt_secret: ${JWT}\n      jwt_only: true\n      \
         rest_postgrest_mode: true\n      tx_end: commit-allow-override\n      app_settings:\n        app.settings.host: there\n",
    );
    let environment = Environment::of([("JWT", "a secret of thirty-two characters")]);
    let settings = file.load(&environment).unwrap_or_else(|error| panic!("{error}"));
    let [plain, shop] = settings.clients.as_slice() else { panic!("two clients") };
    assert_eq!(plain.rest.anon_role.as_deref(), Some("web"));
    assert!(!plain.rest.postgrest_mode && !plain.rest.jwt_only);
    assert!(shop.rest.postgrest_mode && shop.rest.jwt_only);
    assert_eq!(shop.rest.schemas, ["api", "public"]);
    assert_eq!(shop.rest.max_rows, Some(50));
    let limits = |text: &str| {
        let settings = File::new(text).load(&Environment::of([])).ok().unwrap();
        settings.clients[0].rest.max_rows
    };
    let client = "clients:\n  shop:\n    uri: postgresql://here/shop\n";
    assert_eq!(limits(client), Some(10_000), "as everywhere in the gateway");
    assert_eq!(limits(&format!("gateway:\n  max_rows: 7\n{client}")), Some(7));
    assert_eq!(
        limits(&format!("rest:\n  max_rows: 5\n{client}    rest:\n      max_rows: none\n")),
        None
    );
    assert_eq!(shop.rest.tx_end, TxEnd::CommitAllowOverride);
    let secret = shop.rest.jwt_secret.as_ref().map(settings::Secret::expose);
    assert_eq!(secret, Some("a secret of thirty-two characters"));
    let host = ("app.settings.host".to_owned(), "there".to_owned());
    assert_eq!(shop.rest.app_settings, [host]);
    assert!(!settings.shown().contains("thirty-two"), "{}", settings.shown());
}

#[test]
fn odd_wishes_for_the_postgrest_surface_are_refused_by_name() {
    for (rest, named) in [
        ("tx_end: later", "rest.tx_end"),
        ("max_rows: many", "rest.max_rows must be a number from 1 to 1099511627776, or none"),
        ("openapi_mode: loud", "rest.openapi_mode"),
        ("schemas: []", "rest.schemas"),
        ("jwt_only: true", "rest.jwt_only"),
        ("jwt_secret: \"@nowhere\"", "rest.jwt_secret"),
        ("jwt_secret: \"${NOT_SET}\"", "NOT_SET"),
        ("schema: public", "rest.schema is not a known setting; did you mean \"schemas\"?"),
    ] {
        let refusal = refusal(&format!("rest:\n  {rest}\n"));
        assert!(refusal.contains(named), "{rest}: {refusal}");
    }
}

#[test]
fn admission_and_deferral_are_set_in_their_sections_or_in_the_older_places() {
    let file = File::new(
        "cache:\n  redis_url: redis://here\nadmission:\n  enabled: true\n  per_client_requests_per_window: 5\n  clients:\n    Shop: 7\n  \
         store: redis\ndeferred:\n  workers: 2\n  lease_secs: 30\n",
    );
    let settings = file.load(&Environment::of([])).unwrap_or_else(|error| panic!("{error}"));
    let admission = &settings.admission;
    assert!(admission.enabled && admission.store == settings::AdmissionStore::Redis);
    assert_eq!((admission.client, admission.global), (5, 0));
    assert_eq!(admission.clients, [("shop".to_owned(), 7)]);
    assert_eq!((settings.deferred.workers, settings.deferred.lease), (2, Duration::from_secs(30)));
    let older = File::new(
        "gateway:\n  admission_limit_enabled: true\n  admission_window_secs: 2\n  admission_global_requests_per_window: 9\n  \
         admission_defer_on_limit_enabled: true\n  admission_defer_route_prefixes: /gateway/insert, /gateway/query\n  \
         deferred_query_worker_enabled: false\n  deferred_query_worker_poll_ms: 250\n",
    );
    let environment = Environment::of([("ATHENA_DEFERRED_MAX_ATTEMPTS", "5")]);
    let settings = older.load(&environment).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((settings.admission.global, settings.admission.window.as_secs()), (9, 2));
    assert_eq!(settings.admission.defer_route_prefixes, ["/gateway/insert", "/gateway/query"]);
    assert_eq!((settings.deferred.workers, settings.deferred.max_attempts), (0, 5));
    assert_eq!(settings.deferred.poll, Duration::from_millis(250));
}

#[test]
fn odd_wishes_for_admission_and_deferral_are_refused_by_name() {
    for (text, named) in [
        ("admission:\n  window_secs: 0\n", "admission.window_secs must be a number from 1 to 3600"),
        ("admission:\n  store: redis\n", "set cache.redis_url"),
        ("admission:\n  store: disk\n", "admission.store must be memory or redis"),
        ("admission:\n  clients:\n    shop: many\n", "admission.clients"),
        ("admission:\n  defer_route_prefixes: [gateway]\n", "admission.defer_route_prefixes"),
        ("admission:\n  windows_secs: 1\n", "did you mean \"window_secs\"?"),
        ("deferred:\n  poll_ms: 10\n", "deferred.poll_ms must be a number from 100 to 60000"),
        ("deferred:\n  worker: 1\n", "did you mean \"workers\"?"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(named), "{text}: {refusal}");
    }
}

#[test]
fn a_client_of_somebody_elses_says_what_holds_for_it_and_is_shown_with_that() {
    let text = "clients:\n  crm:\n    uri: postgres://h/d\n    schema_mode: external\n    external:\n      allowed_schemas: [sales, hr]\n      allow_writes: true\n      validation:\n        on_mismatch: warn\n        check_interval_ms: 60000\n";
    let settings = load(text);
    let external = settings.clients[0].external.as_ref().unwrap();
    assert_eq!(external.allowed_schemas.as_deref().unwrap(), ["sales", "hr"]);
    assert!(external.allow_writes && external.check_on_boot && !external.is_only_validated);
    assert_eq!(external.on_mismatch, OnMismatch::Warn);
    assert_eq!((external.query_timeout_ms, external.check_interval_ms), (30_000, Some(60_000)));
    let again = settings.shown().replace("(hidden)", "postgres://h/d");
    assert_eq!(load(&again).clients[0].external.as_ref(), Some(external));
    let looked =
        load("clients:\n  crm:\n    uri: postgres://h/d\n    schema_mode: validate-only\n");
    assert!(looked.clients[0].external.as_ref().unwrap().is_only_validated);
    assert_eq!(load("clients:\n  crm: postgres://h/d\n").clients[0].external, None);
    let allowed = Environment::of([("ATHENA_ALLOW_SCHEMA_MISMATCH", "1")]);
    assert!(File::new("").load(&allowed).unwrap().allow_schema_mismatch);
    assert!(!load("").allow_schema_mismatch);
}

#[test]
fn what_holds_for_somebody_elses_client_is_refused_where_it_makes_no_sense() {
    let client =
        |more: &str| refusal(&format!("clients:\n  crm:\n    uri: postgres://h/d\n{more}"));
    for (more, told) in [
        ("    external:\n      allow_writes: true\n", "schema_mode: external"),
        ("    schema_mode: theirs\n", "managed, external or validate-only"),
        ("    schema_mode: external\n    external:\n      allow_write: true\n", "allow_writes"),
        (
            "    schema_mode: external\n    external:\n      validation:\n        on_mismatch: cry\n",
            "fail, warn or ignore",
        ),
    ] {
        let refused = client(more);
        assert!(refused.contains(told), "{told} is not in {refused}");
    }
}

#[test]
fn keys_are_read_in_headers_only_and_proxies_are_nobody_unless_somebody_says_so() {
    let settings = load("");
    assert!(!settings.keys.in_address && settings.keys.pepper.is_none());
    assert!(settings.server.trusted_proxies.is_empty());
    assert_eq!(settings.keys.log_per_second, 100);
    let text = "server:\n  trusted_proxies: [10.0.0.0/8, '::1']\nkeys:\n  in_address: true\n  log: refusals\n  log_per_second: 7\n";
    let settings = load(text);
    let proxies: Vec<String> =
        settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    assert!(settings.keys.in_address);
    assert_eq!((settings.keys.log.as_str(), settings.keys.log_per_second), ("refusals", 7));
    for (text, wanted) in [
        ("server:\n  trusted_proxies: [10.0.0.0/40]\n", "10.0.0.0/40"),
        ("keys:\n  log: some\n", "keys.log"),
        ("gateway:\n  api_key_fail_mode: open\n", "api_key_fail_mode"),
        ("keys:\n  pepper: short\n", "32 characters"),
        ("keys:\n  peper: x\n", "keys.peper"),
    ] {
        let refused = refusal(text);
        assert!(refused.contains(wanted) && !refused.contains("short"), "{refused}");
    }
}

#[test]
fn what_is_logged_and_how_long_is_set_in_the_file() {
    let own = load("").logging;
    assert_eq!((own.requests, own.requests_per_second, own.body_bytes), (true, 500, 0));
    assert_eq!(own.keep_operations, Duration::from_secs(30 * 86_400));
    assert!(own.operations && !load("logging:\n  operations: false\n").logging.operations);
    let set = load("logging:\n  requests: false\n  body_bytes: 4096\n  keep_statistics_days: 7\n")
        .logging;
    assert_eq!((set.requests, set.body_bytes), (false, 4096));
    assert_eq!(set.keep_minutes, Duration::from_secs(7 * 86_400));
    assert!(refusal("logging:\n  keep_requests_days: 0\n").contains("keep_requests_days"));
}

#[test]
fn wildcard_hosts_have_no_default_and_the_environment_wins() {
    assert!(load("").gateway.wildcard_hosts.is_empty());
    let file = "gateway:\n  wildcard_hosts: ['*.api.example.com']\n";
    assert_eq!(load(file).gateway.wildcard_hosts, ["*.api.example.com"]);
    assert!(refusal("gateway:\n  wildcard_hosts: [api.example.com]\n").contains("api.example.com"));
    let with = |name, value| {
        let environment = Environment::of([(name, value)]);
        File::new(file).load(&environment).map(|settings| settings.gateway.wildcard_hosts)
    };
    let pattern = with("ATHENA_WILDCARD_HOST_PATTERN", "*.v3.example.com").ok().unwrap();
    assert_eq!(pattern, ["*.v3.example.com"]);
    assert!(with("ATHENA_WILDCARD_HOST_ROUTING_ENABLED", "false").ok().unwrap().is_empty());
    assert!(with("ATHENA_WILDCARD_HOST_ROUTING_ENABLED", "perhaps").is_err());
}

#[test]
fn a_variable_that_means_nothing_here_is_refused_by_its_name() {
    let with = |name, value| File::new("").load(&Environment::of([(name, value)])).map(|_| ());
    for (name, value) in [
        ("ATHENA_DEADPOOL_ENABLED", "true"),
        ("ATHENA_PG_POOL_MIN_CONNECTIONS", "5"),
        ("ATHENA_CACHE_MAX_CAPACITY", "10000"),
    ] {
        let refused = with(name, value).unwrap_err().to_string();
        assert!(refused.contains(name), "{refused}");
    }
    // What asks for what is done anyway is no mistake.
    for (name, value) in
        [("ATHENA_DEADPOOL_ENABLED", "FALSE"), ("ATHENA_PG_POOL_MIN_CONNECTIONS", "0")]
    {
        assert!(with(name, value).is_ok(), "{name}");
    }
}

#[test]
fn a_pepper_of_the_environment_wins_and_is_not_shown() {
    let (from_file, pepper) = ("f".repeat(32), "p".repeat(32));
    let both = format!("{pepper},{from_file}");
    let file = File::new(&format!("keys:\n  pepper: {from_file}\n"));
    let environment = Environment::of([("ATHENA_KEY_PEPPER", both.as_str())]);
    let settings = file.load(&environment).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.keys.pepper.as_ref().unwrap().expose(), both);
    assert!(
        !settings.shown().contains(&pepper) && settings.shown().contains("pepper: \"(hidden)\"")
    );
    let short = Environment::of([("ATHENA_KEY_PEPPER", format!("{pepper},short").as_str())]);
    assert!(file.load(&short).is_err());
}

#[test]
fn a_client_is_not_called_like_an_address_of_administrators() {
    let refused = refusal("clients:\n  Statistics: postgresql://a@b/c\n");
    assert!(refused.contains("choose another name"), "{refused}");
}

#[test]
fn inserts_wait_for_each_other_only_where_that_is_set() {
    let window = load("").gateway.insert_window;
    assert!(window.length.is_zero() && window.deny_tables.is_empty());
    assert_eq!((window.max_batch, window.max_queued), (100, 10_000));
    let text = "gateway:\n  insert_execution_window_ms: 5\n  insert_window_max_batch: 20\n  insert_window_max_queued: 50\n  insert_merge_deny_tables: [ledger, audit.log]\n";
    let window = load(text).gateway.insert_window;
    assert_eq!(window.length, Duration::from_millis(5));
    assert_eq!((window.max_batch, window.max_queued), (20, 50));
    assert_eq!(window.deny_tables, ["ledger", "audit.log"]);
    for wrong in ["insert_execution_window_ms: 60001", "insert_window_max_batch: 0"] {
        let text = format!("gateway:\n  {wrong}\n");
        assert!(refusal(&text).contains(wrong.split_once(':').unwrap().0));
    }
}
