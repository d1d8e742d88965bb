//! The same handler on Athena's own backend: what the driver and the pool cost, without a gateway.

use auth::Permit;
use backend_postgres::{Postgres, PostgresSettings, RenderedSql};
use bytes::{BufMut, BytesMut};
use query::{Access, Param, statement::RowsWanted};
use std::{sync::Arc, time::Duration};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Own {
    postgres: Arc<Postgres>,
    permit: Arc<Permit>,
}

impl Own {
    pub fn connect(uri: &str) -> anyhow::Result<Self> {
        let postgres = Postgres::connect(&PostgresSettings::parse(uri)?);
        Ok(Self { postgres: Arc::new(postgres), permit: Arc::new(crate::permit()) })
    }

    /// `{"data":[…]}`.
    pub async fn rows(&self, text: &str, params: &[Param]) -> anyhow::Result<BytesMut> {
        let mut out = BytesMut::with_capacity(4096);
        out.extend_from_slice(b"{\"data\":");
        let (access, rows) = (Access::ReadOnly, RowsWanted::Objects);
        let statement = RenderedSql { text, params, access, rows };
        self.postgres.execute_rendered(&self.permit, statement, PATIENCE, &mut out).await?;
        out.put_u8(b'}');
        Ok(out)
    }
}
