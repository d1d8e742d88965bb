//! What is said of settings that are wrong, by a program that then ends or waits.

use super::{catch::Catch, flock::Flock, town::escaped, upstreams};
use crate::program::Home;
use std::{
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// What it says until it ends, or until this is over: it may take what we meant to be wrong.
fn said_within(command: &mut Command, patience: Duration) -> Vec<u8> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() && began.elapsed() < patience {
        sleep(Duration::from_millis(20));
    }
    // It may have ended by itself.
    let _gone = child.kill();
    let output = child.wait_with_output().unwrap();
    [&output.stdout[..], &output.stderr].concat()
}

#[test]
fn a_start_that_fails_tells_why_and_no_secret() {
    let (mut flock, mut catch) = (Flock::default(), Catch::default());
    let secret = flock.plant("the secret");
    let safe = escaped(&secret);
    let broken = [
        format!("admin_kee: {secret}\n"),
        format!("admin_key: [{secret}]\n"),
        format!("admin_key: \"{secret}\n"),
        format!("clients:\n  shop: postgres://me:{secret}@127.0.0.1:1/d\n"),
        format!("clients:\n  shop: postgres://me:{safe}@127.0.0.1:port/d\n"),
        format!("clients:\n  shop: postgres://me:{safe}@127.0.0.1/d?sslmode=odd\n"),
        format!("clients:\n  shop: mysql://me:{safe}@127.0.0.1/d\n"),
        format!("clients:\n  shop:\n    uri: postgres://me:{safe}@h/d\n    password: {secret}\n"),
        format!("clients:\n  shop:\n    uri: {secret}\n"),
        format!("store:\n  uri: postgres://me:{safe}@127.0.0.1:port/d\n"),
        format!("store:\n  uri: \"{secret}\"\n"),
        format!("store:\n  password: \"{secret}\"\n"),
        format!("cache:\n  redis_url: \"http://:{safe}@127.0.0.1\"\n"),
        format!("cache:\n  redis_url: \"redis://:{secret}@127.0.0.1:port\"\n"),
        format!("rest:\n  jwt_secret: {{k: \"{secret}\"}}\n"),
        "rest:\n  jwt_secret: \"${JUST_A_WORD}\"\n".to_owned(),
        format!("keys:\n  pepper: [\"{secret}\"]\n"),
        "keys:\n  pepper: \"${PLANTED_SHORT}\"\n".to_owned(),
        format!("secrets:\n  key: \"{secret}\"\n"),
    ];
    for config in &broken {
        let home = Home::with_config(config);
        for command in ["config", "server"] {
            let mut command = home.command(&[command]);
            let variables = [
                ("ATHENA_SECRET_KEY", secret.as_str()),
                ("JUST_A_WORD", &secret[..20]),
                ("PLANTED_SHORT", &secret[..20]),
            ];
            let said = said_within(command.envs(variables), Duration::from_secs(3));
            assert!(!said.is_empty(), "nothing is said of {config}");
            catch.add(config.clone(), said);
        }
    }
    let leaks = catch.leaks(&flock);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n\n"));
}

#[test]
fn a_store_and_a_redis_that_refuse_the_password_are_told_without_it() {
    let (mut flock, mut catch) = (Flock::default(), Catch::default());
    let store = escaped(&flock.plant("password of the store"));
    let redis = escaped(&flock.plant("password of redis"));
    let refusing = upstreams::refusing();
    let server = test_support::TestRedis::start();
    let url = server.url();
    let (_, port) = url.rsplit_once(':').unwrap();
    let home =
        Home::with_config("log:\n  level: trace\n  format: json\nembedded:\n  demo: false\n");
    let program = home.serve_with(&[
        ("POSTGRES_ATHENA_LOGGING_URI", &format!("postgres://me:{store}@127.0.0.1:{refusing}/d")),
        ("ATHENA_REDIS_URL", &format!("redis://:{redis}@127.0.0.1:{port}")),
    ]);
    let began = Instant::now();
    while !program.log().contains("password authentication failed") {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", program.log());
        sleep(Duration::from_millis(100));
    }
    // What is tried again, and what is given up besides.
    sleep(Duration::from_secs(2));
    catch.add("the log", program.log());
    let leaks = catch.leaks(&flock);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n\n"));
}
