//! Looking after deferred requests: for whoever filed them, for keys with the right, and for
//! administrators.

use super::{Deferred, DeferredError, EventKind, payload::Kind};
use crate::{
    Gateway,
    access::{Administrator, Visitor},
    error::GatewayError,
    once,
};
use api_types::ClientName;
use auth::{AuthError, Permit, PresentedKey};
use store::{DeferredFilter, DeferredResult, DeferredRow, DeferredStatus};

const READ: &str = "deferred.read";
const MANAGE: &str = "deferred.manage";

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeferredPage {
    pub status: Option<DeferredStatus>,
    pub limit: u32,
    pub offset: u32,
}

impl Gateway {
    /// How far a request has come.
    pub async fn deferred_status(
        &self,
        presented: &PresentedKey,
        id: &str,
    ) -> Result<DeferredRow, GatewayError> {
        self.seen(presented, id, READ).await.map(|(_, row)| row)
    }

    /// Its whole answer.
    pub async fn deferred_result(
        &self,
        presented: &PresentedKey,
        id: &str,
    ) -> Result<DeferredResult, GatewayError> {
        let (deferred, row) = self.seen(presented, id, READ).await?;
        let found = deferred.inner.store.deferred_result(&row.request_id).await;
        let found = found.map_err(DeferredError::Unreadable)?;
        Ok(found.ok_or(DeferredError::NoResult)?)
    }

    /// Do it again from the beginning. What it did before is not undone.
    pub async fn requeue_deferred(
        &self,
        presented: &PresentedKey,
        id: &str,
    ) -> Result<(), GatewayError> {
        let (deferred, row) = self.seen(presented, id, MANAGE).await?;
        let done = deferred.inner.store.requeue_deferred(&row.request_id).await;
        match done.map_err(DeferredError::Unchangeable)? {
            None => Err(DeferredError::NotFound.into()),
            Some((false, status)) => Err(DeferredError::NotRequeueable { status }.into()),
            Some((true, _)) => {
                deferred.count(&row, EventKind::Requeued);
                Ok(())
            }
        }
    }

    /// Do it no more.
    pub async fn cancel_deferred(
        &self,
        presented: &PresentedKey,
        id: &str,
    ) -> Result<(), GatewayError> {
        let (deferred, row) = self.seen(presented, id, MANAGE).await?;
        let done = deferred.inner.store.cancel_deferred(&row.request_id).await;
        match done.map_err(DeferredError::Unchangeable)? {
            None => Err(DeferredError::NotFound.into()),
            Some((false, status)) => Err(DeferredError::NotCancellable { status }.into()),
            Some((true, _)) => {
                deferred.count(&row, EventKind::Cancelled);
                Ok(())
            }
        }
    }

    /// The client's requests: all of them with the right, else the caller's own.
    pub async fn list_deferred(
        &self,
        visitor: &Visitor,
        page: DeferredPage,
    ) -> Result<Vec<DeferredRow>, GatewayError> {
        let (caller, client) = (visitor.caller(), visitor.client());
        let sees_all = Permit::for_right(caller, client, READ).is_ok();
        let own = (!sees_all).then(|| once::caller_word(caller.credential()));
        self.listed(Some(client.to_string()), own, page).await
    }

    /// Everybody's, or those of one client, for an administrator.
    pub async fn list_all_deferred(
        &self,
        _proof: &Administrator,
        client: Option<&str>,
        page: DeferredPage,
    ) -> Result<Vec<DeferredRow>, GatewayError> {
        let client = client.map(|name| name.trim().to_ascii_lowercase());
        self.listed(client, None, page).await
    }

    async fn listed(
        &self,
        client: Option<String>,
        caller: Option<String>,
        page: DeferredPage,
    ) -> Result<Vec<DeferredRow>, GatewayError> {
        let Some(deferred) = self.deferred() else { return Ok(Vec::new()) };
        let DeferredPage { status, limit, offset } = page;
        let filter = DeferredFilter { client, caller, status, limit, offset };
        let rows = deferred.inner.store.list_deferred(&filter).await;
        Ok(rows.map_err(DeferredError::Unreadable)?)
    }

    /// The request, for somebody who may see it.
    async fn seen(
        &self,
        presented: &PresentedKey,
        id: &str,
        right: &str,
    ) -> Result<(&Deferred, DeferredRow), GatewayError> {
        let is_administrator = self.administrator(presented).is_ok();
        // Nobody without a key learns which requests there are.
        if !is_administrator && self.demands_keys() {
            self.access().holder(presented).await?;
        }
        let deferred = self.deferred().ok_or(DeferredError::NotFound)?;
        // PostgreSQL knows no text with a NUL.
        let is_odd = id.is_empty() || id.len() > 128 || id.contains('\0');
        let row = if is_odd { None } else { deferred.read(id).await? };
        let row = row.ok_or(DeferredError::NotFound)?;
        if is_administrator {
            return Ok((deferred, row));
        }
        let client = ClientName::parse(&row.client).map_err(|_odd| DeferredError::NotFound)?;
        let caller = match self.access().caller(presented, &client).await {
            // Nor does the holder of another client's key.
            Err(AuthError::ClientMismatch) => return Err(DeferredError::NotFound.into()),
            caller => caller?,
        };
        if once::caller_word(caller.credential()) != row.caller {
            Permit::for_right(&caller, &client, right)?;
        }
        Ok((deferred, row))
    }
}

impl Deferred {
    async fn read(&self, id: &str) -> Result<Option<DeferredRow>, DeferredError> {
        self.inner.store.deferred(id).await.map_err(DeferredError::Unreadable)
    }

    fn count(&self, row: &DeferredRow, event: EventKind) {
        let is_of = |kind: &Kind| row.route.ends_with(kind.route_word());
        // `/gateway/data` is another name of `/gateway/fetch`.
        let other = row.route.ends_with("/data").then_some(Kind::Fetch);
        let kind = Kind::ALL.into_iter().find(is_of).or(other);
        kind.into_iter().for_each(|kind| self.inner.events.count(kind, event));
    }
}
