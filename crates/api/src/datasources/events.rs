//! What happens to clients, as it does: server-sent events.

use super::{Answered, known, refused};
use crate::extract::Operates;
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use gateway::{Gateway, Operator, admin::clients::Event};
use http::{HeaderValue, header};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

/// A line for proxies that close what is silent.
const ALIVE: &[u8] = b": alive\n\n";
const SILENCE: Duration = Duration::from_secs(15);

pub(super) async fn stream(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
) -> Answered {
    let events = known(&gateway, &operator)?.listen().map_err(refused)?;
    let lines =
        stream::unfold((events, operator, true), |(mut events, operator, first)| async move {
            let line = if first {
                Bytes::from_static(ALIVE)
            } else {
                next(&mut events, &operator).await?
            };
            Some((Ok::<_, Infallible>(line), (events, operator, false)))
        });
    let mut response = Response::new(Body::from_stream(lines));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response.into_response())
}

/// The next thing to send; `None` when there is nothing to hear any more.
async fn next(events: &mut Receiver<Arc<Event>>, operator: &Operator) -> Option<Bytes> {
    loop {
        match timeout(SILENCE, events.recv()).await {
            Err(_silence) => return Some(Bytes::from_static(ALIVE)),
            Ok(Ok(event)) if operator.may_touch(&event.client) => return Some(written(&event)),
            Ok(Ok(_of_another_client)) => {}
            // Whoever was too slow looks at the list again.
            Ok(Err(RecvError::Lagged(_))) => {
                return Some(Bytes::from_static(b"event: missed\ndata: {}\n\n"));
            }
            Ok(Err(RecvError::Closed)) => return None,
        }
    }
}

fn written(event: &Event) -> Bytes {
    let data = serde_json::to_string(event).unwrap_or_default();
    Bytes::from(format!("event: {}\ndata: {data}\n\n", event.kind))
}
