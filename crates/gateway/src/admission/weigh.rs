//! One request at the door: who asks, for whom, and whether there is room.

use super::{Admission, Limits};
use crate::Gateway;
use ::admission::{Asker, Scope, Seat, Taken, Verdict};
use api_types::ClientName;
use auth::{
    Caller, Credential, PresentedKey,
    jwt::{bearer, looks_like_jwt},
};
use http::HeaderMap;
use serde_json::json;
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::AdmissionEvent;

/// A request as it stands at the door; its body is not read.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub headers: &'a HeaderMap,
    pub query: Option<&'a str>,
    /// Who is at the other end of the connection, whatever headers say.
    pub peer: Option<IpAddr>,
    /// Tokens may stand where keys do.
    pub takes_tokens: bool,
}

/// A request that was weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    limits: Arc<Limits>,
    verdict: Verdict,
    /// The client, when it exists and this caller may speak to it.
    recognised: Option<Recognised>,
}

/// Who was let in at a client's door a moment ago, so that the key need not be verified once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    pub(crate) client: ClientName,
    /// Nothing when a token opened it.
    pub(crate) caller: Option<Caller>,
}

/// A request for which there was no room, as it is written down.
#[derive(Debug, Clone, Copy)]
pub struct Overflow<'a> {
    pub method: &'a str,
    pub route: &'static str,
    pub bytes: Option<u64>,
    pub defer_requested: bool,
    /// The id it was filed under, when it was put off.
    pub deferred: Option<&'a str>,
}

impl Weighed {
    pub fn is_admitted(&self) -> bool {
        matches!(self.verdict, Verdict::Admitted(_))
    }

    /// Whether the caller may speak to the client they name.
    pub fn is_known(&self) -> bool {
        self.recognised.is_some()
    }

    fn client(&self) -> Option<&ClientName> {
        self.recognised.as_ref().map(|one| &one.client)
    }

    /// For the door that comes next, in the same request.
    pub fn recognised(&self) -> Option<&Recognised> {
        self.recognised.as_ref()
    }

    pub fn defers(&self, path: &str) -> bool {
        self.limits.defers(path)
    }

    /// Whole seconds until it is worth coming again, rounded up.
    pub fn retry_after(&self) -> u64 {
        match self.verdict {
            Verdict::Refused { wait, .. } => seconds(wait).max(1),
            Verdict::Admitted(_) => 0,
        }
    }

    /// The bucket that decides, for the caller's own planning: which, its limit, what is left, and
    /// seconds until it is full.
    pub fn budget(&self) -> Option<(Scope, u64, u64, u64)> {
        match self.verdict {
            Verdict::Admitted(None) => None,
            Verdict::Admitted(Some((scope, Taken { limit, remaining, full_after }))) => {
                Some((scope, limit, remaining, seconds(full_after)))
            }
            Verdict::Refused { scope, limit, wait } => {
                // This request is not in it.
                let one = self.limits.window.div_f64(limit.max(1) as f64);
                Some((scope, limit, 0, seconds((self.limits.window + wait).saturating_sub(one))))
            }
        }
    }

    pub fn window_seconds(&self) -> u64 {
        self.limits.window.as_secs()
    }
}

fn seconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

impl Gateway {
    /// Whether requests are counted at all, at this moment.
    pub fn counts_requests(&self) -> bool {
        self.access().admission().is_some_and(|one| one.inner.current.load().enabled)
    }

    /// Weigh a request; `None` while nobody counts.
    pub async fn weigh(&self, arrival: Arrival<'_>) -> Option<Weighed> {
        let admission = self.access().admission()?;
        let limits = admission.inner.current.load();
        if !limits.enabled {
            return None;
        }
        let limits = Arc::clone(&limits);
        let presented = presented(&arrival);
        let recognised = self.recognise_at_door(&arrival, &presented);
        let identity = self.identity(&arrival, &presented, recognised.as_ref());
        let client = recognised.as_ref().map(|one| &one.client);
        let seat = client.map_or(Seat::Unknown, |name| Seat::Known(name.as_str()));
        let asker = Asker { identity: &identity, client: seat };
        let verdict = self.verdict(admission, &limits, client, &asker).await;
        if let Verdict::Admitted(_) = verdict {
            admission.inner.decisions.admitted();
        }
        Some(Weighed { limits, verdict, recognised })
    }

    /// A key that opened the door need not be looked at once more to know whose it is.
    fn identity(
        &self,
        arrival: &Arrival<'_>,
        presented: &PresentedKey,
        recognised: Option<&Recognised>,
    ) -> String {
        let key = |caller: &Caller| match caller.credential() {
            Credential::Key { id, .. } => Some(format!("key:{}", id.0)),
            _ => None,
        };
        recognised
            .and_then(|one| key(one.caller.as_ref()?))
            .or_else(|| key(&self.access().glance(presented)?))
            .unwrap_or_else(|| address(arrival.peer))
    }

    async fn verdict(
        &self,
        admission: &Admission,
        limits: &Limits,
        client: Option<&ClientName>,
        asker: &Asker<'_>,
    ) -> Verdict {
        let quotas = limits.quotas(client);
        if admission.inner.is_shared
            && let Some(cache) = self.answers().cache()
            && let Some(verdict) = cache.admit(&quotas, asker).await
        {
            return verdict;
        }
        admission.inner.limiter.take(&quotas, asker)
    }

    /// The client that is named, or that the key is for; strangers use up nobody's bucket.
    fn recognise_at_door(
        &self,
        arrival: &Arrival<'_>,
        presented: &PresentedKey,
    ) -> Option<Recognised> {
        let typed = arrival.headers.get("x-athena-client").and_then(|value| value.to_str().ok());
        let client = match typed.filter(|typed| !typed.trim().is_empty()) {
            Some(typed) => ClientName::parse(typed).ok()?,
            None => self.access().bound_at_a_glance(presented)?,
        };
        // One that sleeps is there; weighing wakes nobody.
        let is_asleep = self.registry().is_asleep(&client);
        let upstream = if is_asleep { None } else { Some(self.registry().get(&client).ok()?) };
        if self.registry().is_ad_hoc(&client) {
            return None;
        }
        let info = upstream.as_ref().map(|upstream| upstream.info());
        let rest = info.as_ref().map(|info| &info.rest);
        match rest.filter(|rest| arrival.takes_tokens && rest.jwt_only) {
            Some(rest) => {
                let verified = rest.verifier.as_ref().zip(bearer(arrival.headers));
                let (verifier, token) = verified?;
                verifier.verify(token, SystemTime::now()).ok()?;
                Some(Recognised { client, caller: None })
            }
            None => {
                let caller = Some(self.access().opens(presented, &client)?);
                Some(Recognised { client, caller })
            }
        }
    }

    /// Write down that there was no room.
    pub fn overflowed(&self, weighed: &Weighed, overflow: Overflow<'_>) {
        let Some(admission) = self.access().admission() else { return };
        if let Verdict::Refused { scope, .. } = weighed.verdict {
            admission.inner.decisions.over(scope, overflow.deferred.is_some());
        }
        let Some(table) = &admission.inner.table else { return };
        let limits = &weighed.limits;
        let scope = weighed.budget().map(|(scope, ..)| scope.word());
        table.log.record(AdmissionEvent {
            method: overflow.method.into(),
            route: overflow.route,
            client: weighed.client().map(|name| name.as_str().into()),
            bytes: overflow.bytes,
            defer_requested: overflow.defer_requested,
            is_query_route: overflow.route == "/gateway/query",
            decision: if overflow.deferred.is_some() { "deferred" } else { "rejected" },
            reason: "admission_limit_exceeded",
            deferred_request_id: overflow.deferred.map(Into::into),
            retry_after_seconds: weighed.retry_after(),
            window_seconds: limits.window.as_secs(),
            global_limit: limits.global,
            client_limit: limits.quotas(weighed.client()).client,
            meta: json!({ "scope": scope, "identity_limit_per_window": limits.identity }),
            at: SystemTime::now(),
        });
    }
}

fn presented(arrival: &Arrival<'_>) -> PresentedKey {
    let has_token = arrival.takes_tokens && bearer(arrival.headers).is_some_and(looks_like_jwt);
    match has_token {
        true => PresentedKey::beside_token(arrival.headers, arrival.query),
        false => PresentedKey::from_headers(arrival.headers, arrival.query),
    }
}

/// One household of addresses is one asker: whoever has one IPv6 address has very many.
fn address(peer: Option<IpAddr>) -> String {
    match peer.map(|peer| peer.to_canonical()) {
        None => "peer:".to_owned(),
        Some(IpAddr::V4(address)) => format!("peer:{address}"),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("peer:{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_ipv6_network_are_one_asker() {
        let of = |text: &str| address(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
