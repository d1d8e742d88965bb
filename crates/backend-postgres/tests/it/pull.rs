//! Snapshots pulled from real databases, beside what drizzle-kit pulled from the same ones.

use backend_postgres::pull::{PullError, pull};
use resources::snapshot::Snapshot;
use serde_json::Value;
use std::path::{Path, PathBuf};
use test_support::TestDatabase;

fn sample(relative: &str) -> PathBuf {
    let path = root().join("../shared/samples").join(relative);
    assert!(
        path.exists(),
        "the sample {relative} is not there: these tests need the folder shared/samples beside the checkout"
    );
    path
}

fn root() -> PathBuf {
    PathBuf::from("../..")
}

async fn pulled(database: &TestDatabase, schemas: &[&str]) -> Snapshot {
    let schemas: Vec<String> = schemas.iter().map(ToString::to_string).collect();
    pull(database.uri(), &schemas).await.unwrap()
}

/// Where two snapshots differ, and in what: a path, then ours and theirs.
fn differences(ours: &Snapshot, theirs: &Path) -> Vec<(String, String)> {
    let ours: Value = serde_json::from_str(&ours.to_json()).unwrap();
    let theirs = serde_json::from_str(&std::fs::read_to_string(theirs).unwrap()).unwrap();
    let mut found = Vec::new();
    compare("", Some(&ours), Some(&theirs), &mut found);
    found
}

fn compare(
    path: &str,
    ours: Option<&Value>,
    theirs: Option<&Value>,
    found: &mut Vec<(String, String)>,
) {
    match (ours, theirs) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                compare(&format!("{path}/{key}"), a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{at}"), Some(a), Some(b), found);
            }
        }
        (ours, theirs) if ours != theirs => {
            let text = |value: Option<&Value>| value.map_or("-".into(), Value::to_string);
            found.push((path.to_owned(), format!("{} {}", text(ours), text(theirs))));
        }
        _ => {}
    }
}

#[tokio::test]
async fn chinook_is_pulled_exactly_as_drizzle_kit_does() {
    let database = TestDatabase::with_files(&[&sample("chinook/chinook.sql")]).await;
    let snapshot = pulled(&database, &["public"]).await;
    assert_eq!(differences(&snapshot, &sample("chinook/meta/0000_snapshot.json")), []);
}

/// Each line is a defect of drizzle-kit's pull that the facts describe; nothing else may differ.
#[tokio::test]
async fn invoicing_differs_only_where_drizzle_kit_is_wrong() {
    let database = TestDatabase::create().await;
    let roleless = std::fs::read_to_string(sample("invoicing/0000_init.sql")).unwrap();
    // A role belongs to the whole server, and another database of this server may have made it.
    let roleless = roleless.replacen(
        "CREATE ROLE \"invoicing_auditor\";",
        "DO $$BEGIN CREATE ROLE \"invoicing_auditor\"; EXCEPTION WHEN duplicate_object THEN END$$;",
        1,
    );
    database.run(&roleless).await;
    let second = std::fs::read_to_string(sample("invoicing/0001_second_version.sql")).unwrap();
    database.run(&second).await;
    let snapshot = pulled(&database, &["public", "billing"]).await;
    let expected = [
        // NULLS NOT DISTINCT is always false.
        "/tables/public.customers/uniqueConstraints/customers_org_ref_key/nullsNotDistinct true false",
        // Only the first policy of a table keeps its conditions.
        "/tables/public.files/policies/files_auditor_only_big/using \"(file_size > 0)\" -",
        "/tables/public.files/policies/files_auditor_only_big/withCheck \"(file_size < 1073741824)\" -",
        // One operator class is put on all columns of an index.
        "/tables/public.resource_form_submissions/indexes/submissions_form_created_idx/columns/1/opclass \"timestamptz_ops\" \"text_ops\"",
        "/tables/public.users/indexes/users_org_role_idx/columns/1/opclass \"enum_ops\" \"uuid_ops\"",
        // Array defaults are taken apart and put together wrong, at times harmlessly.
        "/tables/billing.credit_notes/columns/reasons/default \"'{goodwill,other}'\" \"'{\\\"goodwill\\\",\\\"other\\\"}'\"",
        // Roles belong to the server; they were asked for there, and never are here.
        "/roles/invoicing_auditor - {\"createDb\":false,\"createRole\":false,\"inherit\":true,\"name\":\"invoicing_auditor\"}",
    ];
    let found = differences(&snapshot, &sample("invoicing/pulled/meta/0000_snapshot.json"));
    let lines: Vec<_> = found.iter().map(|(path, values)| format!("{path} {values}")).collect();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn every_type_and_key_is_pulled_as_it_is() {
    let database = TestDatabase::with_files(&[&sample("types/types.sql")]).await;
    let snapshot = pulled(&database, &["public", "other", "Odd Schema"]).await;
    let found = differences(&snapshot, &sample("types/pulled/meta/0000_snapshot.json"));
    let expected = [
        // One stray quote.
        "/tables/public.arrays/columns/a_camel/type",
        // Columns in table order instead of the constraint's.
        "/tables/public.constraints_demo/uniqueConstraints/ab_unique/columns/0",
        "/tables/public.constraints_demo/uniqueConstraints/ab_unique/columns/1",
        "/tables/public.constraints_demo/uniqueConstraints/c_unique/nullsNotDistinct",
        // Corrupted defaults.
        "/tables/public.default_values/columns/arr_empty/default",
        "/tables/public.default_values/columns/arr_text/default",
        "/tables/public.default_values/columns/arr_int/default",
        "/tables/public.default_values/columns/arr_bool/default",
        "/tables/public.default_values/columns/arr_expr/default",
        "/tables/public.default_values/columns/cur/default",
        // Pairs of a foreign key torn apart.
        "/tables/public.fk_demo/foreignKeys/fk_demo_composite/columnsFrom/0",
        "/tables/public.fk_demo/foreignKeys/fk_demo_composite/columnsFrom/2",
        "/tables/public.fk_demo/foreignKeys/fk_demo_composite/columnsTo/1",
        "/tables/public.fk_demo/foreignKeys/fk_demo_composite/columnsTo/2",
        // Expressions, included columns and operator classes of indexes.
        "/tables/public.index_demo/indexes/index_demo_expr_mixed/columns/0/isExpression",
        "/tables/public.index_demo/indexes/index_demo_include/columns",
        "/tables/public.index_demo/indexes/index_demo_multi/columns/0/opclass",
        "/tables/public.index_demo/indexes/index_demo_multi/columns/1/opclass",
        "/tables/public.keys_composite/compositePrimaryKeys/keys_composite_pk/columns/1",
        "/tables/public.keys_composite/compositePrimaryKeys/keys_composite_pk/columns/2",
        // The partitioned parent is left out.
        "/tables/public.parted",
        "/tables/public.rls_demo/policies/own_rows/using",
        "/tables/public.rls_demo/policies/own_rows/withCheck",
        "/tables/public.rls_demo/policies/read_all/using",
        // A materialized view that was never filled.
        "/views/other.mv_with/withNoData",
    ];
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, expected, "{found:#?}");
}

#[tokio::test]
async fn the_committed_demo_snapshot_is_what_the_demo_database_is() {
    let schema = root().join("server/demo/schema.sql");
    let database = TestDatabase::with_files(&[&schema]).await;
    let snapshot = pulled(&database, &["public"]).await;
    let committed = root().join("drizzle-meta/demo/meta/0000_snapshot.json");
    let committed = std::fs::read_to_string(committed).unwrap();
    assert!(
        snapshot.to_json() == committed,
        "drizzle-meta/demo is not what server/demo/schema.sql makes: pull it again"
    );
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_named() {
    let database = TestDatabase::create().await;
    let error = pull(database.uri(), &["nowhere".to_owned()]).await.unwrap_err();
    assert!(matches!(error, PullError::UnknownSchema { name } if name == "nowhere"));
}

#[tokio::test]
async fn without_schemas_every_one_that_people_made_is_pulled() {
    let database = TestDatabase::create().await;
    database.run("create schema a; create table a.t (id serial primary key); create view v as select 1 as one").await;
    let snapshot = pulled(&database, &[]).await;
    assert_eq!(snapshot.tables.keys().collect::<Vec<_>>(), ["a.t"]);
    assert_eq!(snapshot.tables["a.t"].columns["id"].sql_type, "serial");
    assert_eq!(snapshot.views.keys().collect::<Vec<_>>(), ["public.v"]);
}
