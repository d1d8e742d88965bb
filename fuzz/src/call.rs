//! A routine's call, however it is asked for.

use crate::{schema::SCHEMA, words};
use query::{
    CallPlan, CallRequest, RequestError, Statement, plan::CallLimits, request::ParseOptions,
};

const ROUTINES: [&str; 5] = ["add", "score", "pay", "pick", "private.add"];

/// The first byte chooses the door and the routine.
pub fn check(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    let request = match asked(*mode, rest) {
        Ok(request) => request,
        Err(error) => return assert!((400..500).contains(&error.problem().status), "{error}"),
    };
    let schemas = ["public".to_owned()];
    let limits = CallLimits { max_rows: 100, schemas: &schemas };
    let plan = match CallPlan::resolve(request, &SCHEMA, limits) {
        Ok(plan) => plan,
        Err(error) => return assert!((400..500).contains(&error.problem().status), "{error}"),
    };
    assert_eq!(plan.routine().name.schema.as_str(), "public");
    assert!(plan.window().limit <= 100);
    match Statement::postgres_call(&plan) {
        Ok(statement) => {
            words::check(&statement);
            assert_eq!(statement.access(), plan.access());
        }
        Err(error) => assert!((400..600).contains(&error.problem().status), "{error}"),
    }
}

fn asked(mode: u8, rest: &[u8]) -> Result<CallRequest, RequestError> {
    let options = ParseOptions::default();
    let routine = ROUTINES[usize::from(mode / 4) % ROUTINES.len()];
    match mode & 3 {
        0 => CallRequest::parse(rest, &options),
        1 => CallRequest::parse_named(routine, rest, &options),
        _ => {
            let text = String::from_utf8_lossy(rest);
            let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            let pairs: Vec<_> =
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            CallRequest::of_query(routine, &pairs, &options)
        }
    }
}
