//! `athena audit verify`, and what a server notes for it outside its database.

use crate::program::Home;
use std::process::{Command, Output};
use store::{AuditEntry, AuditOutcome, Store};
use test_support::TestDatabase;

fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

async fn trail(rows: usize) -> TestDatabase {
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    for index in 0..rows {
        let subject = format!("shop-{index}");
        let entry = AuditEntry {
            actor: "admin",
            action: "client.created",
            subject: &subject,
            outcome: AuditOutcome::Done,
            request_id: None,
            before: None,
            after: None,
        };
        store.append_audit(entry).await.unwrap();
    }
    database
}

fn verify(home: &Home, database: &TestDatabase, expect: Option<&str>) -> Output {
    let mut arguments = vec!["audit", "verify"];
    arguments.extend(expect.map(|place| ["--expect", place]).into_iter().flatten());
    let mut command: Command = home.command(&arguments);
    command.env("POSTGRES_ATHENA_LOGGING_URI", database.uri()).output().unwrap()
}

#[tokio::test]
async fn verifying_names_the_first_row_that_is_broken_and_what_was_cut_off() {
    let (home, database) = (Home::new(), trail(6).await);
    let whole = verify(&home, &database, None);
    assert!(whole.status.success() && words(&whole).contains("6 rows"), "{}", words(&whole));
    let words_of_it = words(&whole);
    let place = words_of_it.lines().last().unwrap().rsplit(' ').next().unwrap();
    database.run("update admin_audit set subject = 'other' where sequence = 3").await;
    let changed = verify(&home, &database, None);
    assert!(!changed.status.success() && words(&changed).contains("row 3"), "{}", words(&changed));
    database.run("update admin_audit set subject = 'shop-2' where sequence = 3").await;
    assert!(verify(&home, &database, None).status.success());
    // Cut off with the head set back: only what was noted elsewhere tells of it.
    database
        .run(
            "delete from admin_audit where sequence > 4;
             update admin_audit_head set (sequence, hash) =
                 (select sequence, hash from admin_audit order by sequence desc limit 1)",
        )
        .await;
    let noted = verify(&home, &database, None);
    assert!(
        !noted.status.success() && words(&noted).contains("ends at row 4"),
        "{}",
        words(&noted)
    );
    let elsewhere = Home::new();
    let expected = verify(&elsewhere, &database, Some(place));
    assert!(!expected.status.success(), "{}", words(&expected));
    assert!(words(&expected).contains("row 6 was the last"), "{}", words(&expected));
}

#[tokio::test]
async fn a_running_server_notes_where_the_trail_ends() {
    let (home, database) = (Home::with_config("embedded:\n  demo: false\n"), trail(2).await);
    let port = crate::program::free_port();
    let mut command = home.command(&["server", "--port", &port.to_string()]);
    command.env("POSTGRES_ATHENA_LOGGING_URI", database.uri());
    let mut server = command.spawn().unwrap();
    let began = std::time::Instant::now();
    let anchor = home.data().join("audit-anchor");
    while !anchor.exists() && began.elapsed() < std::time::Duration::from_secs(60) {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let noted = std::fs::read_to_string(anchor).unwrap();
    assert!(noted.starts_with("2:"), "{noted}");
}
