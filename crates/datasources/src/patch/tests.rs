use super::*;
use crate::{Origin, Shown};
use serde_json::json;

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("{value} is no object"),
    }
}

fn create(body: Value) -> Result<ClientRecord, Invalid> {
    ClientRecord::create(&object(body), &[])
}

/// The paths that are complained about, and all the words.
fn refusal(body: Value) -> (Vec<String>, String) {
    let refused = create(body.clone()).err().unwrap_or_else(|| panic!("{body} was taken"));
    let words = refused.to_string();
    (refused.issues.into_iter().map(|issue| issue.path).collect(), words)
}

fn crm() -> Value {
    json!({ "name": "crm", "driver": "pg", "config": { "host": "db.example", "username": "me" } })
}

fn with(member: &str, value: Value) -> Value {
    let mut body = crm();
    body[member] = value;
    body
}

#[test]
fn a_record_is_what_was_sent_and_the_rest_is_the_default() {
    let record = create(crm()).unwrap();
    assert_eq!((record.driver.id(), record.origin), ("postgres", Origin::Runtime));
    assert!(record.active && record.is_managed() && record.gates().is_none());
    let body = json!({
        "name": "erp", "driver": "sqlite3", "schemaMode": "validate-only", "external": {},
    });
    let record = create(body).unwrap();
    assert_eq!(record.on_mismatch(), Some(crate::OnMismatch::Warn));
    let gates = record.gates().unwrap();
    assert!(!gates.allow_writes && gates.allows_schema("any"));
    assert_eq!(gates.query_timeout_ms, 30_000);
}

#[test]
fn a_member_that_is_unknown_or_elsewhere_is_named_with_where_it_belongs() {
    for (body, path, words) in [
        (with("schema_mode", json!("external")), "schema_mode", "schemaMode may be meant"),
        (with("host", json!("h")), "host", "put it into config"),
        (with("password", json!("hunter2")), "password", "send it as secret"),
        (with("readOnly", json!(true)), "readOnly", "allowWrites: false"),
        (with("credentialsRef", json!("sys_secret:x")), "credentialsRef", "the server sets it"),
        (with("banana", json!(1)), "banana", "is not known"),
        (with("pool", json!({ "maximum": 3 })), "pool.maximum", "is not known"),
        (with("ssl", json!({ "reject": true })), "ssl.reject", "is not known"),
    ] {
        let (paths, said) = refusal(body);
        assert!(paths.iter().any(|found| found == path), "{paths:?}");
        assert!(said.contains(words) && !said.contains("hunter2"), "{said}");
    }
    let external = json!({ "name": "e", "driver": "memory", "schemaMode": "external",
        "external": { "validation": { "onMismatch": "explode" }, "readOnly": true } });
    let (paths, _) = refusal(external);
    assert_eq!(paths, ["external.validation.onMismatch", "external.readOnly"]);
}

#[test]
fn a_password_in_the_configuration_is_refused_with_the_remedy_and_never_repeated() {
    for config in [
        json!({ "host": "h", "password": "hunter2" }),
        json!({ "url": "postgres://me:hunter2@h/d" }),
        json!({ "url": "postgres://me@h/d?password=hunter2" }),
        json!({ "host": "postgres://me:hunter2@h/d" }),
    ] {
        let (_, said) = refusal(with("config", config.clone()));
        assert!(said.contains("secret") && !said.contains("hunter2"), "{config}: {said}");
    }
    let unheard =
        json!({ "name": "x", "driver": "oracle", "config": { "deep": { "pwd": "hunter2" } } });
    let (paths, said) = refusal(unheard);
    assert_eq!(paths, ["config.deep.pwd"]);
    assert!(!said.contains("hunter2"));
}

#[test]
fn a_connection_string_leads_to_one_host_and_to_no_file() {
    for url in [
        "postgres://me@h/d?host=169.254.169.254",
        "postgres://me@h/d?sslrootcert=/etc/passwd",
        "postgres://a,b/d",
        "mysql://me@h/d",
        "postgres:///d",
    ] {
        let (paths, _) = refusal(with("config", json!({ "url": url })));
        assert!(paths.contains(&"config.url".to_owned()), "{url}");
    }
    let both = with("config", json!({ "host": "h", "url": "postgres://h/d" }));
    assert_eq!(refusal(both).0, ["config"]);
}

#[test]
fn a_pool_is_refused_where_there_is_none() {
    for driver in ["sqlite", "memory"] {
        let (paths, _) = refusal(json!({ "name": "m", "driver": driver, "pool": { "max": 3 } }));
        assert_eq!(paths, ["pool"]);
    }
    let config = json!({ "host": "h" });
    let mongo = |pool: Value| {
        create(json!({ "name": "m", "driver": "mongo", "config": config, "pool": pool }))
    };
    assert!(mongo(json!({ "min": 1, "max": 3 })).is_ok());
    assert!(mongo(json!({ "idleTimeoutMillis": 1000 })).is_err());
}

#[test]
fn what_is_not_ours_needs_to_say_so_and_what_is_ours_must_not() {
    assert_eq!(refusal(with("schemaMode", json!("external"))).0, ["external"]);
    assert_eq!(refusal(with("external", json!({}))).0, ["external"]);
}

#[test]
fn a_change_is_judged_on_what_it_touches_alone() {
    let mut old = create(crm()).unwrap();
    old.config = object(json!({ "url": "postgres://me:hunter2@h/d", "longGone": true }));
    let patch = |value: Value| old.patched(&Patch(object(value)), &Value::Null);
    let (changed, touched) = patch(json!({ "active": false, "label": "Sales" })).unwrap();
    assert!(!changed.active && touched.active && !touched.connection);
    assert_eq!((changed.label(), &changed.config), ("Sales", &old.config));
    assert!(patch(json!({ "config": { "port": 5 } })).is_err());
}

#[test]
fn stars_that_come_back_keep_what_is_stored() {
    let mut old = create(crm()).unwrap();
    old.config = object(json!({ "url": "postgres://me:hunter2@h/d" }));
    let shown = Shown::of(&old);
    assert_eq!(shown.config["url"], "postgres://me:***@h/d");
    assert_eq!(shown.redacted, ["url"]);
    let shown = json!({ "name": "crm", "version": 1, "status": "ok", "config": shown.config });
    let (same, touched) = old.patched(&Patch(object(shown.clone())), &shown).unwrap();
    assert_eq!((same.config, touched.connection), (old.config.clone(), false));
    let mut other = shown.clone();
    other["config"]["url"] = "postgres://me:***@elsewhere/d".into();
    assert!(old.patched(&Patch(object(other)), &shown).is_err());
    let mut other = shown.clone();
    other["version"] = 9.into();
    assert!(old.patched(&Patch(object(other)), &shown).is_err());
}

#[test]
fn a_null_takes_a_member_away() {
    let old = create(with("pool", json!({ "max": 3 }))).unwrap();
    let patch = json!({ "pool": null, "config": { "username": null, "database": "d" } });
    let (changed, touched) = old.patched(&Patch(object(patch)), &Value::Null).unwrap();
    assert!(touched.connection && changed.pool.is_none());
    assert_eq!(changed.config, object(json!({ "host": "db.example", "database": "d" })));
}

#[test]
fn the_form_of_a_driver_describes_what_judges_it() {
    for driver in Driver::known() {
        let described = crate::driver::described(&driver).unwrap();
        let schema = &described["configSchema"];
        assert_eq!(schema["additionalProperties"], false, "{driver}");
        for name in schema["properties"].as_object().unwrap().keys() {
            let mut wrong = Invalid::default();
            let config = object(json!({ name.as_str(): null }));
            driver.check(&config, &mut wrong);
            let complaint =
                wrong.issues.iter().find(|issue| issue.path == format!("config.{name}"));
            assert!(complaint.is_some_and(|issue| issue.message.starts_with("must")), "{name}");
        }
    }
}
