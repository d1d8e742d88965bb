use super::*;
use crate::plan::samples;
use serde_json::json;

fn resolve(body: Value) -> Result<CallPlan, CallError> {
    let request = CallRequest::parse(body.to_string().as_bytes(), &Default::default()).unwrap();
    let limits = CallLimits { max_rows: 1_000, schemas: &["public".to_owned()] };
    CallPlan::resolve(request, &samples::routines(), limits)
}

fn refusal(body: Value) -> (u16, String, String) {
    let problem = resolve(body).unwrap_err().problem();
    (problem.status, problem.code.clone(), serde_json::to_string(&problem).unwrap())
}

#[test]
fn an_overload_is_chosen_by_names_then_defaults_then_values() {
    let chosen = |args: Value| {
        let plan = resolve(json!({"function": "pick", "args": args})).unwrap();
        plan.routine().signature()
    };
    assert_eq!(chosen(json!({"a": 1})), "public.pick(a integer)");
    assert_eq!(chosen(json!({"a": "x"})), "public.pick(a text)");
    assert_eq!(
        chosen(json!({"a": 1, "b": 2})),
        "public.pick(a integer, b integer, c integer = default)"
    );
    assert_eq!(chosen(json!({"a": true})), "public.pick(a text)");
    let (status, code, _) = refusal(json!({"function": "pick", "args": {"a": null}}));
    assert_eq!((status, code.as_str()), (400, "ambiguous_function"));
}

#[test]
fn what_cannot_be_called_is_said_by_name() {
    for (body, status, code, named) in [
        (json!({"function": "nothing"}), 404, "unknown_function", "public.nothing"),
        (json!({"function": "pg_catalog.pg_sleep"}), 403, "schema_not_allowed", "pg_catalog"),
        (json!({"function": "f", "schema": "billing"}), 403, "schema_not_allowed", "billing"),
        (json!({"function": "add", "args": {"a": 1}}), 400, "no_matching_function", "b integer"),
        (
            json!({"function": "add", "args": {"a": 1, "b": 1, "c": 1}}),
            400,
            "no_matching_function",
            "\"c\"",
        ),
        (json!({"function": "add", "args": {"a": "x", "b": 1}}), 400, "invalid_input", "args.a"),
        (
            json!({"function": "add", "args": {"a": 1, "b": 1}, "order": {"column": "x"}}),
            400,
            "invalid_rpc_request",
            "order",
        ),
        (
            json!({"function": "pay", "args": {"id": 1}, "count": "exact"}),
            400,
            "invalid_rpc_request",
            "count",
        ),
        (json!({"function": "anything"}), 400, "invalid_rpc_request", "public.anything"),
        (
            json!({"function": "score", "args": {"top": 1, "seed": []}, "select": "zzz"}),
            400,
            "unknown_column",
            "zzz",
        ),
    ] {
        let (found, said, text) = refusal(body.clone());
        assert_eq!((found, said.as_str()), (status, code), "{body}");
        assert!(text.contains(named), "{body}: {text}");
    }
}

#[test]
fn rows_are_capped_whether_or_not_a_limit_is_asked() {
    let plan = |body: Value| resolve(body).unwrap();
    let free = plan(json!({"function": "add", "args": {"a": 1, "b": 1}}));
    assert_eq!((free.window().limit, free.limit_clamped()), (1_000, false));
    let greedy = plan(json!({"function": "add", "args": {"a": 1, "b": 1}, "limit": 5_000}));
    assert_eq!((greedy.window().limit, greedy.limit_clamped()), (1_000, true));
}
