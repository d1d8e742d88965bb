//! The audit trail, for those who may read it.

use super::OperateError;
use crate::{Gateway, GatewayError, Operator};
use auth::PermitError;

pub use store::{AuditQuery, AuditRow, Broken, Chain, Place};

/// A moment of RFC 3339 as microseconds since 1970.
pub fn micros(field: &'static str, text: &str) -> Result<i64, OperateError> {
    let moment: Result<jiff::Timestamp, _> = text.trim().parse();
    let moment =
        moment.map_err(|_no_moment| OperateError::invalid(field, "a moment of RFC 3339"))?;
    Ok(moment.as_microsecond())
}

/// When a deed was done, in RFC 3339.
pub fn moment(row: &AuditRow) -> Option<String> {
    Some(jiff::Timestamp::from_microsecond(row.at_micros).ok()?.to_string())
}

/// A hash as people compare it.
pub fn hex(hash: &[u8]) -> String {
    hex::encode(hash)
}

impl Gateway {
    /// Deeds, newest first.
    pub async fn audit_trail(
        &self,
        operator: &Operator,
        wanted: &AuditQuery,
    ) -> Result<Vec<AuditRow>, GatewayError> {
        // Deeds are about anything, so a key for one client does not read them.
        if operator.bound_to().is_some() {
            return Err(PermitError::ClientMismatch.into());
        }
        Ok(self.desk(operator)?.store.audit_rows(wanted).await.map_err(OperateError::from)?)
    }
}
