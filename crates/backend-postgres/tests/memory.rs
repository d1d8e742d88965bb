//! A stream of a million rows in the memory of a few. Alone in its process, whose memory it measures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use auth::Permit;
use backend::{Backend, RowFormat};
use backend_postgres::{Postgres, PostgresSettings};
use futures_util::StreamExt;
use query::{
    Operation, Plan,
    plan::PlanLimits,
    request::{ParseOptions, parse},
};
use std::time::{Duration, Instant};
use test_support::TestDatabase;

const ROWS: u64 = 1_000_000;
const MIB: u64 = 1 << 20;

/// Memory of this process that is in use, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_rows_stream_through_flat_memory() {
    let database = TestDatabase::create().await;
    let view = "CREATE VIEW big AS SELECT i AS id, 'name of ' || i AS name, i * 1.5 AS price,
                    i % 2 = 0 AS even, repeat('x', 40) AS filler
                FROM generate_series(1, 1000000) AS i";
    database.run(view).await;
    let postgres = Postgres::connect(&PostgresSettings::parse(database.uri()).unwrap());
    let body = format!("{{\"table_name\":\"big\",\"limit\":{ROWS}}}");
    let request = parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default()).unwrap();
    let limits = PlanLimits { max_rows: ROWS };
    let plan = Plan::resolve(request, &postgres.introspect().await.unwrap(), limits).unwrap();
    let statement = postgres.render(&plan).unwrap();

    let before = resident();
    let start = Instant::now();
    let permit = Permit::system();
    let mut chunks = postgres.stream(&permit, statement, RowFormat::Lines, Duration::from_secs(60));
    let (mut bytes, mut rows, mut most, mut largest) = (0, 0, 0, 0);
    let mut first = None;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.unwrap();
        first.get_or_insert_with(|| start.elapsed());
        bytes += chunk.len() as u64;
        rows += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
        largest = largest.max(chunk.len());
        most = most.max(resident());
    }
    let growth = most.saturating_sub(before);
    println!(
        "{rows} rows, {bytes} bytes, first after {first:?}, {:?}, grew {growth}",
        start.elapsed()
    );
    assert_eq!(rows, ROWS);
    assert!(bytes > 80 * MIB, "{bytes} bytes are too few to prove anything");
    assert!(largest < 128 << 10, "a piece of {largest} bytes");
    assert!(growth < 64 * MIB, "memory grew by {} MiB", growth / MIB);
}
