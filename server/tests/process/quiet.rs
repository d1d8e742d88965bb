//! What the program keeps to itself, and whom it does not call.

use crate::{
    http,
    program::{Home, Program},
};
use std::{fs, net::Ipv4Addr, path::Path, thread::sleep, time::Duration};

const DEMO: &str = "log:\n  level: debug\nembedded:\n  demo_invoices: 10\n";

/// Occurs nowhere but in the requests of these tests.
const VALUE: &str = "zq7-planted";

fn ask_for_it(program: &Program, key: &str) -> Vec<u16> {
    let email = format!(r#"[{{"eq_column":"email","eq_value":"{VALUE}"}}]"#);
    let asked = [
        ("/gateway/fetch", format!(r#"{{"table_name":"customers","conditions":{email}}}"#)),
        (
            "/gateway/update",
            format!(
                r#"{{"table_name":"customers","set":{{"name":"{VALUE}"}},"conditions":{email}}}"#
            ),
        ),
        // Refused by the database, which says why.
        (
            "/gateway/insert",
            format!(r#"{{"table_name":"customers","insert_body":{{"id":"{VALUE}"}}}}"#),
        ),
        ("/gateway/query", format!(r#"{{"query":"select '{VALUE}'::int"}}"#)),
        ("/gateway/nowhere", format!(r#"{{"value":"{VALUE}"}}"#)),
    ];
    let answers = asked.iter().map(|(path, body)| program.gateway(path, "demo", key, body));
    answers.map(|answer| answer.unwrap().status).collect()
}

#[test]
fn no_value_of_a_request_reaches_the_log() {
    let home = Home::with_config(DEMO);
    let mut program = home.serve();
    program.until_ready();
    let key = home.key();
    let statuses = ask_for_it(&program, &key);
    assert_eq!(statuses[..2], [200, 200], "{}", program.log());
    assert!(statuses[2..].iter().all(|status| (400..500).contains(status)), "{statuses:?}");
    program.signal("TERM");
    assert!(program.ended_well(), "{}", program.log());
    let log = program.log();
    // Each of them is told of, without what was in it.
    for word in ["fetch", "update", "insert"] {
        assert!(log.contains(word), "nothing of {word} in:\n{log}");
    }
    assert!(!log.contains(VALUE), "{log}");
    assert!(!log.contains(&key), "{log}");
}

/// The far ends of this process's own TCP and UDP sockets.
fn far_ends(pid: u32) -> Vec<String> {
    let open = Path::new("/proc").join(pid.to_string());
    let links = fs::read_dir(open.join("fd")).unwrap().flatten();
    let sockets: Vec<String> = links
        .filter_map(|link| fs::read_link(link.path()).ok())
        .filter_map(|to| Some(to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"];
    let tables = tables.map(|table| fs::read_to_string(open.join("net").join(table)).unwrap());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        sockets.iter().any(|own| own == fields[9]).then(|| fields[2].to_owned())
    })
    .collect()
}

/// As `/proc/net` writes it: the address in hexadecimal, its bytes turned round.
fn is_nobody_or_ourselves(far_end: &str) -> bool {
    let Some((address, _port)) = far_end.rsplit_once(':') else { return false };
    if address.len() > 8 {
        let mapped = address.strip_prefix("0000000000000000FFFF0000");
        return address.bytes().all(|digit| digit == b'0')
            || address == "00000000000000000000000001000000"
            || mapped.is_some_and(is_loopback);
    }
    address == "00000000" || is_loopback(address)
}

fn is_loopback(address: &str) -> bool {
    u32::from_str_radix(address, 16)
        .is_ok_and(|turned| Ipv4Addr::from(turned.swap_bytes()).is_loopback())
}

#[test]
fn nobody_is_called_who_was_not_configured() {
    let home = Home::with_config(DEMO);
    let mut program = home.serve();
    let mut seen = Vec::new();
    let pid = program.pid();
    program.until("readiness, with nobody called", |port| {
        seen.extend(far_ends(pid));
        http::get(port, "/ready").is_ok_and(|answer| answer.status == 200)
    });
    let key = home.key();
    for _ in 0..20 {
        ask_for_it(&program, &key);
        seen.extend(far_ends(program.pid()));
        sleep(Duration::from_millis(50));
    }
    assert!(!seen.is_empty(), "not even the socket that listens was seen");
    seen.retain(|far_end| !is_nobody_or_ourselves(far_end));
    assert!(seen.is_empty(), "{seen:?}");
}
