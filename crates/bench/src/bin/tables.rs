//! Makes the tables that are measured.

use bench::{arguments::Arguments, create_table, rest};
use tokio_postgres::NoTls;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read(&["uri", "rows", "for"])?;
    let (client, connection) = tokio_postgres::connect(arguments.required("uri")?, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(&create_table(arguments.number("rows", 1_000_000)?)).await?;
    if arguments.optional("for") == Some("rest") {
        client.batch_execute(rest::CREATE).await?;
        client.batch_execute("VACUUM bench_authors, bench_books, bench_chapters").await?;
    }
    // Once now, so that it does not happen while something is timed.
    client.batch_execute("VACUUM bench, bench_updated").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}
