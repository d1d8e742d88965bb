//! What administrators did: a chain in which no row can be changed, added or taken out unseen.

mod chain;

pub use chain::{AuditQuery, Broken, Chain, Place};

use crate::{Store, StoreError, moment};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use std::time::SystemTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    Done,
    Failed,
    /// The caller was not allowed to.
    Refused,
}

impl AuditOutcome {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// One deed. It holds no secret: whoever writes it leaves them out.
#[derive(Debug, Clone, Copy)]
pub struct AuditEntry<'a> {
    pub actor: &'a str,
    pub action: &'a str,
    pub subject: &'a str,
    pub outcome: AuditOutcome,
    pub request_id: Option<&'a str>,
    pub before: Option<&'a Value>,
    pub after: Option<&'a Value>,
}

/// A row of the chain as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    pub sequence: i64,
    pub at_micros: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub outcome: String,
    pub request_id: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub hash: Vec<u8>,
}

impl AuditRow {
    /// What the row's hash must be when this one comes before it.
    pub fn hash_after(&self, previous: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        let mut add = |part: Option<&[u8]>| match part {
            // Lengths keep neighbouring fields apart; nothing is not the same as an empty text.
            Some(bytes) => {
                hash.update([1]);
                hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(bytes);
            }
            None => hash.update([0]),
        };
        add(Some(previous));
        add(Some(&self.sequence.to_be_bytes()));
        add(Some(&self.at_micros.to_be_bytes()));
        let texts = [&self.actor, &self.action, &self.subject, &self.outcome];
        texts.into_iter().for_each(|text| add(Some(text.as_bytes())));
        let optional = [&self.request_id, &self.before, &self.after];
        optional.into_iter().for_each(|text| add(text.as_deref().map(str::as_bytes)));
        hash.finalize().to_vec()
    }
}

const APPEND: &str = "
    insert into admin_audit
        (sequence, at_micros, actor, action, subject, outcome, request_id, before, after, hash)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

impl Store {
    /// Write a deed down; its place in the chain comes back.
    pub async fn append_audit(&self, entry: AuditEntry<'_>) -> Result<i64, StoreError> {
        let mut transaction = self.begin().await?;
        let sequence = append(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(sequence)
    }
}

/// Write a deed down in the transaction that does it, so that neither is there without the other.
pub(crate) async fn append(
    connection: &mut PgConnection,
    entry: AuditEntry<'_>,
) -> Result<i64, StoreError> {
    // The head is locked until the transaction ends: deeds take turns.
    let (last, previous): (i64, Vec<u8>) =
        sqlx::query_as("select sequence, hash from admin_audit_head for update")
            .fetch_one(&mut *connection)
            .await?;
    let mut row = AuditRow {
        sequence: last + 1,
        at_micros: moment::to_micros(SystemTime::now()),
        actor: entry.actor.to_owned(),
        action: entry.action.to_owned(),
        subject: entry.subject.to_owned(),
        outcome: entry.outcome.word().to_owned(),
        request_id: entry.request_id.map(str::to_owned),
        before: entry.before.map(Value::to_string),
        after: entry.after.map(Value::to_string),
        hash: Vec::new(),
    };
    row.hash = row.hash_after(&previous);
    sqlx::query(APPEND)
        .bind(row.sequence)
        .bind(row.at_micros)
        .bind(&row.actor)
        .bind(&row.action)
        .bind(&row.subject)
        .bind(&row.outcome)
        .bind(&row.request_id)
        .bind(&row.before)
        .bind(&row.after)
        .bind(&row.hash)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update admin_audit_head set sequence = $1, hash = $2")
        .bind(row.sequence)
        .bind(&row.hash)
        .execute(&mut *connection)
        .await?;
    Ok(row.sequence)
}
