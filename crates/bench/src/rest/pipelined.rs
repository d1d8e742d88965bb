//! On a few shared connections of tokio-postgres: a transaction is sent whole, before any of it is answered.

use super::{
    Question,
    asked::{Statements, Value},
    handler::{Asked, Body},
    sessions::{BODY, PAGE_TOTAL},
    settings::SET,
};
use anyhow::Context;
use bytes::{BufMut, Bytes, BytesMut};
use std::{
    error::Error,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};
use tokio::sync::Mutex;
use tokio_postgres::{
    Client, NoTls, Statement,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

const CONNECTIONS: usize = 8;

#[derive(Clone)]
pub struct Pipelined {
    connections: Arc<[Connection]>,
    next: Arc<AtomicUsize>,
}

struct Connection {
    client: Client,
    set: Statement,
    questions: Vec<(Question, Statement)>,
    /// Held while a transaction is put on the wire, so that no other stands in between.
    turn: Mutex<()>,
}

impl Pipelined {
    pub async fn connect(uri: &str, statements: &Statements) -> anyhow::Result<Self> {
        let mut connections = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(uri, statements).await?);
        }
        Ok(Self { connections: connections.into(), next: Arc::default() })
    }

    pub async fn run(&self, asked: &Asked) -> anyhow::Result<Body> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.connections[turn % self.connections.len()].run(asked).await
    }
}

impl Connection {
    async fn open(uri: &str, statements: &Statements) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(uri, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection ended: {error}");
            }
        });
        client.batch_execute("SET timezone = 'UTC'").await?;
        let set = client.prepare(SET).await?;
        let mut questions = Vec::with_capacity(Question::ALL.len());
        for question in Question::ALL {
            questions.push((question, client.prepare(&statements.of(question)).await?));
        }
        Ok(Self { client, set, questions, turn: Mutex::new(()) })
    }

    async fn run(&self, asked: &Asked) -> anyhow::Result<Body> {
        let (_, statement) =
            self.questions.iter().find(|(one, _)| *one == asked.question).context("a question")?;
        let settings = asked.settings.each_ref().map(|one| one as &(dyn ToSql + Sync));
        let json;
        let value: &(dyn ToSql + Sync) = match &asked.value {
            Value::Number(number) => number,
            Value::Json(body) => {
                json = Raw(Some(body));
                &json
            }
        };
        let values = [value];
        let mut whole = pin!(async {
            // Each is sent when it is first looked at, which `try_join` does in this order.
            tokio::try_join!(
                self.client.batch_execute(asked.begin()),
                self.client.query(&self.set, &settings),
                self.client.query_one(statement, &values),
                self.client.batch_execute("COMMIT"),
            )
        });
        let sent = {
            let _turn = self.turn.lock().await;
            poll_fn(|context| Poll::Ready(whole.as_mut().poll(context))).await
        };
        let (_, _, row, ()) = match sent {
            Poll::Ready(done) => done?,
            Poll::Pending => whole.await?,
        };
        let json = row.try_get::<_, Raw<'_>>(BODY)?.0.unwrap_or_default();
        Ok(Body { rows: row.try_get(PAGE_TOTAL)?, json: Bytes::copy_from_slice(json) })
    }
}

/// Bytes as they are.
#[derive(Debug)]
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

impl ToSql for Raw<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bytes) = self.0 else { return Ok(IsNull::Yes) };
        out.put_slice(bytes);
        Ok(IsNull::No)
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}
