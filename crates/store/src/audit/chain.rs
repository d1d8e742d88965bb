//! Reading the chain again: whether it is whole, and what is in it.

use super::AuditRow;
use crate::{Store, StoreError};

/// Rows that are read at once.
const STEP: i64 = 1_000;

/// A place in the chain that was written down somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub sequence: i64,
    pub hash: Vec<u8>,
}

/// What the chain looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub rows: i64,
    pub head: Place,
}

/// The first thing that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("row {sequence} is not what was written, or does not follow the row before it")]
    Changed { sequence: i64 },
    #[error("row {sequence} is missing")]
    Missing { sequence: i64 },
    #[error("the chain ends at row {found}, and row {expected} was the last one that was written")]
    Truncated { found: i64, expected: i64 },
    #[error("row {sequence} is another one than when its hash was noted")]
    Rewritten { sequence: i64 },
}

/// Which deeds are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub actor: Option<String>,
    /// A whole action, or its first word: `client` finds `client.created`.
    pub action: Option<String>,
    pub subject: Option<String>,
    pub outcome: Option<String>,
    /// Microseconds since 1970.
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// Only rows before this one.
    pub before: Option<i64>,
    pub limit: u32,
}

const PAGE: &str = "
    select sequence, at_micros, actor, action, subject, outcome, request_id, before, after, hash
    from admin_audit where sequence > $1 order by sequence limit $2";

const FIND: &str = "
    select sequence, at_micros, actor, action, subject, outcome, request_id, before, after, hash
    from admin_audit
    where ($1::text is null or actor = $1)
      and ($2::text is null or action = $2 or split_part(action, '.', 1) = $2)
      and ($3::text is null or subject = $3)
      and ($4::text is null or outcome = $4)
      and ($5::bigint is null or at_micros >= $5)
      and ($6::bigint is null or at_micros < $6)
      and ($7::bigint is null or sequence < $7)
    order by sequence desc limit $8";

impl Store {
    /// Deeds, newest first.
    pub async fn audit_rows(&self, wanted: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let query = sqlx::query_as(FIND)
            .bind(&wanted.actor)
            .bind(&wanted.action)
            .bind(&wanted.subject)
            .bind(&wanted.outcome)
            .bind(wanted.since)
            .bind(wanted.until)
            .bind(wanted.before)
            .bind(i64::from(wanted.limit));
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// Where the chain ends, as its own table says.
    pub async fn audit_head(&self) -> Result<Place, StoreError> {
        let (sequence, hash) = sqlx::query_as("select sequence, hash from admin_audit_head")
            .fetch_one(&self.pool)
            .await?;
        Ok(Place { sequence, hash })
    }

    /// Read the whole chain and compare it with itself, its head, and places noted elsewhere.
    pub async fn verify_audit(&self, noted: &[Place]) -> Result<Result<Chain, Broken>, StoreError> {
        // What is appended meanwhile is none of this reading's business.
        let head = self.audit_head().await?;
        let mut walk = Walk { last: Place { sequence: 0, hash: Vec::new() }, noted };
        while walk.last.sequence < head.sequence {
            let rows: Vec<AuditRow> = sqlx::query_as(PAGE)
                .bind(walk.last.sequence)
                .bind(STEP)
                .fetch_all(&self.pool)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows.iter().take_while(|row| row.sequence <= head.sequence) {
                if let Err(broken) = walk.step(row) {
                    return Ok(Err(broken));
                }
            }
            if rows.last().is_some_and(|row| row.sequence > head.sequence) {
                break;
            }
        }
        Ok(walk.end(&head))
    }
}

struct Walk<'a> {
    last: Place,
    noted: &'a [Place],
}

impl Walk<'_> {
    fn step(&mut self, row: &AuditRow) -> Result<(), Broken> {
        let expected = self.last.sequence + 1;
        if row.sequence != expected {
            return Err(Broken::Missing { sequence: expected });
        }
        if row.hash_after(&self.last.hash) != row.hash {
            return Err(Broken::Changed { sequence: row.sequence });
        }
        let mut noted = self.noted.iter().filter(|place| place.sequence == row.sequence);
        if noted.any(|place| place.hash != row.hash) {
            return Err(Broken::Rewritten { sequence: row.sequence });
        }
        self.last = Place { sequence: row.sequence, hash: row.hash.clone() };
        Ok(())
    }

    fn end(self, head: &Place) -> Result<Chain, Broken> {
        let noted = self.noted.iter().map(|place| place.sequence).max().unwrap_or(0);
        let expected = head.sequence.max(noted);
        if self.last.sequence < expected {
            return Err(Broken::Truncated { found: self.last.sequence, expected });
        }
        if self.last.hash != head.hash {
            return Err(Broken::Changed { sequence: self.last.sequence });
        }
        Ok(Chain { rows: self.last.sequence, head: self.last })
    }
}
