//! The demo company: made once, gone for good when it is dropped.

use sqlx::{Connection, Executor, PgConnection, Row};
use std::time::{Duration, Instant};

/// The demo's database and the client that leads to it.
pub const NAME: &str = "demo";

const SCHEMA: &str = include_str!("../demo/schema.sql");
const DATA: &str = include_str!("../demo/data.sql");
const DROP: &str = include_str!("../demo/drop.sql");

/// What a start found.
#[derive(Debug, PartialEq, Eq)]
pub enum Demo {
    Made {
        took: Duration,
    },
    Present,
    /// It was dropped on purpose and is not made again.
    Dropped,
}

/// Make the demo unless it is there or was dropped. All of it appears at once or not at all.
pub async fn ensure(uri: &str, invoices: u32) -> sqlx::Result<Demo> {
    let mut connection = PgConnection::connect(uri).await?;
    if is_dropped(&mut connection).await? {
        return Ok(Demo::Dropped);
    }
    if is_present(&mut connection).await? {
        return Ok(Demo::Present);
    }
    let began = Instant::now();
    let mut transaction = connection.begin().await?;
    sqlx::query("select set_config('demo.invoices', $1, true)")
        .bind(invoices.to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.execute(sqlx::raw_sql(SCHEMA)).await?;
    transaction.execute(sqlx::raw_sql(DATA)).await?;
    transaction.commit().await?;
    // Fresh statistics, so that the first page is planned well.
    connection.execute("analyze").await?;
    connection.close().await?;
    Ok(Demo::Made { took: began.elapsed() })
}

/// Take the demo away and remember that.
pub async fn drop(uri: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(uri).await?;
    let mut transaction = connection.begin().await?;
    transaction.execute(sqlx::raw_sql(DROP)).await?;
    transaction.execute(REMEMBER).await?;
    transaction.commit().await?;
    connection.close().await
}

const DROPPED: &str = "the demo was dropped";
const REMEMBER: &str = "do $$ begin
    execute format('comment on database %I is %L', current_database(), 'the demo was dropped');
end $$";

async fn is_dropped(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let comment = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()";
    let row = sqlx::query(comment).fetch_one(connection).await?;
    Ok(row.try_get::<Option<String>, _>(0)?.as_deref() == Some(DROPPED))
}

async fn is_present(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let row = sqlx::query("select to_regclass('public.invoices') is not null");
    row.fetch_one(connection).await?.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::TestDatabase;

    async fn count(uri: &str, sql: &'static str) -> i64 {
        let mut connection = PgConnection::connect(uri).await.unwrap();
        sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
    }

    /// One number that changes with any value of any invoice, line or customer.
    async fn fingerprint(uri: &str) -> i64 {
        count(
            uri,
            "select (sum(hashtextextended(row, 0)::numeric) % 9223372036854775807)::bigint
             from (select i::text as row from invoices i union all select l::text from invoice_lines l
             union all select c::text from customers c union all select t::text from tickets t) rows",
        )
        .await
    }

    #[tokio::test]
    async fn twenty_thousand_invoices_are_made_within_seconds() {
        let database = TestDatabase::create().await;
        let Demo::Made { took } = ensure(database.uri(), 20_000).await.unwrap() else {
            panic!("an empty database was taken for a demo");
        };
        // Other tests run at the same time, so this is looser than the three seconds of a quiet machine.
        assert!(took < Duration::from_secs(9), "it took {took:?}");
        assert_eq!(count(database.uri(), "select count(*) from invoices").await, 20_000);
        let wrong = "select count(*) from invoices i where amount <> (select sum(line_total) from invoice_lines l where l.invoice_id = i.invoice_id)";
        assert_eq!(count(database.uri(), wrong).await, 0, "an amount is not the sum of its lines");
        assert_eq!(ensure(database.uri(), 20_000).await.unwrap(), Demo::Present);
    }

    #[tokio::test]
    async fn every_demo_is_the_same() {
        let (one, other) = tokio::join!(TestDatabase::create(), TestDatabase::create());
        ensure(one.uri(), 300).await.unwrap();
        ensure(other.uri(), 300).await.unwrap();
        assert_eq!(fingerprint(one.uri()).await, fingerprint(other.uri()).await);
    }

    #[tokio::test]
    async fn a_dropped_demo_leaves_nothing_and_does_not_come_back() {
        let database = TestDatabase::create().await;
        ensure(database.uri(), 50).await.unwrap();
        super::drop(database.uri()).await.unwrap();
        let left =
            "select (select count(*) from pg_class where relnamespace = 'public'::regnamespace)
                    + (select count(*) from pg_type where typnamespace = 'public'::regnamespace)";
        assert_eq!(count(database.uri(), left).await, 0);
        assert_eq!(ensure(database.uri(), 50).await.unwrap(), Demo::Dropped);
    }
}
