//! One row in, the row as it became out.

use super::connection::Connection;
use bytes::BytesMut;
use query::Param;
use serde_json::value::RawValue;

#[derive(serde::Deserialize)]
struct Inserted<'a> {
    name: &'a str,
    email: Option<&'a str>,
    #[serde(borrow)]
    amount: &'a RawValue,
    active: bool,
    created_at: &'a str,
    reference: &'a str,
}

#[derive(serde::Deserialize)]
struct Updated<'a> {
    id: i64,
    #[serde(borrow)]
    amount: &'a RawValue,
}

pub async fn insert(connection: &Connection, body: &[u8]) -> anyhow::Result<BytesMut> {
    let Inserted { name, email, amount, active, created_at, reference } =
        serde_json::from_slice(body)?;
    let amount = amount.get();
    let params: super::connection::Params<'_> =
        &[&name, &email, &amount, &active, &created_at, &reference];
    connection.rows(&connection.insert, params).await
}

/// The same values as Athena's driver takes them.
pub fn inserted(body: &[u8]) -> anyhow::Result<Vec<Param>> {
    let Inserted { name, email, amount, active, created_at, reference } =
        serde_json::from_slice(body)?;
    let text = |text: &str| Param::Text(text.to_owned());
    Ok(vec![
        text(name),
        email.map_or(Param::Null, text),
        text(amount.get()),
        Param::Bool(active),
        text(created_at),
        text(reference),
    ])
}

pub fn updated(body: &[u8]) -> anyhow::Result<Vec<Param>> {
    let Updated { id, amount } = serde_json::from_slice(body)?;
    Ok(vec![Param::Text(amount.get().to_owned()), Param::Int8(id)])
}

pub async fn update(connection: &Connection, body: &[u8]) -> anyhow::Result<BytesMut> {
    let Updated { id, amount } = serde_json::from_slice(body)?;
    connection.rows(&connection.update, &[&amount.get(), &id]).await
}
