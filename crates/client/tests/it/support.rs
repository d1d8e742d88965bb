//! A gateway that answers what it was told to, and remembers what it was asked.

use athena_client::{ApiKey, Athena, Builder, Retry};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub const KEY: &str = "ath_test_0123456789";

#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn asked(&self) -> (&str, &str) {
        (self.method.as_str(), &self.path)
    }
}

#[derive(Clone)]
pub struct Gateway {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    replies: Arc<Mutex<VecDeque<Response>>>,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            replies: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        gateway
    }

    /// What it answers next; without any left, it fails.
    pub fn reply(&self, status: u16, body: impl ToString) {
        self.reply_with(status, &[], body);
    }

    pub fn reply_with(&self, status: u16, headers: &[(&str, &str)], body: impl ToString) {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        self.reply_whole(response.body(Body::from(body.to_string())).unwrap());
    }

    pub fn reply_whole(&self, response: Response) {
        self.replies.lock().unwrap().push_back(response);
    }

    pub fn builder(&self) -> Builder {
        Athena::builder(format!("http://{}", self.address))
            .client("shop")
            .api_key(ApiKey::new(KEY).unwrap())
            .retry(Retry::default().pauses(Duration::from_millis(5), Duration::from_millis(10)))
    }

    pub fn athena(&self) -> Athena {
        self.builder().build().unwrap()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only thing it was asked.
    pub fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

async fn answer(
    State(gateway): State<Gateway>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    let path = uri.path_and_query().unwrap().to_string();
    gateway.seen.lock().unwrap().push(Seen { method, path, headers, body });
    let reply = gateway.replies.lock().unwrap().pop_front();
    reply.unwrap_or_else(|| (StatusCode::IM_A_TEAPOT, "no reply was prepared").into_response())
}

/// A server that writes these bytes to whoever connects, and hangs up. Counts its callers.
pub async fn hangs_up_after(bytes: &'static [u8]) -> (Athena, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let callers = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&callers);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            *counted.lock().unwrap() += 1;
            let mut request = [0; 4096];
            let _some = socket.read(&mut request).await.unwrap();
            socket.write_all(bytes).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    });
    let retry = Retry::default().pauses(Duration::from_millis(1), Duration::from_millis(2));
    let athena = Athena::builder(format!("http://{address}")).client("shop").retry(retry);
    (athena.build().unwrap(), callers)
}
