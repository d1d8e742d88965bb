//! What happens to clients, as it does: server-sent events. Whoever comes back with the id of the
//! last one is told what happened in between.

use super::{Answered, known, refused};
use crate::extract::Operates;
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use gateway::{
    Gateway, Operator,
    admin::clients::{Event, Missed},
};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};
use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    fmt::Write,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

/// A line for proxies that close what is silent.
const ALIVE: &[u8] = b": alive\n\n";
/// There was more than can be told; whoever reads this looks at the list again.
const MISSED: &[u8] = b"event: missed\ndata: {}\n\n";
const SILENCE: Duration = Duration::from_secs(15);
const LAST: &str = "last-event-id";

pub(super) async fn stream(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    headers: HeaderMap,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    // Before what was missed is read: nothing falls in between.
    let events = clients.listen().map_err(refused)?;
    let missed = match headers.get(LAST) {
        Some(last) => {
            let last = last.to_str().unwrap_or_default();
            Some(clients.missed(&operator, last).await.map_err(refused)?)
        }
        None => None,
    };
    let listener = Listener::new(events, operator, missed);
    let lines = stream::unfold(listener, |mut listener| async move {
        let line = listener.next().await?;
        Some((Ok::<_, Infallible>(line), listener))
    });
    let mut response = Response::new(Body::from_stream(lines));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response.into_response())
}

struct Listener {
    events: Receiver<Arc<Event>>,
    operator: Operator,
    /// What is to be told first.
    first: VecDeque<Bytes>,
    /// What was told already, though it may come again.
    told: HashSet<String>,
}

impl Listener {
    fn new(events: Receiver<Arc<Event>>, operator: Operator, missed: Option<Missed>) -> Self {
        let mut first = VecDeque::from([Bytes::from_static(ALIVE)]);
        let mut told = HashSet::new();
        if let Some(missed) = missed {
            if missed.is_incomplete {
                first.push_back(Bytes::from_static(MISSED));
            }
            for event in missed.events {
                let mut data = Map::new();
                data.insert("kind".to_owned(), event.kind.as_str().into());
                data.insert("client".to_owned(), event.client_name.into());
                data.insert("at".to_owned(), event.occurred_at.into());
                let kept = event.data.and_then(|data| serde_json::from_str::<Value>(&data).ok());
                kept.into_iter().for_each(|kept| drop(data.insert("data".to_owned(), kept)));
                first.push_back(written(&event.event_id, &event.kind, &Value::Object(data)));
                told.insert(event.event_id);
            }
        }
        Self { events, operator, first, told }
    }

    /// The next thing to send; `None` when there is nothing to hear any more.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(line) = self.first.pop_front() {
            return Some(line);
        }
        loop {
            match timeout(SILENCE, self.events.recv()).await {
                Err(_silence) => return Some(Bytes::from_static(ALIVE)),
                Ok(Ok(event)) if self.is_for_us(&event) => {
                    return Some(written(&event.id.to_string(), event.kind, &*event));
                }
                Ok(Ok(_of_another_client)) => {}
                Ok(Err(RecvError::Lagged(_))) => return Some(Bytes::from_static(MISSED)),
                Ok(Err(RecvError::Closed)) => return None,
            }
        }
    }

    fn is_for_us(&mut self, event: &Event) -> bool {
        let is_new = self.told.is_empty() || !self.told.remove(&event.id.to_string());
        is_new && self.operator.may_touch(&event.client)
    }
}

fn written(id: &str, kind: &str, event: &impl serde::Serialize) -> Bytes {
    let data = serde_json::to_string(event).unwrap_or_default();
    let mut text = String::new();
    // A string takes everything.
    let _ = write!(text, "id: {id}\nevent: {kind}\ndata: {data}\n\n");
    Bytes::from(text)
}
