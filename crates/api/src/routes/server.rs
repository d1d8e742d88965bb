//! About the server itself.

use super::{Right, Route, route};
use http::Method;

pub(super) static LISTED: &[Route] = &[
    route(Method::GET, "/", Right::Open, "What this server is and what it answers"),
    route(Method::GET, "/ping", Right::Open, "Answers pong"),
    route(Method::GET, "/health", Right::Open, "Version, uptime, clients and totals"),
    route(Method::GET, "/ready", Right::Open, "503 until a client is connected"),
    route(Method::GET, "/health/cluster", Right::Open, "Cluster mirror health and version checks"),
    route(
        Method::GET,
        "/router/registry",
        Right::Reader("registry.read"),
        "Every path with its methods",
    ),
    route(
        Method::GET,
        "/registry",
        Right::Reader("registry.read"),
        "The APIs this installation wrote down",
    ),
    route(Method::GET, "/registry/{id}", Right::Reader("registry.read"), "One of them"),
    route(
        Method::GET,
        "/metrics",
        Right::Reader("metrics.read"),
        "What is counted, as Prometheus reads it",
    ),
    route(Method::GET, "/openapi.json", Right::Open, "This surface as an OpenAPI document"),
    route(Method::GET, "/openapi.yaml", Right::Open, "The same document as YAML"),
    route(Method::GET, "/docs", Right::Open, "The same document as a page"),
    route(
        Method::GET,
        "/api/athena/capabilities",
        Right::Open,
        "What a library that looks around finds here",
    ),
];
