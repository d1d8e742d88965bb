//! The least a gateway could do: a handler, a few pipelined connections, rows straight to bytes.

use anyhow::Context;
use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend_postgres::Writer;
use bytes::{BufMut, BytesMut};
use futures_util::{TryStreamExt, pin_mut};
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio_postgres::{
    Client, NoTls, Statement,
    types::{FromSql, Type},
};

/// A connection with both statements prepared.
struct Prepared {
    client: Client,
    rows: Statement,
    json: Statement,
}

/// A few connections that requests share, taking turns.
#[derive(Clone)]
pub struct Limit {
    connections: Arc<[Prepared]>,
    next: Arc<AtomicUsize>,
}

/// The bytes of any type, as sent.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }
    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

#[derive(serde::Deserialize)]
struct Window {
    limit: i64,
}

impl Limit {
    pub async fn connect(uri: &str, connections: usize) -> anyhow::Result<Self> {
        let mut prepared = Vec::with_capacity(connections);
        for _ in 0..connections {
            prepared.push(Prepared::connect(uri).await?);
        }
        Ok(Self { connections: prepared.into(), next: Arc::default() })
    }

    pub fn router(self) -> Router {
        Router::new()
            .route("/rows", get(rows))
            .route("/json", get(json))
            .route("/static", get(|| async { "{\"data\":[]}" }))
            .with_state(self)
    }

    fn turn(&self) -> &Prepared {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.connections[turn % self.connections.len()]
    }
}

impl Prepared {
    async fn connect(uri: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(uri, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection ended: {error}");
            }
        });
        client.batch_execute("SET timezone = 'UTC'").await?;
        let columns = crate::COLUMNS;
        let rows = format!("SELECT {columns} FROM bench ORDER BY id LIMIT $1");
        let json = format!(
            "SELECT coalesce(json_agg(t), '[]')::text FROM (SELECT {columns} FROM bench ORDER BY id LIMIT $1) AS t"
        );
        let (rows, json) = (client.prepare(&rows).await?, client.prepare(&json).await?);
        Ok(Self { client, rows, json })
    }
}

async fn rows(State(limit): State<Limit>, Query(window): Query<Window>) -> Response {
    answer(write_rows(limit.turn(), window.limit).await)
}

async fn json(State(limit): State<Limit>, Query(window): Query<Window>) -> Response {
    let connection = limit.turn();
    let fetched = connection.client.query_one(&connection.json, &[&window.limit]).await;
    answer(fetched.map_err(anyhow::Error::from).map(|row| {
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
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

async fn write_rows(connection: &Prepared, limit: i64) -> anyhow::Result<BytesMut> {
    let mut out = BytesMut::with_capacity(4096);
    out.extend_from_slice(b"{\"data\":[");
    let columns = connection.rows.columns().iter().map(|column| {
        let writer = Writer::for_oid(column.type_().oid()).context("a type without a writer")?;
        Ok((format!("\"{}\":", column.name()), writer))
    });
    let columns: Vec<(String, Writer)> = columns.collect::<anyhow::Result<_>>()?;
    let stream = connection.client.query_raw(&connection.rows, [limit]).await?;
    pin_mut!(stream);
    let mut first = true;
    while let Some(row) = stream.try_next().await? {
        if !std::mem::take(&mut first) {
            out.put_u8(b',');
        }
        for (index, (key, writer)) in columns.iter().enumerate() {
            out.put_u8(if index == 0 { b'{' } else { b',' });
            out.extend_from_slice(key.as_bytes());
            match row.try_get::<_, Raw<'_>>(index)?.0 {
                Some(bytes) => writer.write(bytes, &mut out)?,
                None => out.extend_from_slice(b"null"),
            }
        }
        out.put_u8(b'}');
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}
