//! Serves the bench table with as little between socket and database as possible.

use axum::serve::ListenerExt;
use bench::{arguments::Arguments, limit::Limit};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read(&["uri", "port", "connections"])?;
    let limit =
        Limit::connect(arguments.required("uri")?, arguments.number("connections", 4)?).await?;
    let port: u16 = arguments.number("port", 4090)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            eprintln!("a connection keeps its delay: {error}");
        }
    });
    axum::serve(listener, limit.router()).await?;
    Ok(())
}
