use crate::migrated;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use store::{AuditEntry, AuditOutcome, AuditRow};

const ENTRY: AuditEntry<'static> = AuditEntry {
    actor: "admin",
    action: "client.created",
    subject: "shop",
    outcome: AuditOutcome::Done,
    request_id: None,
    before: None,
    after: None,
};

#[tokio::test]
async fn deeds_written_at_once_make_one_chain() {
    let (database, store) = migrated().await;
    let after = json!({"label": "Shop"});
    let entry = AuditEntry { after: Some(&after), ..ENTRY };
    let written = (0..20).map(|_| store.append_audit(entry));
    futures_util::future::try_join_all(written).await.unwrap();
    let mut connection = PgConnection::connect(database.uri()).await.unwrap();
    let rows: Vec<AuditRow> = sqlx::query_as("select * from admin_audit order by sequence")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let mut previous = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row.sequence, i64::try_from(place).unwrap() + 1);
        assert_eq!(row.hash, row.hash_after(&previous));
        previous = row.hash.clone();
    }
    assert_eq!(rows.len(), 20);
    let changed = AuditRow { subject: "shoq".to_owned(), ..rows[3].clone() };
    assert_ne!(changed.hash_after(&rows[2].hash), rows[3].hash);
}
