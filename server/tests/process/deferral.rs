//! What was filed to be done later is done, whatever happens to the program.

use crate::program::{Home, Program};
use serde_json::json;
use std::{
    collections::HashMap,
    fs, thread,
    time::{Duration, Instant},
};

const JOBS: usize = 500;

/// Nothing is done while everything is filed.
const FILING: &str = "embedded:\n  demo_invoices: 50\ndeferred:\n  workers: 0\n";

const WORKING: &str = "embedded:\n  demo_invoices: 50\ndeferred:\n  workers: 6\n  workers_per_client: 6\n  lease_secs: 3\n";

/// Half of them with a key of their own, so that they must not be done twice.
fn is_keyed(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn message(number: usize) -> String {
    format!("job-{number}")
}

fn file(program: &Program, key: &str, number: usize) -> String {
    // Each takes a while, so that the kill meets some in the middle.
    let query = format!(
        "with slow as materialized (select pg_sleep(0.1)) \
         insert into import_log (source, message) select 'deferral', '{}' from slow",
        message(number)
    );
    let name = format!("key-{number}");
    let mut headers =
        vec![("x-athena-client", "demo"), ("apikey", key), ("x-athena-defer", "true")];
    if is_keyed(number) {
        headers.push(("idempotency-key", &name));
    }
    let body = json!({ "query": query }).to_string();
    let answer = crate::http::ask(program.port, "POST", "/gateway/query", &headers, &body).unwrap();
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["data"]["request_id"].as_str().unwrap().to_owned()
}

/// How many requests there are of each status.
fn statuses(program: &Program, key: &str) -> HashMap<String, usize> {
    let headers = [("x-athena-client", "demo"), ("apikey", key)];
    let mut all = HashMap::new();
    for offset in (0..JOBS).step_by(500) {
        let path = format!("/gateway/deferred?limit=500&offset={offset}");
        let answer = crate::http::ask(program.port, "GET", &path, &headers, "").unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        for one in answer.json()["data"].as_array().unwrap() {
            *all.entry(one["status"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    all
}

/// How often each job's row is there.
fn done(program: &Program, key: &str) -> HashMap<String, usize> {
    let body = json!({ "table_name": "import_log", "columns": ["message"], "limit": 10_000,
        "conditions": [{ "column": "source", "operator": "eq", "value": "deferral" }] });
    let answer = program.gateway("/gateway/fetch", "demo", key, &body.to_string()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut all = HashMap::new();
    for row in answer.json()["data"].as_array().unwrap() {
        *all.entry(row["message"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    all
}

fn key(home: &Home) -> String {
    let rights = ["gateway.read", "gateway.write", "gateway.query", "deferred.read"];
    let rights: Vec<&str> = rights.iter().flat_map(|right| ["--right", right]).collect();
    let output = home.run(&[&["key", "create", "--name", "later"][..], &rights].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = text.split_whitespace().find(|word| word.starts_with("ath_"));
    found.unwrap_or_else(|| panic!("no key in {output:?}")).to_owned()
}

fn until(what: &str, patience: u64, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(patience), "waited in vain for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn five_hundred_deferred_requests_survive_kills_and_none_with_a_key_is_done_twice() {
    let home = Home::with_config(FILING);
    let mut program = home.serve();
    program.until_ready();
    let key = key(&home);
    for number in 0..JOBS {
        file(&program, &key, number);
    }
    program.signal("TERM");
    assert!(program.ended_well(), "{}", program.log());
    fs::write(home.config(), WORKING).unwrap();
    program = home.serve();
    program.until_ready();
    let mut kills = 0;
    // In the middle of the work, and again in the middle of what is left.
    for left in [JOBS * 3 / 4, JOBS / 4] {
        until("some of the work", 120, || {
            let seen = statuses(&program, &key);
            let open = seen.get("queued").unwrap_or(&0) + seen.get("running").unwrap_or(&0);
            open <= left && *seen.get("running").unwrap_or(&0) > 0
        });
        program.signal("KILL");
        assert!(!program.ended_well(), "it was killed");
        kills += 1;
        program = home.serve();
        program.until_ready();
    }
    assert_eq!(kills, 2);
    until("the end of the work", 180, || {
        statuses(&program, &key) == HashMap::from([("completed".to_owned(), JOBS)])
    });
    let done = done(&program, &key);
    for number in 0..JOBS {
        let times = done.get(&message(number)).copied().unwrap_or(0);
        assert!(times > 0, "job {number} is lost");
        assert!(times == 1 || !is_keyed(number), "job {number} was done {times} times");
    }
    // On PostgreSQL even those without a key are done once.
    assert_eq!(done.values().sum::<usize>(), JOBS);

    let mut stopped = program;
    let id = file(&stopped, &key, JOBS);
    stopped.signal("TERM");
    assert!(stopped.ended_well(), "{}", stopped.log());
    let mut again = home.serve();
    again.until_ready();
    let headers = [("x-athena-client", "demo"), ("apikey", key.as_str())];
    let path = format!("/gateway/deferred/{id}");
    until("the last request", 30, || {
        let answer = crate::http::ask(again.port, "GET", &path, &headers, "").unwrap();
        answer.json()["data"]["status"] == "completed"
    });
}
