//! Clients: which there are, how each is, and how busy its connections are.

use super::{asked::Asked, of};
use crate::{
    Gateway,
    registry::{ClosedKind, State, Upstream},
    resilience::Breaker,
};
use api_types::ClientName;
use backend::PoolReport;
use metrics::{Labels, Page};
use std::{fmt, sync::Arc};

/// A listed client at one moment.
struct Seen {
    name: ClientName,
    state: State,
    pools: Vec<PoolReport>,
}

impl Seen {
    fn open(&self) -> Option<&Arc<Upstream>> {
        match &self.state {
            State::Open(upstream) => Some(upstream),
            State::Closed(_) | State::Asleep => None,
        }
    }

    fn is(&self, kind: ClosedKind) -> bool {
        matches!(&self.state, State::Closed(why) if why.kind == kind)
    }

    fn is_up(&self) -> bool {
        self.open().is_some_and(|upstream| upstream.is_ready())
    }

    fn labels(&self) -> Labels<'_> {
        of(self.name.as_str())
    }

    /// Connections that are open, of all its pools.
    fn connections(&self) -> (u32, u32, u32) {
        let sum = |of: fn(&PoolReport) -> u32| self.pools.iter().map(of).sum();
        (sum(|pool| pool.limit), sum(|pool| pool.in_use), sum(|pool| pool.idle))
    }
}

pub(super) fn write(gateway: &Gateway, asked: &Asked, page: &mut Page<'_>) -> fmt::Result {
    let seen: Vec<Seen> = gateway.registry().states().into_iter().map(seen).collect();
    // Removed ones are remembered so that their callers are told.
    let seen: Vec<Seen> = seen.into_iter().filter(|one| !one.is(ClosedKind::Deleted)).collect();
    totals(gateway, &seen, page)?;
    states(gateway, &seen, page)?;
    pools(&seen, page)?;
    external(gateway, asked, &seen, page)
}

fn seen((name, state): (ClientName, State)) -> Seen {
    let pools = match &state {
        State::Open(upstream) => upstream.backend().pools(),
        State::Closed(_) | State::Asleep => Vec::new(),
    };
    Seen { name, state, pools }
}

fn totals(gateway: &Gateway, seen: &[Seen], page: &mut Page<'_>) -> fmt::Result {
    let known = seen.len() + gateway.registry().asleep();
    let count = |is: fn(&Seen) -> bool| seen.iter().filter(|one| is(one)).count() as f64;
    page.gauge("pg_registered_clients", "Clients that are known.", known as f64)?;
    page.gauge(
        "pg_active_clients",
        "Clients that take requests.",
        count(|one| one.open().is_some()),
    )?;
    page.gauge("pg_connected_clients", "Clients whose database answers.", count(Seen::is_up))?;
    let held = gateway.registry().ad_hoc_entries() as f64;
    page.gauge("jdbc_pool_cache_entries", "Databases named in headers that are held open.", held)
}

fn states(gateway: &Gateway, seen: &[Seen], page: &mut Page<'_>) -> fmt::Result {
    let samples = seen.iter().map(|one| {
        let kept = gateway.clients_cell().get();
        let is_configured = kept.is_none_or(|clients| clients.is_configured(&one.name));
        let mut labels = one.labels();
        labels.extend([
            ("source", if is_configured { "config" } else { "runtime" }.into()),
            ("active", (!one.is(ClosedKind::Inactive)).to_string().into()),
            ("frozen", one.is(ClosedKind::Frozen).to_string().into()),
        ]);
        (labels, 1.0)
    });
    page.gauges("pg_client_info", "What each client is.", samples)?;
    let flag = |is_on: bool| f64::from(u8::from(is_on));
    let up = || seen.iter().map(|one| (one.labels(), flag(one.is_up())));
    page.gauges("client_pool_up", "Whether the client's database answers.", up())?;
    page.gauges("pg_pool_up", "The same, under its older name.", up())?;
    let closed = seen.iter().map(|one| (one.labels(), flag(one.open().is_none())));
    page.gauges("pg_pool_closed", "Whether the client takes no requests.", closed)?;
    let failures = seen.iter().map(|one| {
        let unopened = gateway.clients_cell().get().map_or(0, |all| all.unopened(&one.name));
        (one.labels(), unopened + one.open().map_or(0, |upstream| upstream.failures()))
    });
    let help = "How often the client's database was tried in vain.";
    page.counters("client_connect_failures", help, failures)?;
    let open = || seen.iter().filter_map(|one| Some((one, one.open()?)));
    let samples = open().flat_map(|(one, upstream)| {
        let word = upstream.gate().breaker().word();
        Breaker::WORDS.into_iter().map(move |state| {
            let mut labels = one.labels();
            labels.push(("state", state.into()));
            (labels, flag(state == word))
        })
    });
    page.gauges("client_breaker_state", "1 at the state the client's breaker is in.", samples)?;
    let samples = open().map(|(one, upstream)| (one.labels(), upstream.gate().inside() as f64));
    page.gauges("client_requests_inside", "Requests at the database or waiting for it.", samples)
}

fn pools(seen: &[Seen], page: &mut Page<'_>) -> fmt::Result {
    let pools = || seen.iter().flat_map(|one| one.pools.iter().map(move |pool| (one, pool)));
    let labelled = |one: &'_ Seen, pool: &PoolReport| {
        let mut labels: Labels<'static> = vec![("client", one.name.to_string().into())];
        labels.push(("pool", pool.name.into()));
        labels
    };
    let samples = pools().flat_map(|(one, pool)| {
        by_state(pool.in_use + pool.idle, pool.idle, pool.in_use).map(move |(state, count)| {
            let mut labels = labelled(one, pool);
            labels.push(("state", state.into()));
            (labels, count)
        })
    });
    page.gauges("pg_pool_connections", "Connections of each pool.", samples)?;
    let samples = pools().map(|(one, pool)| (labelled(one, pool), f64::from(pool.limit)));
    page.gauges("pg_pool_connections_limit", "The most there may be.", samples)?;
    let samples = pools().map(|(one, pool)| (labelled(one, pool), f64::from(pool.waiting)));
    page.gauges("pg_pool_waiting_requests", "Requests that wait for a connection.", samples)?;
    let all: Vec<(&Seen, (u32, u32, u32))> = seen
        .iter()
        .filter(|one| !one.pools.is_empty())
        .map(|one| (one, one.connections()))
        .collect();
    let used = all.iter().map(|(one, (limit, in_use, _))| (one.labels(), ratio(*in_use, *limit)));
    page.gauges(
        "pg_pool_connection_utilization_ratio",
        "The part of the most that is in use.",
        used,
    )?;
    let idle =
        all.iter().map(|(one, (_, in_use, idle))| (one.labels(), ratio(*idle, in_use + idle)));
    page.gauges("pg_pool_idle_ratio", "The part of the open ones that waits for work.", idle)?;
    let sums = all
        .iter()
        .fold((0, 0, 0), |sums, (_, one)| (sums.0 + one.0, sums.1 + one.1, sums.2 + one.2));
    let (limit, in_use, idle) = sums;
    let samples = by_state(in_use + idle, idle, in_use);
    let samples = samples.map(|(state, count)| (vec![("state", state.into())], count));
    page.gauges("pg_pool_connections_total", "Connections of all pools.", samples)?;
    let help = "The part of the most that is in use, of all pools.";
    page.gauge("pg_pool_overall_utilization_ratio", help, ratio(in_use, limit))
}

fn by_state(size: u32, idle: u32, active: u32) -> impl Iterator<Item = (&'static str, f64)> {
    [("size", size), ("idle", idle), ("active", active)]
        .into_iter()
        .map(|(state, count)| (state, f64::from(count)))
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

fn external(gateway: &Gateway, asked: &Asked, seen: &[Seen], page: &mut Page<'_>) -> fmt::Result {
    let theirs = seen.iter().filter(|one| one.open().is_some_and(|it| it.terms().is_some()));
    let samples =
        theirs.filter_map(|one| Some((one.labels(), asked.open_drift(one.name.as_str())? as f64)));
    let help = "Differences from what was imported that nobody has acknowledged.";
    page.gauges("external_drift_open", help, samples)?;
    let unresolved = gateway.clients_cell().get().map_or(0, |clients| clients.unresolved());
    page.counter("secret_resolve_failures", "Secrets of clients that did not open.", unresolved)
}

/// As it was seen last; when that is old, somebody looks again for those who come later.
pub(super) fn cluster(gateway: &Gateway, page: &mut Page<'_>) -> fmt::Result {
    let (mut members, is_old) = gateway.cluster_watch().last();
    if is_old && let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let gateway = gateway.clone();
        runtime.spawn(async move { gateway.cluster().await });
    }
    members.retain(|(name, _)| gateway.registry().lists(name.as_str()));
    let total = members.len();
    let took: Vec<f64> =
        members.iter().filter_map(|(_, took)| Some(took.as_ref()?.as_secs_f64() * 1e3)).collect();
    page.gauge(
        "cluster_mirrors_total",
        "Clients that were asked whether they are there.",
        total as f64,
    )?;
    page.gauge("cluster_mirrors_up", "Those that answered.", took.len() as f64)?;
    page.gauge("cluster_mirrors_down", "Those that did not.", (total - took.len()) as f64)?;
    let up = if total == 0 { 0.0 } else { took.len() as f64 / total as f64 };
    page.gauge("cluster_mirror_up_ratio", "The part that answered.", up)?;
    let one = |value: Option<f64>| value.map(|value| (Labels::new(), value));
    let mean = (!took.is_empty()).then(|| took.iter().sum::<f64>() / took.len() as f64);
    page.gauges("cluster_mirror_avg_latency_ms", "How long an answer took.", one(mean))?;
    let least = took.iter().copied().reduce(f64::min);
    page.gauges("cluster_mirror_latency_min_ms", "The quickest answer.", one(least))?;
    let most = took.iter().copied().reduce(f64::max);
    page.gauges("cluster_mirror_latency_max_ms", "The slowest answer.", one(most))?;
    let samples =
        members.iter().map(|(name, took)| (of(name.as_str()), f64::from(u8::from(took.is_some()))));
    page.gauges("cluster_mirror_up", "Whether the client answered.", samples)?;
    let samples = members
        .iter()
        .filter_map(|(name, took)| Some((of(name.as_str()), took.as_ref()?.as_secs_f64() * 1e3)));
    page.gauges("cluster_mirror_latency_ms", "How long its answer took.", samples)
}
