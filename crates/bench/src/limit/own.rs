//! The same handlers on Athena's own backend: what the driver and the pool cost, without a gateway.

use super::{Key, Page, Window, answer, write};
use crate::COLUMNS;
use auth::Permit;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::{get, post},
};
use backend_postgres::{Postgres, PostgresSettings, RenderedSql};
use bytes::{BufMut, Bytes, BytesMut};
use query::{Access, Param, statement::RowsWanted};
use std::{sync::Arc, time::Duration};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Own {
    postgres: Arc<Postgres>,
    permit: Arc<Permit>,
    texts: Arc<Texts>,
}

struct Texts {
    point: String,
    rows: String,
    page: String,
    insert: String,
    update: String,
}

impl Own {
    pub fn connect(uri: &str) -> anyhow::Result<Self> {
        let postgres = Postgres::connect(&PostgresSettings::parse(uri)?);
        let texts = Texts {
            point: format!("SELECT {COLUMNS} FROM bench WHERE id = $1"),
            rows: format!("SELECT {COLUMNS} FROM bench ORDER BY id LIMIT $1"),
            page: format!(
                "SELECT {COLUMNS} FROM bench WHERE active = $1 ORDER BY created_at DESC LIMIT $2 OFFSET $3"
            ),
            insert: super::connection::insert_text(),
            update: super::connection::update_text(),
        };
        Ok(Self {
            postgres: Arc::new(postgres),
            permit: Arc::new(crate::permit()),
            texts: Arc::new(texts),
        })
    }

    pub fn router(self) -> Router {
        Router::new()
            .route("/point", get(point))
            .route("/rows", get(rows))
            .route("/page", get(page))
            .route("/one", get(one))
            .route("/insert", post(insert))
            .route("/update", post(update))
            .with_state(self)
    }

    /// `{"data":[…]}`.
    async fn run(&self, text: &str, params: &[Param], access: Access) -> anyhow::Result<BytesMut> {
        let mut out = BytesMut::with_capacity(4096);
        out.extend_from_slice(b"{\"data\":");
        let statement = RenderedSql { text, params, access, rows: RowsWanted::Objects };
        self.postgres.execute_rendered(&self.permit, statement, PATIENCE, &mut out).await?;
        out.put_u8(b'}');
        Ok(out)
    }

    async fn read(&self, text: &str, params: &[Param]) -> Response {
        answer(self.run(text, params, Access::ReadOnly).await)
    }
}

async fn point(State(own): State<Own>, Query(key): Query<Key>) -> Response {
    own.read(&own.texts.point, &[Param::Int8(key.id)]).await
}

async fn rows(State(own): State<Own>, Query(window): Query<Window>) -> Response {
    own.read(&own.texts.rows, &[Param::Int8(window.limit)]).await
}

async fn page(State(own): State<Own>, Query(page): Query<Page>) -> Response {
    let params = [Param::Bool(true), Param::Int8(50), Param::Int8(page.offset)];
    own.read(&own.texts.page, &params).await
}

async fn one(State(own): State<Own>) -> Response {
    own.read("SELECT 1", &[]).await
}

async fn insert(State(own): State<Own>, body: Bytes) -> Response {
    answer(changed(&own, &own.texts.insert, write::inserted(&body)).await)
}

async fn update(State(own): State<Own>, body: Bytes) -> Response {
    answer(changed(&own, &own.texts.update, write::updated(&body)).await)
}

async fn changed(
    own: &Own,
    text: &str,
    params: anyhow::Result<Vec<Param>>,
) -> anyhow::Result<BytesMut> {
    own.run(text, &params?, Access::ReadWrite).await
}
