//! What administrators do about admission.

use super::{Admission, AdmissionError, Limits, LimitsInput};
use crate::{Gateway, access::Operator, admin::audit::Deed, error::GatewayError};
use auth::PermitError;
use std::sync::Arc;
use store::{AdmissionEventFilter, AdmissionEventRow};

impl Gateway {
    /// The limits in force here.
    pub fn admission_limits(&self, _proof: &Operator) -> Arc<Limits> {
        self.access().admission().map(Admission::limits).unwrap_or_default()
    }

    /// Set them for all nodes, each of which hears of it at once.
    pub async fn set_admission_limits(
        &self,
        operator: &Operator,
        input: LimitsInput,
    ) -> Result<Arc<Limits>, GatewayError> {
        let limits = input.check()?;
        let deed = Deed::done("admission.limits_set", "admission").to(limits.to_json());
        self.change_limits(operator, deed, Some(&limits)).await
    }

    /// Let each node's own settings hold again.
    pub async fn clear_admission_limits(
        &self,
        operator: &Operator,
    ) -> Result<Arc<Limits>, GatewayError> {
        self.change_limits(operator, Deed::done("admission.limits_cleared", "admission"), None)
            .await
    }

    /// Requests that were turned away or put off, newest first.
    pub async fn admission_events(
        &self,
        operator: &Operator,
        mut filter: AdmissionEventFilter,
    ) -> Result<Vec<AdmissionEventRow>, GatewayError> {
        if let Some(own) = operator.bound_to() {
            filter.client = Some(own.to_string());
        }
        let admission = self.access().admission();
        let table = admission.and_then(|one| one.inner.table.as_ref());
        let table = table.ok_or(AdmissionError::NoStore)?;
        let found = table.store.list_admission_events(&filter).await;
        Ok(found.map_err(AdmissionError::from)?)
    }

    async fn change_limits(
        &self,
        operator: &Operator,
        deed: Deed,
        limits: Option<&Limits>,
    ) -> Result<Arc<Limits>, GatewayError> {
        // These are everybody's limits, and a key of one client is not everybody's.
        if operator.bound_to().is_some() {
            return Err(PermitError::ClientMismatch.into());
        }
        let admission = self.access().admission().ok_or(AdmissionError::NoStore)?;
        let table = admission.inner.table.as_ref().ok_or(AdmissionError::NoStore)?;
        let before = admission.limits().to_json();
        let changed = match limits {
            Some(limits) => {
                let by = operator.actor().to_string();
                table.store.set_admission_limits(&limits.to_json(), &by).await
            }
            None => table.store.clear_admission_limits().await.map(drop),
        };
        changed.map_err(AdmissionError::from)?;
        // Whoever asks next is told of what was just set, whenever the word of it comes round.
        admission.inner.reload().await;
        if let Ok(desk) = self.desk(operator) {
            desk.audit.tell(operator.actor(), &deed.from(before)).await;
        }
        Ok(admission.limits())
    }
}
