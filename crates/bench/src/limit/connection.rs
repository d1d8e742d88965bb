//! A connection with every statement prepared, and rows written as they arrive.

use crate::COLUMNS;
use anyhow::Context;
use backend_postgres::Writer;
use bytes::{BufMut, BytesMut};
use futures_util::{TryStreamExt, pin_mut};
use std::error::Error;
use tokio_postgres::{
    Client, NoTls, Row, RowStream, Statement,
    types::{FromSql, ToSql, Type},
};

/// What a statement is run with.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A statement, and how its columns are written; chosen once.
pub struct Prepared {
    statement: Statement,
    pub columns: Columns,
}

/// `"name":` and the writer of the column behind it.
#[derive(Clone)]
pub struct Columns(std::sync::Arc<[(Box<[u8]>, Writer)]>);

pub struct Connection {
    client: Client,
    pub first: Prepared,
    pub point: Prepared,
    pub page: Prepared,
    pub one: Prepared,
    pub all: Prepared,
    pub insert: Prepared,
    pub update: Prepared,
    json: Statement,
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

impl Prepared {
    async fn of(client: &Client, sql: &str) -> anyhow::Result<Self> {
        let statement = client.prepare(sql).await?;
        let columns = statement.columns().iter().map(|column| {
            let writer =
                Writer::for_oid(column.type_().oid()).context("a type without a writer")?;
            Ok((format!("\"{}\":", column.name()).into_bytes().into(), writer))
        });
        let columns = Columns(columns.collect::<anyhow::Result<Vec<_>>>()?.into());
        Ok(Self { statement, columns })
    }
}

impl Columns {
    /// Append one JSON object.
    pub fn write(&self, row: &Row, out: &mut BytesMut) -> anyhow::Result<()> {
        for (index, (key, writer)) in self.0.iter().enumerate() {
            out.put_u8(if index == 0 { b'{' } else { b',' });
            out.extend_from_slice(key);
            match row.try_get::<_, Raw<'_>>(index)?.0 {
                Some(bytes) => writer.write(bytes, out)?,
                None => out.extend_from_slice(b"null"),
            }
        }
        out.put_u8(b'}');
        Ok(())
    }
}

/// Through text, so that a handler needs no types for what it only hands on.
pub fn insert_text() -> String {
    format!(
        "INSERT INTO bench_inserted (name, email, amount, active, created_at, reference) \
         VALUES ($1, $2, $3::text::numeric, $4, $5::text::timestamptz, $6::text::uuid) RETURNING {COLUMNS}"
    )
}

/// The amount first, then the key.
pub fn update_text() -> String {
    format!("UPDATE bench_updated SET amount = $1::text::numeric WHERE id = $2 RETURNING {COLUMNS}")
}

impl Connection {
    pub async fn open(uri: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(uri, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection ended: {error}");
            }
        });
        client.batch_execute("SET timezone = 'UTC'").await?;
        let first = format!("SELECT {COLUMNS} FROM bench ORDER BY id LIMIT $1");
        let json = format!("SELECT coalesce(json_agg(t), '[]')::text FROM ({first}) AS t");
        let point = format!("SELECT {COLUMNS} FROM bench WHERE id = $1");
        let page = format!(
            "SELECT {COLUMNS} FROM bench WHERE active = $1 ORDER BY created_at DESC LIMIT $2 OFFSET $3"
        );
        let all = format!("SELECT {COLUMNS} FROM bench ORDER BY id");
        let (insert, update) = (insert_text(), update_text());
        Ok(Self {
            first: Prepared::of(&client, &first).await?,
            point: Prepared::of(&client, &point).await?,
            page: Prepared::of(&client, &page).await?,
            one: Prepared::of(&client, "select 1").await?,
            all: Prepared::of(&client, &all).await?,
            insert: Prepared::of(&client, &insert).await?,
            update: Prepared::of(&client, &update).await?,
            json: client.prepare(&json).await?,
            client,
        })
    }

    pub async fn stream(
        &self,
        prepared: &Prepared,
        params: Params<'_>,
    ) -> anyhow::Result<RowStream> {
        let params = params.iter().copied();
        Ok(self.client.query_raw(&prepared.statement, params).await?)
    }

    /// `{"data":[…]}`.
    pub async fn rows(&self, prepared: &Prepared, params: Params<'_>) -> anyhow::Result<BytesMut> {
        let mut out = BytesMut::with_capacity(4096);
        out.extend_from_slice(b"{\"data\":[");
        let stream = self.stream(prepared, params).await?;
        pin_mut!(stream);
        let mut first = true;
        while let Some(row) = stream.try_next().await? {
            if !std::mem::take(&mut first) {
                out.put_u8(b',');
            }
            prepared.columns.write(&row, &mut out)?;
        }
        out.extend_from_slice(b"]}");
        Ok(out)
    }

    /// The rows as one text that PostgreSQL made.
    pub async fn json(&self, limit: i64) -> anyhow::Result<Row> {
        Ok(self.client.query_one(&self.json, &[&limit]).await?)
    }
}
