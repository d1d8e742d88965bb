//! Talk to an Athena gateway from Rust.
//!
//! ```no_run
//! use athena_client::{ApiKey, Athena};
//!
//! #[derive(serde::Deserialize)]
//! struct Invoice {
//!     invoice_id: i64,
//!     status: String,
//! }
//!
//! # async fn tour(key: String) -> Result<(), athena_client::Error> {
//! let athena = Athena::builder("http://localhost:4052")
//!     .client("demo")
//!     .api_key(ApiKey::new(key)?)
//!     .build()?;
//!
//! let largest: Vec<Invoice> = athena
//!     .from("invoices")
//!     .select(["invoice_id", "status"])
//!     .eq("status", "paid")
//!     .order_by("amount")
//!     .descending()
//!     .limit(3)
//!     .rows()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Which rows
//!
//! Conditions are joined by "and"; [`any`], [`all`] and [`not`] group them otherwise.
//!
//! ```no_run
//! # use athena_client::{any, column, Athena, Error};
//! # async fn f(athena: Athena) -> Result<(), Error> {
//! let late = athena
//!     .from("invoices")
//!     .all()
//!     .filter(any([column("status").eq("overdue"), column("due_date").lt("2026-01-01")]))
//!     .is_null("paid_at")
//!     .count()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Changing rows
//!
//! An update or a delete that does not say which rows does not compile. Values are sent beside
//! the request's words, never inside them, here as in SQL.
//!
//! ```no_run
//! # use athena_client::{Athena, Error};
//! # use serde_json::json;
//! # async fn f(athena: Athena) -> Result<(), Error> {
//! let new: serde_json::Value =
//!     athena.from("organizations").insert(json!({ "slug": "north", "name": "North" })).row().await?;
//! athena.from("organizations").update().set("country", "FR").eq("slug", "north").run().await?;
//! athena
//!     .from("organizations")
//!     .upsert(json!({ "slug": "north", "name": "North Ltd" }))
//!     .on_conflict(["slug"])
//!     .run()
//!     .await?;
//! athena.from("organizations").delete().eq("slug", "north").run().await?;
//!
//! let open: Vec<serde_json::Value> =
//!     athena.sql("select * from tickets where priority = $1").bind("urgent").rows().await?;
//! let total: i64 = athena.rpc("tickets_of").arg("customer", 7).value().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Of the rows that match, an order with a limit or a page means the first ones:
//!
//! ```no_run
//! # use athena_client::{Athena, Error};
//! # async fn f(athena: Athena) -> Result<(), Error> {
//! let oldest = athena.from("jobs").update().set("worker", "w1").is_null("worker");
//! oldest.order_by("created_at").limit(10).run().await?;
//! let third: Vec<serde_json::Value> = athena.from("jobs").all().order_by("id").paged(3, 20).rows().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # More rows than fit
//!
//! A stream reads from the connection only as fast as rows are taken from it.
//!
//! ```no_run
//! # use athena_client::{Athena, Error};
//! # async fn f(athena: Athena) -> Result<(), Error> {
//! let mut rows = athena.from("invoices").all().limit(20_000).stream::<serde_json::Value>().await?;
//! while let Some(row) = rows.next().await {
//!     println!("{}", row?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Later
//!
//! ```no_run
//! # use athena_client::{Athena, Error};
//! # use std::time::Duration;
//! # async fn f(athena: Athena) -> Result<(), Error> {
//! let queued = athena.sql("delete from import_log").idempotency_key("clean-up-7").deferred().await?;
//! let done = queued.wait(Duration::from_secs(60)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # When it goes wrong
//!
//! Every call ends within its timeout and gives an [`Error`]. What the gateway said is in
//! [`Error::refusal`]: code, message, details, hint, trace id and status.
//!
//! A read that meets a passing failure (no connection, 429, 502, 503, 504) is repeated after a
//! pause, never sooner than the gateway asks. What changes something is sent once, unless its
//! caller gives it an idempotency key: then the gateway can tell a repetition from a second order.
//!
//! # What is kept from others
//!
//! The key is sent in one header, is printed by nothing, and follows no redirect. TLS is rustls
//! with the well-known certificates; [`Builder::certificate_authority`] adds one's own.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/rust.md")]
mod guide {}

mod answer;
mod athena;
mod builder;
mod change;
mod condition;
mod deferred;
mod draft;
mod error;
mod health;
mod insert;
mod key;
mod order;
mod raw;
mod refusal;
mod retry;
mod rpc;
mod select;
mod sql;
mod stream;
mod table;
mod transport;

pub use answer::{Page, Written};
pub use athena::Athena;
pub use builder::Builder;
pub use change::{ById, Delete, Filtered, Unfiltered, Update};
pub use condition::{Column, Filter, Is, all, any, column, not};
pub use deferred::{DeferredHandle, DeferredState, DeferredStatus};
pub use error::{Error, Refusal};
pub use health::Health;
pub use insert::{Insert, Upsert};
pub use key::ApiKey;
pub use raw::Raw;
pub use reqwest::Method;
pub use retry::Retry;
pub use rpc::Rpc;
pub use select::Select;
pub use sql::Sql;
pub use stream::RowStream;
pub use table::Table;
