//! Where else the surface is answered: libraries put a path of their own before ours.

use crate::state::ApiState;
use axum::{Router, routing::MethodRouter};

/// At the root, below `/db` as the newer library has it, and where the discovery document points.
const MOUNTS: [&str; 3] = ["", "/db", "/api/athena"];

/// What is about the server itself is answered at the root only.
const ROOT_ONLY: [&str; 9] = [
    "/admin",
    "/api/",
    "/docs",
    "/management",
    "/metrics",
    "/openapi",
    "/public",
    "/registry",
    "/router",
];

/// What may stand before a path.
pub(crate) fn of(path: &str) -> &'static [&'static str] {
    let is_root_only = ROOT_ONLY.iter().any(|first| path.starts_with(first));
    if is_root_only { &MOUNTS[..1] } else { &MOUNTS }
}

/// The same routes under every mount.
pub(crate) fn spread(routes: Router<ApiState>, root: &MethodRouter<ApiState>) -> Router<ApiState> {
    let mut all = routes.clone();
    for mount in MOUNTS.into_iter().filter(|mount| !mount.is_empty()) {
        // Nesting answers `/db`; libraries ask for `/db/`.
        all = all.nest(mount, routes.clone()).route(&format!("{mount}/"), root.clone());
    }
    all
}
