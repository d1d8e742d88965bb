//! Routes of the console with the fake door in context.

use super::door::FakeDoor;
use app::{App, Assets, port::Door, shell};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use leptos::prelude::provide_context;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

#[derive(Clone)]
struct Site {
    folder: PathBuf,
    door: Arc<dyn Door>,
}

/// The console as `server` mounts it.
pub fn router(site: &str) -> Router {
    // Listing the routes is also what starts the reactive runtime's executor.
    let mounted = routes();
    debug_assert!(mounted.iter().all(|path| path.starts_with("/console")), "{mounted:?}");
    let site = Site { folder: site.into(), door: Arc::new(FakeDoor::default()) };
    Router::new()
        .route("/pkg/{*file}", get(file))
        .route("/console/fn/{*name}", any(server_fn))
        .route("/console", get(page))
        .route("/console/{*path}", get(page))
        .with_state(site)
}

async fn page(State(site): State<Site>, request: Request<Body>) -> Response {
    let assets = Assets {
        js: "/pkg/athena.js".to_owned(),
        wasm: "/pkg/athena_bg.wasm".to_owned(),
        css: "/pkg/athena.css".to_owned(),
    };
    let door = site.door;
    let render = leptos_axum::render_app_async_with_context(
        move || provide_context(Arc::clone(&door)),
        move || shell(assets.clone()),
    );
    render(request).await
}

async fn server_fn(State(site): State<Site>, request: Request<Body>) -> impl IntoResponse {
    let door = site.door;
    leptos_axum::handle_server_fns_with_context(move || provide_context(Arc::clone(&door)), request)
        .await
}

async fn file(State(site): State<Site>, Path(file): Path<String>) -> Response {
    let kind = match file.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match std::fs::read(site.folder.join(&file)) {
        Ok(bytes) if !file.contains("..") => {
            ([(header::CONTENT_TYPE, kind)], bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The routes `leptos_router` knows, so that a test can compare them with what is mounted.
///
/// Listed once: while they are listed, a page that is being made anywhere in the process never ends.
pub fn routes() -> &'static [String] {
    static ROUTES: OnceLock<Vec<String>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let routes = leptos_axum::generate_route_list(App);
        routes.iter().map(|route| route.path().to_owned()).collect()
    })
}
