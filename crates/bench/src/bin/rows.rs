//! The same rows in three ways: binary to bytes, through a tree of values, and as JSON made by PostgreSQL.

use anyhow::ensure;
use auth::Permit;
use backend_postgres::{Postgres, PostgresSettings, RenderedSql};
use bench::{COLUMNS, arguments::Arguments, create_table, median, values::row_to_value};
use bytes::BytesMut;
use futures_util::TryStreamExt;
use query::{Access, Param, statement::RowsWanted};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::time::{Duration, Instant};

struct Bench {
    postgres: Postgres,
    connection: PgConnection,
    permit: Permit,
    rows_sql: String,
    json_sql: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Binary,
    Values,
    Database,
}

const WAYS: [Way; 3] = [Way::Binary, Way::Values, Way::Database];

impl Bench {
    async fn connect(uri: &str) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(uri).await?;
        sqlx::raw_sql("SET timezone = 'UTC'").execute(&mut connection).await?;
        let rows_sql = format!("SELECT {COLUMNS} FROM bench ORDER BY id LIMIT $1");
        let json_sql = format!("SELECT coalesce(json_agg(t), '[]')::text FROM ({rows_sql}) AS t");
        let postgres = Postgres::connect(&PostgresSettings::parse(uri)?);
        Ok(Self { postgres, connection, permit: bench::permit(), rows_sql, json_sql })
    }

    async fn fetch(&mut self, way: Way, limit: i64) -> anyhow::Result<BytesMut> {
        let mut out = BytesMut::with_capacity(4096);
        match way {
            Way::Binary => {
                let params = [Param::Int8(limit)];
                let statement = RenderedSql {
                    text: &self.rows_sql,
                    params: &params,
                    access: Access::ReadOnly,
                    rows: RowsWanted::Objects,
                };
                let patience = Duration::from_secs(60);
                self.postgres.execute_rendered(&self.permit, statement, patience, &mut out).await?;
            }
            Way::Values => {
                let query = sqlx::query(AssertSqlSafe(self.rows_sql.as_str())).bind(limit);
                let mut rows = query.fetch(&mut self.connection);
                let mut values = Vec::new();
                while let Some(row) = rows.try_next().await? {
                    values.push(row_to_value(&row)?);
                }
                out.extend_from_slice(&serde_json::to_vec(&values)?);
            }
            Way::Database => {
                let query = sqlx::query(AssertSqlSafe(self.json_sql.as_str())).bind(limit);
                let row = query.fetch_one(&mut self.connection).await?;
                out.extend_from_slice(row.try_get::<&str, _>(0)?.as_bytes());
            }
        }
        Ok(out)
    }

    /// Rows a second, over at least this long.
    async fn measure(&mut self, way: Way, limit: i64, length: Duration) -> anyhow::Result<f64> {
        let started = Instant::now();
        let mut rows = 0.0;
        while started.elapsed() < length {
            self.fetch(way, limit).await?;
            rows += limit as f64;
        }
        Ok(rows / started.elapsed().as_secs_f64())
    }
}

/// Answers are compared before anything is timed: a fast wrong answer is worth nothing.
async fn check_equal(bench: &mut Bench, limit: i64) -> anyhow::Result<()> {
    let mut answers = Vec::new();
    for way in WAYS {
        let answer = bench.fetch(way, limit).await?;
        answers.push(serde_json::from_slice::<serde_json::Value>(&answer)?);
    }
    ensure!(answers.windows(2).all(|pair| pair[0] == pair[1]), "answers differ at {limit} rows");
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read(&["uri", "table", "rounds", "seconds"])?;
    let rounds: usize = arguments.number("rounds", 5)?;
    let length = Duration::from_secs_f64(arguments.number("seconds", 1.0)?);
    let mut bench = Bench::connect(arguments.required("uri")?).await?;
    let table: u64 = arguments.number("table", 20_000)?;
    sqlx::raw_sql(AssertSqlSafe(create_table(table))).execute(&mut bench.connection).await?;
    println!(
        "| rows per request | binary to bytes | values | json_agg | against values | against json_agg |"
    );
    println!("|---|---|---|---|---|---|");
    for limit in [1, 50, 10_000] {
        check_equal(&mut bench, limit).await?;
        let mut speeds = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            for (index, way) in WAYS.into_iter().enumerate() {
                speeds[index].push(bench.measure(way, limit, length).await?);
            }
        }
        let [binary, values, database] = speeds.map(median);
        let (by_values, by_database) = (binary / values, binary / database);
        println!(
            "| {limit} | {binary:.0} rows/s | {values:.0} rows/s | {database:.0} rows/s | {by_values:.2} | {by_database:.2} |"
        );
    }
    Ok(())
}
