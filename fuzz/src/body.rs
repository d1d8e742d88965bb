//! The body of any operation, through every stage but the database.

use crate::{schema::SCHEMA, words};
use query::{
    ApiRequest, Operation, Plan, Statement,
    plan::PlanLimits,
    request::{ParseOptions, Profile, ResponseCase, parse},
    response::{self, Counted},
};

const OPERATIONS: [Operation; 4] =
    [Operation::Fetch, Operation::Insert, Operation::Update, Operation::Delete];

/// The first byte chooses; what stands behind a byte that no text has is the database's answer.
pub fn check(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    let (body, rows) = match rest.iter().position(|byte| *byte == 0xFF) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &b"[{\"id\":1,\"n\":null,\"at\":\"2024-01-01\",\"name\":\"x\"}]"[..]),
    };
    let operation = OPERATIONS[usize::from(mode & 3)];
    let mut request = match parse(operation, body, &options(mode & 4 != 0)) {
        Ok(request) => request,
        Err(error) => return assert!((400..500).contains(&error.problem().status), "{error}"),
    };
    assert_eq!(request.operation(), operation);
    if mode & 8 != 0 {
        request.set_profile(Profile::Bare);
    }
    let asked = window_of(&request);
    match Plan::resolve(request, &SCHEMA, PlanLimits { max_rows: 100 }) {
        Ok(plan) => planned(&plan, asked, rows),
        Err(error) => assert!(matches!(error.problem().status, 400 | 404), "{error}"),
    }
}

fn options(is_camel: bool) -> ParseOptions {
    let response_case = if is_camel { ResponseCase::Camel } else { ResponseCase::AsIs };
    ParseOptions { snake_case: is_camel, response_case, ..ParseOptions::default() }
}

fn window_of(request: &ApiRequest) -> Option<u64> {
    match request {
        ApiRequest::Read(read) => Some(read.window.limit),
        _ => None,
    }
}

fn planned(plan: &Plan, asked: Option<u64>, rows: &[u8]) {
    if let (Plan::Read(read), Some(asked)) = (plan, asked) {
        assert_eq!(read.window().limit, asked.min(100));
    }
    let counts = [Statement::postgres_count(plan), Statement::sqlite_count(plan)];
    let counts = counts.into_iter().filter_map(Result::transpose);
    for statement in [Statement::postgres(plan), Statement::sqlite(plan)].into_iter().chain(counts)
    {
        match statement {
            Ok(statement) => {
                words::check(&statement);
                assert_eq!(statement.access(), plan.access());
            }
            Err(error) => assert!((400..600).contains(&error.problem().status), "{error}"),
        }
    }
    let mut out = response::open(plan);
    out.extend_from_slice(rows);
    if let Err(error) = response::build(plan, &Counted::default(), out, "r") {
        assert!(matches!(error.problem().status, 400 | 500), "{error}");
    }
}
