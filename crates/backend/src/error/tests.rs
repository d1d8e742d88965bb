//! What callers hear, and that they never hear a value.

use super::*;

fn refused(sqlstate: &str) -> DatabaseError {
    DatabaseError {
        sqlstate: sqlstate.to_owned(),
        message: "invalid input syntax for type integer: \"hunter2\"".to_owned(),
        detail: Some("Failing row contains (1, hunter2).".to_owned()),
        ..DatabaseError::default()
    }
}

fn problem(error: DatabaseError) -> Problem {
    BackendError::Database(Box::new(error)).problem()
}

#[test]
fn every_sqlstate_has_its_status_and_code() {
    let cases = [
        ("23505", 409, "unique_violation"),
        ("23503", 409, "foreign_key_violation"),
        ("23502", 400, "not_null_violation"),
        ("23514", 400, "check_constraint_violation"),
        ("23P01", 409, "exclusion_violation"),
        ("22021", 400, "invalid_text_encoding"),
        ("22P02", 400, "invalid_input"),
        ("22003", 400, "invalid_input"),
        ("22007", 400, "invalid_input"),
        ("22008", 400, "invalid_input"),
        ("22001", 400, "invalid_input"),
        ("42703", 400, "undefined_column"),
        ("42P01", 400, "undefined_table"),
        ("42601", 400, "syntax_error"),
        ("42883", 400, "undefined_function"),
        ("42P18", 400, "invalid_statement"),
        ("42803", 400, "invalid_statement"),
        ("2BP01", 400, "invalid_statement"),
        ("42P07", 409, "duplicate_object"),
        ("0A000", 400, "not_supported_by_database"),
        ("25001", 400, "invalid_transaction_state"),
        ("42501", 403, "insufficient_privilege"),
        ("25006", 403, "read_only_transaction"),
        ("08006", 503, "connection_error"),
        ("28P01", 503, "database_authentication_failed"),
        ("40001", 503, "serialization_failure"),
        ("40P01", 503, "serialization_failure"),
        ("57014", 504, "statement_timeout"),
        ("53300", 503, "too_many_connections"),
        ("57P01", 503, "connection_error"),
        ("XX001", 503, "database_damaged"),
        ("XX000", 500, "database_error"),
        ("", 500, "database_error"),
    ];
    for (sqlstate, status, code) in cases {
        let problem = problem(refused(sqlstate));
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{sqlstate}");
        assert_eq!(problem.details["sql_state"], sqlstate);
    }
}

#[test]
fn no_value_reaches_the_caller() {
    for sqlstate in ["23502", "23505", "23514", "22P02", "22001", "P0001", "XX000", "42601"] {
        let text = serde_json::to_string(&problem(refused(sqlstate))).unwrap();
        assert!(!text.contains("hunter2"), "{sqlstate}: {text}");
    }
}

#[test]
fn a_duplicate_names_its_columns() {
    let mut error = refused("23505");
    error.constraint = Some("people_email_key".to_owned());
    error.detail = Some("Key (email, \"Odd \"\"Name\")=(hunter2, 1) already exists.".to_owned());
    let problem = problem(error);
    let fields: Vec<_> = problem.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["email", "Odd \"Name"]);
    assert_eq!(problem.details["constraint"], "people_email_key");
    assert!(!problem.message.contains("hunter2"));
}

#[test]
fn an_expression_in_a_key_names_no_column() {
    let mut error = refused("23505");
    error.detail = Some("Key (lower(email))=(hunter2) already exists.".to_owned());
    assert!(problem(error).fields.is_empty());
}

#[test]
fn inserting_a_duplicate_points_at_update() {
    let error = BackendError::Database(Box::new(refused("23505")));
    let problem = error.problem_for(Operation::Insert);
    assert!(problem.message.contains("duplicate record"));
    assert!(problem.hint.unwrap().contains("/gateway/update"));
}

#[test]
fn a_missing_target_is_unprocessable_only_on_insert() {
    let error = BackendError::Database(Box::new(refused("23503")));
    assert_eq!(error.problem_for(Operation::Insert).status, 422);
    assert_eq!(error.problem_for(Operation::Update).status, 409);
    assert_eq!(error.problem_for(Operation::Delete).status, 409);
}

#[test]
fn a_record_in_use_says_who_uses_it() {
    let mut error = refused("23503");
    error.table = Some("invoices".to_owned());
    error.detail = Some("Key (id)=(1) is still referenced from table \"invoices\".".to_owned());
    let problem = problem(error);
    assert!(problem.message.starts_with("Records of invoices still refer"), "{}", problem.message);
    assert!(problem.fields.is_empty());
}

#[test]
fn comparing_text_with_uuid_gets_advice() {
    let mut error = refused("42883");
    error.message = "operator does not exist: text = uuid".to_owned();
    let problem = problem(error);
    assert_eq!(problem.code, "text_uuid_operator_mismatch");
    assert!(problem.hint.is_some());
}

#[test]
fn only_bad_moments_are_worth_a_retry() {
    let class = |sqlstate| BackendError::Database(Box::new(refused(sqlstate))).class();
    assert_eq!(class("40001"), ErrorClass::Transient);
    assert_eq!(class("57P01"), ErrorClass::Transient);
    assert_eq!(class("57014"), ErrorClass::Timeout);
    assert_eq!(class("23505"), ErrorClass::Permanent);
    assert_eq!(BackendError::PoolTimeout.class(), ErrorClass::Transient);
}
