//! How much each client is used.

use super::{OperateError, client_configs::named};
use crate::{Gateway, GatewayError, Operator};
use api_types::ClientName;

pub use store::{ClientUse, Drilldown, DrilldownRow, TableUse};

/// It stands where a client's name does in the addresses of statistics.
pub const RESERVED: &str = "statistics";

/// The uses, and what is not in them.
#[derive(Debug, Clone, PartialEq)]
pub struct Uses {
    pub statistics: Vec<ClientUse>,
    pub gaps: Gaps,
}

/// What this node did not write down since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Gaps {
    /// Operations that are neither in the log nor in the statistics.
    pub operations_dropped: u64,
    /// Requests that are in no statistics.
    pub requests_uncounted: u64,
    /// Requests that were counted, and whose row was lost.
    pub request_rows_dropped: u64,
    /// Requests that were counted, and whose row was not to be written: there were too many.
    pub request_rows_skipped: u64,
}

impl Gateway {
    /// Every client's use, since a moment of RFC 3339, or ever.
    pub async fn client_uses(
        &self,
        operator: &Operator,
        since: Option<&str>,
    ) -> Result<Uses, GatewayError> {
        let since = since.map(moment).transpose()?;
        let uses = self.desk(operator)?.store.client_uses(since.as_deref()).await;
        let mine = uses.map_err(OperateError::from)?.into_iter().filter(|one| {
            ClientName::parse(&one.client_name).is_ok_and(|name| operator.may_touch(&name))
        });
        Ok(Uses { statistics: mine.collect(), gaps: self.gaps() })
    }

    /// The same, with everything that was logged until now.
    pub async fn refresh_uses(&self, operator: &Operator) -> Result<Uses, GatewayError> {
        let desk = self.desk(operator)?;
        if let Some(log) = self.access().operation_log() {
            log.flush().await;
        }
        if let Some(log) = self.request_log() {
            log.flush().await;
        }
        desk.store.refresh_statistics(true).await.map_err(OperateError::from)?;
        self.client_uses(operator, None).await
    }

    /// One client's use, and that of its tables.
    pub async fn uses_of(
        &self,
        operator: &Operator,
        client: &str,
        since: Option<&str>,
    ) -> Result<(ClientUse, Vec<TableUse>), GatewayError> {
        let name = named(operator, client)?;
        let since = since.map(moment).transpose()?;
        let store = &self.desk(operator)?.store;
        let uses = store.client_uses(since.as_deref()).await.map_err(OperateError::from)?;
        let Some(one) = uses.into_iter().find(|one| one.client_name == name.as_str()) else {
            return Err(OperateError::NoStatistics { client: name.to_string() }.into());
        };
        let tables = store.table_uses(name.as_str(), since.as_deref()).await;
        Ok((one, tables.map_err(OperateError::from)?))
    }

    /// The operations behind a number.
    pub async fn drill_down(
        &self,
        operator: &Operator,
        wanted: Drilldown,
    ) -> Result<Vec<DrilldownRow>, GatewayError> {
        let client_name = named(operator, &wanted.client_name)?.to_string();
        let wanted = Drilldown { client_name, ..wanted };
        Ok(self.desk(operator)?.store.drill_down(&wanted).await.map_err(OperateError::from)?)
    }

    /// What this node did not write down.
    pub fn gaps(&self) -> Gaps {
        let operations = self.access().operation_log();
        let requests = self.request_log();
        Gaps {
            operations_dropped: operations.map_or(0, store::OperationLog::dropped),
            requests_uncounted: requests.map_or(0, store::RequestLog::uncounted),
            request_rows_dropped: requests.map_or(0, store::RequestLog::dropped),
            request_rows_skipped: requests.map_or(0, store::RequestLog::skipped),
        }
    }
}

/// PostgreSQL reads it as it is written here.
fn moment(text: &str) -> Result<String, OperateError> {
    let moment: jiff::Timestamp = text
        .trim()
        .parse()
        .map_err(|_no_moment| OperateError::invalid("since", "a moment of RFC 3339"))?;
    Ok(moment.to_string())
}
