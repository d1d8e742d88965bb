//! Serves the questions of PostgREST's surface as bare handlers.

use axum::serve::ListenerExt;
use bench::{arguments::Arguments, rest};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read(&["uri", "port"])?;
    let router = rest::router(arguments.required("uri")?).await?;
    let port: u16 = arguments.required_number("port")?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            eprintln!("a connection keeps its delay: {error}");
        }
    });
    axum::serve(listener, router).await?;
    Ok(())
}
