//! Clients that are made while the program runs, and the key their secrets are sealed with.

use crate::{
    http,
    program::{Home, Program},
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt};

const CONFIG: &str = "admin_key: the admin's own\nlog:\n  level: debug\nembedded:\n  demo: false\n";

/// Occurs nowhere but in the requests of these tests.
const SECRET: &str = "zq8-planted";

fn ask(program: &Program, method: &str, rest: &str, body: &Value) -> (u16, Value) {
    let headers = [("x-athena-key", "the admin's own"), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = format!("/api/v1/datasources{rest}");
    let answer = http::ask(program.port, method, &path, &headers, &body).unwrap();
    let status = answer.status;
    (status, if status == 204 { Value::Null } else { answer.json() })
}

fn crm() -> Value {
    // Nothing listens there; what matters is whether the secret is to be had.
    let config = json!({ "host": "127.0.0.1", "port": 1, "username": "me" });
    json!({ "name": "crm", "driver": "postgres", "config": config, "secret": SECRET })
}

/// Whether trying the client got as far as its database.
fn has_its_secret(program: &Program) -> bool {
    let (status, tried) = ask(program, "POST", "/crm/test", &Value::Null);
    assert_eq!(status, 200, "{tried}");
    let error = tried["data"]["result"]["error"].as_str().unwrap_or_default().to_owned();
    assert!(!error.is_empty(), "{tried}");
    !error.contains("credential could not be resolved")
}

#[test]
fn a_clients_secret_outlives_a_restart_and_a_new_key() {
    let home = Home::with_config(CONFIG);
    let mut program = home.serve();
    program.until_ready();
    let (status, made) = ask(&program, "POST", "", &crm());
    assert_eq!(status, 201, "{made}\n{}", program.log());
    // One that answers, or the server would not be ready.
    let till = json!({ "name": "till", "driver": "memory" });
    assert_eq!(ask(&program, "POST", "", &till).0, 201);
    let key_file = home.data().join("secret.key");
    let before = fs::read_to_string(&key_file).unwrap();
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    // Beside the running server, which hears of the new key by itself.
    let rotated = home.run(&["secrets", "rotate"]);
    assert!(rotated.status.success(), "{rotated:?}");
    assert!(String::from_utf8_lossy(&rotated.stdout).contains("sealed anew: 1"), "{rotated:?}");
    let after = fs::read_to_string(&key_file).unwrap();
    assert!(!after.contains(before.trim()) && after.lines().count() == 1);
    assert!(has_its_secret(&program), "{}", program.log());
    let swept = home.run(&["secrets", "sweep"]);
    assert!(swept.status.success() && swept.stdout.is_empty(), "{swept:?}");
    program.signal("TERM");
    assert!(program.ended_well(), "{}", program.log());
    assert!(!program.log().contains(SECRET) && !program.log().contains(after.trim()));
    let mut again = home.serve();
    again.until_ready();
    assert!(has_its_secret(&again), "{}", again.log());
    // With the key of another machine it is not to be had, and everything else runs.
    again.signal("TERM");
    assert!(again.ended_well(), "{}", again.log());
    fs::write(&key_file, "00".repeat(32)).unwrap();
    let mut lost = home.serve();
    lost.until_ready();
    assert!(!has_its_secret(&lost), "{}", lost.log());
}

#[test]
fn in_production_no_key_is_made_and_no_secret_taken() {
    let home = Home::with_config(&format!("environment: production\n{CONFIG}"));
    let mut program = home.serve();
    program.until_ready();
    let (status, refused) = ask(&program, "POST", "", &crm());
    assert_eq!((status, &refused["code"]), (503, &json!("SECRET_STORE_UNAVAILABLE")), "{refused}");
    let (status, _) = ask(&program, "POST", "", &json!({ "name": "till", "driver": "memory" }));
    assert_eq!(status, 201);
    assert!(!home.data().join("secret.key").exists());
}
