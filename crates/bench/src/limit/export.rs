//! The whole table, one object a line, as fast as it is read and no faster.

use super::connection::{Columns, Connection};
use axum::body::Body;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{TryStreamExt, stream};
use std::pin::Pin;
use tokio_postgres::RowStream;

/// Large enough that a chunk's own cost does not show.
const CHUNK: usize = 64 * 1024;

struct Export {
    rows: Pin<Box<RowStream>>,
    columns: Columns,
    /// A stream of rows must not be asked again after its last one.
    ended: bool,
}

pub async fn every_row(connection: &Connection) -> anyhow::Result<Body> {
    let rows = Box::pin(connection.stream(&connection.all, &[]).await?);
    let columns = connection.all.columns.clone();
    let chunks =
        stream::try_unfold(Export { rows, columns, ended: false }, |mut export| async move {
            let chunk = export.chunk().await?;
            Ok::<_, anyhow::Error>((!chunk.is_empty()).then_some((chunk, export)))
        });
    Ok(Body::from_stream(chunks))
}

impl Export {
    /// Empty at the end.
    async fn chunk(&mut self) -> anyhow::Result<Bytes> {
        let mut out = BytesMut::with_capacity(CHUNK + 1024);
        while out.len() < CHUNK && !self.ended {
            let Some(row) = self.rows.try_next().await? else {
                self.ended = true;
                break;
            };
            self.columns.write(&row, &mut out)?;
            out.put_u8(b'\n');
        }
        Ok(out.freeze())
    }
}
