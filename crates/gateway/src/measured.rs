//! What is counted of this gateway, and the page that shows it. Counting is atomic additions; what
//! only the store knows is asked for when somebody looks, and not more often than now and then.

mod asked;
mod clients;
mod events;
mod operations;
mod server;

pub(crate) use events::Events;

use crate::{
    Gateway,
    observe::{Observation, Sink},
    registry::Registry,
};
use api_types::ClientName;
use asked::Asked;
use metrics::{ClientHttp, Group, Kept, Labels, Page};
use operations::Operations;
use std::{fmt, sync::Arc, time::SystemTime};

/// What stands for every database that a caller named in a header. No client can be called so.
const NAMED_IN_A_HEADER: &str = "(header)";

pub(crate) struct Measured {
    registry: Arc<Registry>,
    operations: Kept<Operations>,
    http: Kept<ClientHttp>,
    pub(crate) events: Events,
    asked: tokio::sync::Mutex<Option<Asked>>,
    began: SystemTime,
}

impl Measured {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            operations: Kept::default(),
            http: Kept::default(),
            events: Events::default(),
            asked: tokio::sync::Mutex::default(),
            began: SystemTime::now(),
        }
    }

    /// Count for a client. Names that lead nowhere are nobody's.
    fn count<T: Default>(&self, kept: &Kept<T>, client: &ClientName, count: impl Fn(&T)) {
        let mut is_counted = false;
        let knows = |name: &str| self.knows(name);
        kept.with(client.as_str(), knows, |one| {
            is_counted = true;
            count(one);
        });
        if !is_counted && self.registry.is_ad_hoc(client) {
            kept.with(NAMED_IN_A_HEADER, knows, count);
        }
    }

    fn knows(&self, name: &str) -> bool {
        name == NAMED_IN_A_HEADER || self.registry.lists(name)
    }

    /// Those that are no client any more are forgotten before somebody looks.
    fn tidy(&self) {
        self.operations.retain(|name| self.knows(name));
        self.http.retain(|name| self.knows(name));
    }
}

/// Counts operations by client.
pub(crate) struct OperationMeter(pub(crate) Arc<Measured>);

impl Sink for OperationMeter {
    fn observe(&self, observation: &Observation<'_>) {
        let Observation::Request(seen) = observation;
        if seen.is_known {
            let measured = &self.0;
            measured.count(&measured.operations, seen.client, |operations| operations.count(seen));
        }
    }
}

/// Everything that is shown of a gateway, at one moment.
pub struct Measurement {
    gateway: Gateway,
    asked: Asked,
}

impl Gateway {
    /// A request of this client was answered.
    pub fn count_http(&self, client: &ClientName, method: &str, group: Group, status: u16) {
        let measured = self.measured();
        measured.count(&measured.http, client, |http| http.count(method, group, status));
    }

    /// Look at everything that is counted, and ask the store for what only it knows.
    pub async fn measure(&self) -> Measurement {
        self.measured().tidy();
        let asked = asked::ask(self).await;
        Measurement { gateway: self.clone(), asked }
    }
}

impl Measurement {
    pub fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        let (gateway, measured) = (&self.gateway, self.gateway.measured());
        server::process(gateway, measured.began, page)?;
        server::flags(gateway, page)?;
        self.asked.write(page)?;
        clients::write(gateway, &self.asked, page)?;
        by_client(&measured.http.all(), page)?;
        operations::write(gateway, &measured.operations.all(), page)?;
        server::cache(gateway, page)?;
        server::admission(gateway, page)?;
        server::deferred(gateway, page)?;
        server::insert_window(gateway, page)?;
        server::logs(gateway, page)?;
        server::store(gateway, page)?;
        clients::cluster(gateway, page)
    }
}

type All<T> = std::collections::BTreeMap<Arc<str>, Arc<T>>;

fn by_client(all: &All<ClientHttp>, page: &mut Page<'_>) -> fmt::Result {
    let samples = all.iter().flat_map(|(client, http)| {
        http.read().map(move |([method, group, family], count)| {
            let mut labels = of(client);
            labels.extend([
                ("method", method.into()),
                ("route_group", group.into()),
                ("status_family", family.into()),
            ]);
            (labels, count)
        })
    });
    page.counters("http_requests_by_client", "Requests by client.", samples)?;
    page.gauge("http_clients_tracked", "Clients that were asked.", all.len() as f64)
}

/// The labels of one client.
fn of(client: &str) -> Labels<'_> {
    vec![("client", client.into())]
}
