//! What was acknowledged stays, whatever happens to the program.

use crate::program::{Home, Program, is_alive, postgres_of};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const WRITERS: u64 = 4;

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let home = Home::with_config("embedded:\n  demo_invoices: 50\n");
    let mut program = home.serve();
    program.until_ready();
    let key = home.key();
    let program = Arc::new(program);
    let acknowledged = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (program, key) = (Arc::clone(&program), key.clone());
            let acknowledged = Arc::clone(&acknowledged);
            thread::spawn(move || write_until_it_fails(&program, &key, writer, &acknowledged))
        })
        .collect();
    let began = Instant::now();
    while acknowledged.load(Ordering::Relaxed) < 100 {
        assert!(began.elapsed() < Duration::from_secs(60), "writes are not acknowledged");
        thread::sleep(Duration::from_millis(5));
    }
    program.signal("KILL");
    let written: Vec<String> =
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert!(written.len() >= 100, "only {} writes were acknowledged", written.len());

    let mut again = home.serve();
    again.until_ready();
    let body = json!({ "table_name": "import_log", "columns": ["message"], "limit": 10_000,
        "conditions": [{ "column": "source", "operator": "eq", "value": "durability" }] });
    let answer = again.gateway("/gateway/fetch", "demo", &key, &body.to_string()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let rows = answer.json();
    let found: std::collections::HashSet<&str> =
        rows["data"].as_array().unwrap().iter().filter_map(|row| row["message"].as_str()).collect();
    let lost: Vec<_> = written.iter().filter(|message| !found.contains(message.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged writes are lost", lost.len(), written.len());
}

/// Insert rows one by one and answer those that were acknowledged.
fn write_until_it_fails(
    program: &Program,
    key: &str,
    writer: u64,
    acknowledged: &AtomicU64,
) -> Vec<String> {
    let mut written = Vec::new();
    for number in 0_u64.. {
        let message = format!("{writer}-{number}");
        let body = json!({ "table_name": "import_log",
            "insert_body": { "source": "durability", "message": message } });
        match program.gateway("/gateway/insert", "demo", key, &body.to_string()) {
            Ok(answer) if (200..300).contains(&answer.status) => {
                written.push(message);
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) => panic!("a write was refused: {answer:?}"),
            Err(_) => break,
        }
    }
    written
}

#[test]
fn stopping_the_program_stops_its_postgres() {
    let home = Home::with_config("embedded:\n  demo: false\n");
    let mut program = home.serve();
    program.until_ready();
    let postgres = postgres_of(&home.data());
    assert!(is_alive(postgres));
    program.signal("TERM");
    assert!(program.ended_well(), "{}", program.log());
    assert!(!is_alive(postgres), "PostgreSQL still runs");
}
