//! The listener answers before everything is ready: `/ping` at once, the rest with "starting".

use crate::routes::{Front, welcome};
use axum::{
    Json,
    extract::Request,
    response::{Html, IntoResponse, Response},
};
use futures_util::future::Either;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};
use tokio::sync::watch;
use tower::Service;

/// A door that is closed until the real service stands behind it.
#[derive(Clone)]
pub struct Threshold<S = Front> {
    open: Arc<OnceLock<S>>,
    stage: watch::Sender<String>,
}

impl<S> Default for Threshold<S> {
    fn default() -> Self {
        Self { open: Arc::default(), stage: watch::Sender::new("starting".to_owned()) }
    }
}

impl<S> Threshold<S> {
    /// Say what is being waited for.
    pub fn tell(&self, stage: impl Into<String>) {
        self.stage.send_replace(stage.into());
    }

    /// Let everybody in. The first service stays.
    pub fn open(&self, service: S) {
        if self.open.set(service).is_err() {
            tracing::error!("the door was opened twice");
        }
    }

    fn refuse(&self, request: &Request) -> Response {
        let stage = self.stage.borrow().clone();
        match request.uri().path() {
            "/ping" => "pong".into_response(),
            path => closed(&stage, path, request.headers()),
        }
    }
}

impl<S> Service<Request> for Threshold<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, S::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.open.get() {
            Some(service) => match welcome(&request) {
                None => Either::Right(service.clone().call(request)),
                Some(redirect) => Either::Left(ready(Ok(redirect))),
            },
            None => Either::Left(ready(Ok(self.refuse(&request)))),
        }
    }
}

fn closed(stage: &str, path: &str, headers: &HeaderMap) -> Response {
    let mut response = if prefers_html(headers) && !path.starts_with("/gateway") {
        Html(page(stage)).into_response()
    } else {
        Json(json!({
            "status": "error",
            "code": "starting",
            "message": "Athena is starting",
            "error": format!("Athena is starting: {stage}"),
            "status_code": 503,
        }))
        .into_response()
    };
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let out = response.headers_mut();
    out.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a person's browser asks rather than a program.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.unwrap_or_default();
    let html = accept.find("text/html");
    let json = accept.find("application/json");
    html.is_some_and(|html| json.is_none_or(|json| html < json))
}

fn page(stage: &str) -> String {
    let stage = stage.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Athena is starting</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta http-equiv=\"refresh\" content=\"1\"></head><body><main><h1>Athena is starting</h1>\
         <p role=\"status\">{stage}</p></main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt;

    async fn ask(threshold: &Threshold<Router>, path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        threshold.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn before_it_is_ready_ping_answers_and_everything_else_waits() {
        let threshold: Threshold<Router> = Threshold::default();
        threshold.tell("making the demo");
        assert_eq!(ask(&threshold, "/ping").await.status(), StatusCode::OK);
        let refused = ask(&threshold, "/gateway/fetch").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        let body = axum::body::to_bytes(refused.into_body(), 4096).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "starting");
        assert_eq!(body["error"], "Athena is starting: making the demo");
    }

    #[tokio::test]
    async fn once_open_the_router_behind_answers() {
        let threshold: Threshold<Router> = Threshold::default();
        threshold.open(Router::new().route("/x", get(async || "inside")));
        assert_eq!(ask(&threshold, "/x").await.status(), StatusCode::OK);
        assert_eq!(ask(&threshold, "/y").await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_bare_address_leads_a_browser_to_the_console() {
        let threshold: Threshold<Router> = Threshold::default();
        threshold.open(Router::new().route("/", get(async || "{}")));
        let ask = |accept: &str| {
            let request = Request::get("/").header("accept", accept).body(Body::empty());
            threshold.clone().oneshot(request.unwrap())
        };
        let response = ask("text/html,*/*;q=0.8").await.unwrap();
        assert_eq!(response.headers()[header::LOCATION], "/console");
        assert_eq!(ask("*/*").await.unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn a_browser_is_told_apart_from_a_program() {
        let with = |accept: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
        };
        assert!(prefers_html(&with("text/html,application/xhtml+xml,*/*;q=0.8")));
        assert!(!prefers_html(&with("application/json, text/html")));
        assert!(!prefers_html(&with("*/*")));
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
