//! What the database refuses, as callers hear it.

use crate::support::{PATIENCE, backend, run, writing};
use api_types::Problem;
use test_support::TestDatabase;

async fn shop() -> TestDatabase {
    let database = TestDatabase::create().await;
    database
        .run(
            "CREATE TABLE customers (id int PRIMARY KEY, email text NOT NULL UNIQUE);
             CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers,
                                  total numeric CONSTRAINT total_is_positive CHECK (total > 0));
             INSERT INTO customers VALUES (1, 'a@example.test');
             INSERT INTO orders VALUES (1, 1, 5)",
        )
        .await;
    database
}

async fn refusal(database: &TestDatabase, sql: &str) -> Problem {
    run(&backend(database), writing(sql, &[]), PATIENCE).await.unwrap_err().problem()
}

fn fields(problem: &Problem) -> Vec<&str> {
    problem.fields.iter().map(|field| field.field.as_str()).collect()
}

#[tokio::test]
async fn a_duplicate_names_the_column_and_not_the_value() {
    let database = shop().await;
    let problem = refusal(&database, "INSERT INTO customers VALUES (2, 'a@example.test')").await;
    assert_eq!((problem.status, problem.code.as_str()), (409, "unique_violation"));
    assert_eq!(fields(&problem), ["email"]);
    assert_eq!(problem.details["constraint"], "customers_email_key");
    assert!(!serde_json::to_string(&problem).unwrap().contains("example.test"));
}

#[tokio::test]
async fn a_reference_to_nothing_names_its_column() {
    let database = shop().await;
    let problem = refusal(&database, "UPDATE orders SET customer_id = 77").await;
    assert_eq!((problem.status, problem.code.as_str()), (409, "foreign_key_violation"));
    assert_eq!(fields(&problem), ["customer_id"]);
}

#[tokio::test]
async fn a_record_in_use_names_the_table_that_uses_it() {
    let database = shop().await;
    let problem = refusal(&database, "DELETE FROM customers").await;
    assert_eq!(problem.status, 409);
    assert!(problem.message.contains("orders"), "{}", problem.message);
}

#[tokio::test]
async fn a_missing_value_and_a_broken_rule_are_named() {
    let database = shop().await;
    let problem = refusal(&database, "INSERT INTO customers (id) VALUES (9)").await;
    assert_eq!((problem.status, fields(&problem)), (400, vec!["email"]));
    let problem = refusal(&database, "UPDATE orders SET total = -1").await;
    assert_eq!(problem.details["constraint"], "total_is_positive");
    assert!(!serde_json::to_string(&problem).unwrap().contains("-1"));
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_not_repeated() {
    let database = shop().await;
    let problem = refusal(&database, "UPDATE orders SET total = 'hunter2'::text::numeric").await;
    assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_input"));
    assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
}

#[tokio::test]
async fn names_that_do_not_exist_are_said() {
    let database = shop().await;
    let problem = refusal(&database, "UPDATE orders SET totle = 1").await;
    assert_eq!(
        (problem.code.as_str(), &problem.details["column"]),
        ("undefined_column", &"totle".into())
    );
    let problem = refusal(&database, "DELETE FROM ordres").await;
    assert_eq!(
        (problem.code.as_str(), &problem.details["table"]),
        ("undefined_table", &"ordres".into())
    );
}
