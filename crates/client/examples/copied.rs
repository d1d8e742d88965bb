//! What the console copies as Rust. A test of the console's shapes holds the text; this compiles it.

#![expect(
    clippy::disallowed_methods,
    reason = "a copied program takes its key from its own environment"
)]

use serde_json::Value;

/// A view with a filter of every kind.
async fn copied() -> anyhow::Result<Vec<Value>> {
    let rows = include!("copied_view.txt");
    Ok(rows)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    for row in copied().await? {
        println!("{row}");
    }
    Ok(())
}
