//! The console over made-up rows in memory: to develop and photograph it without an engine.
//!
//! `cargo run -p app --example fake --features ssr -- SITE_FOLDER [PORT]`, where the folder holds
//! `athena.js`, `athena_bg.wasm`, `athena.css`, `fonts/` and `favicon.svg`.

mod data;
mod door;
mod own;
mod rows;
mod serve;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let site = arguments.next().unwrap_or_else(|| "target/site".to_owned());
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(4070);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://127.0.0.1:{port}/console/sign-in?link=open");
    axum::serve(listener, serve::router(&site)).await
}
