//! Whatever is done to the audit trail behind our backs is found, and named.

use crate::migrated;
use store::{AuditEntry, AuditOutcome, AuditQuery, Broken, Place, Store};
use test_support::TestDatabase;

async fn trail(rows: usize) -> (TestDatabase, Store) {
    let (database, store) = migrated().await;
    for index in 0..rows {
        let subject = format!("shop-{index}");
        let action = if index % 2 == 0 { "client.created" } else { "key.rotated" };
        let entry = AuditEntry {
            actor: "admin",
            action,
            subject: &subject,
            outcome: AuditOutcome::Done,
            request_id: None,
            before: None,
            after: None,
        };
        store.append_audit(entry).await.unwrap();
    }
    (database, store)
}

async fn broken(store: &Store, noted: &[Place]) -> Broken {
    store.verify_audit(noted).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn a_whole_trail_is_whole_whatever_its_length() {
    for rows in [0, 1, 12] {
        let (_database, store) = trail(rows).await;
        let chain = store.verify_audit(&[]).await.unwrap().unwrap();
        assert_eq!(chain.rows, i64::try_from(rows).unwrap());
        assert_eq!(
            store.verify_audit(std::slice::from_ref(&chain.head)).await.unwrap().unwrap(),
            chain
        );
    }
}

#[tokio::test]
async fn a_row_that_was_changed_is_named() {
    for change in
        ["actor = 'nobody'", "at_micros = at_micros + 1", "after = '{}'", "hash = 'x'::bytea"]
    {
        let (database, store) = trail(9).await;
        database.run(&format!("update admin_audit set {change} where sequence = 4")).await;
        assert_eq!(broken(&store, &[]).await, Broken::Changed { sequence: 4 }, "{change}");
    }
}

#[tokio::test]
async fn a_row_that_was_taken_out_is_named() {
    for sequence in [1, 5] {
        let (database, store) = trail(9).await;
        database.run(&format!("delete from admin_audit where sequence = {sequence}")).await;
        assert_eq!(broken(&store, &[]).await, Broken::Missing { sequence });
    }
}

#[tokio::test]
async fn rows_that_were_cut_off_the_end_are_missed() {
    let (database, store) = trail(9).await;
    database.run("delete from admin_audit where sequence > 6").await;
    assert_eq!(broken(&store, &[]).await, Broken::Truncated { found: 6, expected: 9 });
}

#[tokio::test]
async fn whoever_sets_the_head_back_as_well_is_found_by_what_was_noted_elsewhere() {
    let (database, store) = trail(9).await;
    let noted = store.audit_head().await.unwrap();
    database
        .run(
            "delete from admin_audit where sequence > 6;
             update admin_audit_head set (sequence, hash) =
                 (select sequence, hash from admin_audit order by sequence desc limit 1)",
        )
        .await;
    assert!(store.verify_audit(&[]).await.unwrap().is_ok(), "nothing in the database tells of it");
    let noted = [noted];
    assert_eq!(broken(&store, &noted).await, Broken::Truncated { found: 6, expected: 9 });
    // Other rows in their places are others.
    for _ in 0..3 {
        let entry = AuditEntry {
            actor: "admin",
            action: "client.created",
            subject: "forged",
            outcome: AuditOutcome::Done,
            request_id: None,
            before: None,
            after: None,
        };
        store.append_audit(entry).await.unwrap();
    }
    assert_eq!(broken(&store, &noted).await, Broken::Rewritten { sequence: 9 });
}

#[tokio::test]
async fn deeds_are_found_by_what_they_were_and_paged_from_the_newest() {
    let (_database, store) = trail(9).await;
    let find = async |query: AuditQuery| {
        let rows = store.audit_rows(&query).await.unwrap();
        rows.iter().map(|row| row.sequence).collect::<Vec<_>>()
    };
    let all = AuditQuery { limit: 3, ..AuditQuery::default() };
    assert_eq!(find(all.clone()).await, [9, 8, 7]);
    assert_eq!(find(AuditQuery { before: Some(7), ..all.clone() }).await, [6, 5, 4]);
    let keys = AuditQuery { action: Some("key".to_owned()), ..all.clone() };
    assert_eq!(find(keys).await, [8, 6, 4]);
    let one = AuditQuery { subject: Some("shop-2".to_owned()), ..all.clone() };
    assert_eq!(find(one).await, [3]);
    assert!(find(AuditQuery { until: Some(1), ..all }).await.is_empty());
}
