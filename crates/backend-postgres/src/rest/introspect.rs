//! Read what a database offers on the PostgREST surface: static queries in one snapshot.

mod keys;
mod media;
mod relations;
mod routines;
mod rows;
mod views;

use crate::{error::RunError, pool::Pool};
use backend::BackendError;
use catalog::{Ident, QualifiedName};
use futures_util::TryStreamExt;
use postgrest::schema::{Parts, SchemaCache, Scope};
use rows::{
    ColumnRow, ComputedRow, ForeignKeyRow, MediaHandlerRow, PrimaryKeyRow, RelationRow,
    RepresentationRow, RoutineRow, SchemaRow, TimeZoneRow, ViewRow,
};
use sqlx::{Connection, Executor, FromRow, PgConnection, postgres::PgRow};
use tokio::time::{Instant, timeout_at};
use views::View;

/// Everything that is exposed, whatever the privileges: those are asked for with each request.
pub(crate) async fn introspect(
    pool: &Pool,
    scope: &Scope,
    deadline: Instant,
) -> Result<SchemaCache, BackendError> {
    let mut second_chance = true;
    loop {
        let mut lease = pool.acquire(deadline).await?;
        let error = match timeout_at(deadline, read(lease.connection(), scope)).await {
            Err(_) => return Err(BackendError::Timeout),
            Ok(Ok(catalog)) => {
                lease.release();
                return Ok(SchemaCache::new(catalog.into_parts(scope)));
            }
            Ok(Err(error)) => RunError::from(error),
        };
        let again = second_chance && error.is_fatal() && lease.is_reused();
        if error.is_fatal() {
            pool.purge();
        }
        // In the middle of a transaction nobody else can use the session.
        lease.discard();
        if !again {
            return Err(error.into());
        }
        second_chance = false;
    }
}

struct Catalog {
    schemas: Vec<SchemaRow>,
    relations: Vec<RelationRow>,
    columns: Vec<ColumnRow>,
    primary_keys: Vec<PrimaryKeyRow>,
    foreign_keys: Vec<ForeignKeyRow>,
    views: Vec<View>,
    computed: Vec<ComputedRow>,
    routines: Vec<RoutineRow>,
    representations: Vec<RepresentationRow>,
    media_handlers: Vec<MediaHandlerRow>,
    time_zones: Vec<TimeZoneRow>,
}

/// Without a search path, so that every name of a type or function comes with its schema.
async fn read(connection: &mut PgConnection, scope: &Scope) -> Result<Catalog, sqlx::Error> {
    let mut snapshot =
        connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    snapshot.execute("SET LOCAL search_path = ''").await?;
    let schemas = scope.schemas.as_slice();
    let catalog = Catalog {
        schemas: of(&mut snapshot, include_str!("introspect/schemas.sql"), schemas).await?,
        relations: of(&mut snapshot, include_str!("introspect/relations.sql"), schemas).await?,
        columns: of(&mut snapshot, include_str!("introspect/columns.sql"), schemas).await?,
        primary_keys: all(&mut snapshot, include_str!("introspect/primary_keys.sql")).await?,
        foreign_keys: all(&mut snapshot, include_str!("introspect/foreign_keys.sql")).await?,
        views: read_views(&mut snapshot, scope).await?,
        computed: of(&mut snapshot, include_str!("introspect/computed.sql"), schemas).await?,
        routines: of(&mut snapshot, include_str!("introspect/routines.sql"), schemas).await?,
        representations: all(&mut snapshot, include_str!("introspect/representations.sql")).await?,
        media_handlers: of(&mut snapshot, include_str!("introspect/media_handlers.sql"), schemas)
            .await?,
        time_zones: all(&mut snapshot, include_str!("introspect/time_zones.sql")).await?,
    };
    snapshot.commit().await?;
    Ok(catalog)
}

/// Not kept as a prepared statement: it runs too seldom to be worth its place in the cache.
async fn all<T>(connection: &mut PgConnection, sql: &'static str) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    sqlx::query_as(sql).persistent(false).fetch_all(connection).await
}

async fn of<T>(
    connection: &mut PgConnection,
    sql: &'static str,
    schemas: &[String],
) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    sqlx::query_as(sql).bind(schemas).persistent(false).fetch_all(connection).await
}

/// Definitions are long, so each is read and forgotten before the next one.
async fn read_views(
    connection: &mut PgConnection,
    scope: &Scope,
) -> Result<Vec<View>, sqlx::Error> {
    let query = sqlx::query_as::<_, ViewRow>(include_str!("introspect/views.sql"))
        .bind(&scope.schemas)
        .bind(&scope.extra_search_path)
        .persistent(false);
    query.fetch(connection).map_ok(View::read).try_collect().await
}

impl Catalog {
    fn into_parts(self, scope: &Scope) -> Parts {
        let shown = views::Shown::trace(&self.views, &self.columns);
        let keys = relations::primary_keys(&self.primary_keys, &shown);
        let mut relationships = keys::relationships(&self.foreign_keys, &shown, &keys);
        relationships.extend(self.computed.iter().filter_map(keys::computed));
        let routines = self.routines.into_iter();
        Parts {
            schemas: self.schemas.into_iter().filter_map(schema).collect(),
            relations: relations::relations(self.relations, self.columns, &keys),
            relationships,
            routines: routines.filter_map(|row| routines::routine(row, scope)).collect(),
            representations: self.representations.into_iter().map(media::representation).collect(),
            media_handlers: self.media_handlers.into_iter().filter_map(media::handler).collect(),
            time_zones: self.time_zones.into_iter().map(|row| row.name).collect(),
        }
    }
}

fn schema(row: SchemaRow) -> Option<(Ident, Option<String>)> {
    Some((ident(&row.name)?, row.comment))
}

/// Only a server built with longer names than PostgreSQL's own has any that do not fit.
fn ident(name: &str) -> Option<Ident> {
    Ident::parse(name).ok()
}

fn qualified(schema: &str, name: &str) -> Option<QualifiedName> {
    Some(QualifiedName::new(ident(schema)?, ident(name)?))
}

fn idents(names: &[String]) -> Option<Vec<Ident>> {
    names.iter().map(|name| ident(name)).collect()
}
