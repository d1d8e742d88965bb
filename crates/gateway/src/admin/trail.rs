//! The audit trail, for those who may read it.

use super::OperateError;
use crate::{Gateway, GatewayError, Operator};
use auth::PermitError;

pub use store::{AuditQuery, AuditRow, Broken, Chain, Place};

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
