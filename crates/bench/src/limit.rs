//! The least a gateway could do: a handler, a few pipelined connections, rows straight to bytes.

mod connection;
mod export;
mod own;
mod write;

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::{BufMut, Bytes, BytesMut};
use connection::Connection;
use own::Own;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Where the page begins that is answered from memory.
const REMEMBERED_OFFSET: i64 = 100;

/// A few connections that requests share, taking turns.
#[derive(Clone)]
pub struct Limit {
    connections: Arc<[Connection]>,
    /// An export would hold up everyone who shares its connection.
    exporting: Arc<Connection>,
    own: Own,
    remembered: Bytes,
    next: Arc<AtomicUsize>,
}

#[derive(serde::Deserialize)]
struct Window {
    limit: i64,
}

#[derive(serde::Deserialize)]
struct Key {
    id: i64,
}

#[derive(serde::Deserialize)]
struct Page {
    offset: i64,
}

impl Limit {
    pub async fn connect(uri: &str, connections: usize) -> anyhow::Result<Self> {
        let mut prepared = Vec::with_capacity(connections);
        for _ in 0..connections {
            prepared.push(Connection::open(uri).await?);
        }
        let exporting = Connection::open(uri).await?;
        let remembered = exporting.rows(&exporting.page, &[&true, &50_i64, &REMEMBERED_OFFSET]);
        let remembered = remembered.await?.freeze();
        let exporting = Arc::new(exporting);
        let own = Own::connect(uri)?;
        Ok(Self { connections: prepared.into(), exporting, own, remembered, next: Arc::default() })
    }

    pub fn router(self) -> Router {
        let own = Router::new().nest("/own", self.own.clone().router());
        Router::new()
            .route("/ping", get(|| async { "pong" }))
            .route("/static", get(|| async { "{\"data\":[]}" }))
            .route("/remembered", get(remembered))
            .route("/rows", get(rows))
            .route("/json", get(json))
            .route("/point", get(point))
            .route("/page", get(page))
            .route("/one", get(one))
            .route("/export", get(export))
            .route("/insert", post(insert))
            .route("/update", post(update))
            .with_state(self)
            .merge(own)
    }

    fn turn(&self) -> &Connection {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.connections[turn % self.connections.len()]
    }
}

async fn remembered(State(limit): State<Limit>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], limit.remembered).into_response()
}

async fn rows(State(limit): State<Limit>, Query(window): Query<Window>) -> Response {
    let connection = limit.turn();
    answer(connection.rows(&connection.first, &[&window.limit]).await)
}

async fn point(State(limit): State<Limit>, Query(key): Query<Key>) -> Response {
    let connection = limit.turn();
    answer(connection.rows(&connection.point, &[&key.id]).await)
}

async fn page(State(limit): State<Limit>, Query(page): Query<Page>) -> Response {
    let connection = limit.turn();
    answer(connection.rows(&connection.page, &[&true, &50_i64, &page.offset]).await)
}

async fn one(State(limit): State<Limit>) -> Response {
    let connection = limit.turn();
    answer(connection.rows(&connection.one, &[]).await)
}

async fn insert(State(limit): State<Limit>, body: Bytes) -> Response {
    answer(write::insert(limit.turn(), &body).await)
}

async fn update(State(limit): State<Limit>, body: Bytes) -> Response {
    answer(write::update(limit.turn(), &body).await)
}

async fn export(State(limit): State<Limit>) -> Response {
    match export::every_row(&limit.exporting).await {
        Ok(body) => ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response(),
        Err(error) => refuse(&error),
    }
}

async fn json(State(limit): State<Limit>, Query(window): Query<Window>) -> Response {
    let text = limit.turn().json(window.limit).await;
    answer(text.map(|row| {
        let text: &str = row.get(0);
        let mut out = BytesMut::with_capacity(text.len() + 16);
        out.extend_from_slice(b"{\"data\":");
        out.extend_from_slice(text.as_bytes());
        out.put_u8(b'}');
        out
    }))
}

fn answer(body: anyhow::Result<BytesMut>) -> Response {
    match body {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body.freeze()).into_response(),
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &anyhow::Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response()
}
