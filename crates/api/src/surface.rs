//! The router that answers every path of this surface, and what stands around it.

use crate::{
    admin,
    admission::Admit,
    count, data, data_get, datasources, deferred,
    error::ApiError,
    health, hosts, management,
    middleware::{Across, Checkpoint, Envelope},
    mounts,
    once::Once,
    openapi, public, query, registry, rest, rpc, schema, scrape,
    state::ApiState,
    transaction,
};
use axum::{Router, extract::Request, response::Response};
use futures_util::future::BoxFuture;
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tower::Service;

type Athena = Across<Envelope<Checkpoint<Checkpoint<Router, Once>, Admit>>>;

/// The gateway's HTTP surface: a service that is cheap to clone. From the inside out: the routes,
/// writes that are done once, who is let in, time and panics and ids and envelope, and cross-site rules. PostgREST's
/// surface has errors, repetitions and cross-site rules of its own.
#[derive(Clone)]
pub struct Surface {
    state: ApiState,
    gateway: Athena,
    rest: Envelope<Router>,
}

/// An unknown path and a wrong method are the same 404.
pub fn surface(state: ApiState) -> Surface {
    let limit = state.settings().request_timeout;
    let rest = rest::router(&state).with_state(state.clone());
    Surface {
        rest: Envelope::new(rest, limit).logging(&state).metering(&state),
        gateway: around(routes().with_state(state.clone()), state.clone()),
        state,
    }
}

fn around(router: Router, state: ApiState) -> Athena {
    let (limit, cors) = (state.settings().request_timeout, state.settings().cors.clone());
    let once = Checkpoint::new(router, Once(state.clone()));
    let admitted = Checkpoint::new(once, Admit(state.clone()));
    let envelope = Envelope::new(admitted, limit);
    Across::new(envelope.logging(&state).metering(&state), &cors)
}

impl Service<Request> for Surface {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routers and what stands around them are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        hosts::route(&self.state, &mut request);
        match rest::is_below(request.uri().path()) {
            true => self.rest.call(request),
            false => self.gateway.call(request),
        }
    }
}

fn routes() -> Router<ApiState> {
    let data = Router::new()
        .merge(data::router())
        .merge(data_get::router())
        .merge(query::router())
        .merge(count::router())
        .merge(deferred::router())
        .merge(rpc::router())
        .merge(transaction::router());
    let everywhere = Router::new().merge(health::router()).merge(data).merge(schema::router());
    mounts::spread(everywhere, &health::root())
        .merge(admin::router())
        .merge(datasources::router())
        .merge(management::router())
        .merge(public::router())
        .merge(openapi::router())
        .merge(registry::router())
        .merge(scrape::router())
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

#[cfg(test)]
mod tests;
