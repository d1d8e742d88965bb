//! How it starts, and what it says when something is in the way.

use crate::{
    http,
    program::{Home, free_port},
};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Stdio,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

#[test]
fn a_second_start_answers_at_once() {
    let home = Home::with_config("embedded:\n  demo: false\n");
    let mut first = home.serve();
    first.until_ready();
    first.signal("TERM");
    assert!(first.ended_well(), "{}", first.log());
    let began = Instant::now();
    let mut second = home.serve();
    second.until_it_answers();
    // 300 ms is the promise of the optimised program; this one is not optimised and not alone.
    assert!(began.elapsed() < Duration::from_millis(1500), "it took {:?}", began.elapsed());
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = home.run(&["server", "--host", "127.0.0.1", "--port", &port]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains(&format!("port {port} is in use")), "{text}");
    assert!(text.contains("--port"), "{text}");
    assert!(!home.data().join("cluster").exists(), "a database was made for nothing");
}

#[test]
fn two_programs_on_one_data_folder_are_refused() {
    let home = Home::with_config("embedded:\n  demo: false\n");
    let mut first = home.serve();
    first.until_ready();
    let output = home.run(&["server", "--port", &free_port().to_string()]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains("is in use by another Athena"), "{text}");
    assert!(text.contains(&home.data().display().to_string()), "{text}");
    assert!(text.contains(&first.pid().to_string()), "{text}");
}

#[test]
fn a_client_whose_database_is_down_keeps_nobody_from_starting() {
    let gone = free_port();
    let home = Home::with_config(&format!(
        "embedded:\n  demo: false\nclients:\n  gone: postgresql://me:secret@127.0.0.1:{gone}/none\n"
    ));
    let mut program = home.serve();
    program.until_it_answers();
    program.until("an open gateway", |port| {
        http::get(port, "/health").is_ok_and(|answer| answer.status == 200)
    });
    let key = home.key();
    let answer = program.gateway("/gateway/fetch", "gone", &key, r#"{"table_name":"t"}"#).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body.contains("gone"), "{answer:?}");
    assert!(!answer.body.contains("secret"), "{answer:?}");
    assert!(!program.log().contains("secret"), "{}", program.log());
    assert_eq!(http::get(program.port, "/ping").unwrap().status, 200);
}

#[test]
fn the_demo_answers_a_key_and_nobody_else() {
    let home = Home::with_config("embedded:\n  demo_invoices: 200\n");
    let mut program = home.serve();
    program.until_ready();
    let body = r#"{"table_name":"invoices","columns":["invoice_id","status","amount"],
        "conditions":[{"operator":"eq","column":"status","value":"paid"}],"limit":3}"#;
    let answer = program.gateway("/gateway/fetch", "demo", &home.key(), body).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let rows = answer.json()["data"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert!(rows.as_array().unwrap().iter().all(|row| row["status"] == "paid"), "{rows}");
    let refused = program.gateway("/gateway/fetch", "demo", "", body).unwrap();
    assert_eq!(refused.status, 401, "{refused:?}");
}

#[test]
fn without_arguments_it_helps_people_and_serves_under_cargo_leptos() {
    let home = Home::with_config("embedded:\n  demo: false\n");
    let helped = home.run(&[]);
    assert!(String::from_utf8_lossy(&helped.stdout).contains("Usage: athena"), "{helped:?}");
    let port = free_port();
    let mut command = home.command(&["--port", &port.to_string()]);
    command.env("LEPTOS_OUTPUT_NAME", "athena").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut served = command.spawn().unwrap();
    let said = BufReader::new(served.stdout.take().unwrap());
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        let link = said.lines().map_while(Result::ok).find(|line| line.contains("?link="));
        // Whoever waited too long is gone.
        let _ = tell.send(link);
    });
    let link = hear.recv_timeout(Duration::from_secs(60));
    let answer = http::get(port, "/ping");
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(matches!(link, Ok(Some(_))), "no link was printed");
    assert_eq!(answer.unwrap().status, 200);
}
