//! Requests on the page of metrics: by the route they came to, never by the path they named.

use crate::{
    error::{ApiError, Unanswered},
    routes,
};
use api_types::ClientName;
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use gateway::{Gateway, Trace};
use http::{HeaderMap, HeaderValue, Method, header};
use metrics::{Ended, Flight, Http};
use std::sync::Arc;

/// Where requests are counted. Cheap to clone.
#[derive(Clone)]
pub(super) struct Meter {
    http: Arc<Http>,
    gateway: Gateway,
}

/// A request under way. When it is dropped, its caller went away.
pub(super) struct Metered {
    flight: Flight,
    gateway: Gateway,
    method: Method,
    client: Option<HeaderValue>,
    bytes: Option<u64>,
}

impl Meter {
    pub(super) fn new(http: Arc<Http>, gateway: Gateway) -> Self {
        Self { http, gateway }
    }

    pub(super) fn begin(&self, request: &Request) -> Metered {
        let place = routes::place(request.method(), request.uri().path());
        Metered {
            flight: self.http.begin(place, request.method().as_str()),
            gateway: self.gateway.clone(),
            method: request.method().clone(),
            client: request.headers().get("x-athena-client").cloned(),
            bytes: length(request.headers()),
        }
    }
}

impl Metered {
    pub(super) fn end(self, response: &Response, error: Option<&Unanswered>, trace: &Trace) {
        let status = response.status().as_u16();
        let (method, group) = (self.method.as_str(), self.flight.group());
        // Where the client came from a key, a route or a host, it was noted on the way.
        match (trace.noted_client(), &self.client) {
            (Some(client), _) => self.gateway.count_http(client, method, group, status),
            (None, Some(named)) => {
                let named = named.to_str().ok().and_then(|named| ClientName::parse(named).ok());
                named
                    .iter()
                    .for_each(|client| self.gateway.count_http(client, method, group, status));
            }
            (None, None) => {}
        }
        self.flight.end(Ended {
            status,
            request_bytes: self.bytes,
            response_bytes: HttpBody::size_hint(response.body() as &Body).exact(),
            panicked: error.is_some_and(|Unanswered(error)| matches!(**error, ApiError::Panicked)),
        });
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
