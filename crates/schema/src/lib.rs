//! The tables of `drizzle-meta/` as types, made at build time: a misspelt column does not compile.
//!
//! ```
//! use resources::ResourceRoute;
//! use schema::{Invoices, invoices};
//!
//! let route = ResourceRoute::of::<Invoices>()
//!     .id(invoices::INVOICE_ID)
//!     .columns([invoices::NUMBER, invoices::STATUS]);
//! ```
//!
//! Each of these is one slip away from the example above, and is refused by the compiler.
//! A misspelt column:
//!
//! ```compile_fail,E0425
//! use resources::ResourceRoute;
//! use schema::{Invoices, invoices};
//!
//! let route = ResourceRoute::of::<Invoices>()
//!     .id(invoices::INVOICE_ID)
//!     .columns([invoices::NUMBER, invoices::STATSU]);
//! ```
//!
//! A column of another table:
//!
//! ```compile_fail,E0308
//! use resources::ResourceRoute;
//! use schema::{Invoices, customers, invoices};
//!
//! let route = ResourceRoute::of::<Invoices>()
//!     .id(customers::CUSTOMER_ID)
//!     .columns([invoices::NUMBER, invoices::STATUS]);
//! ```
//!
//! A table that does not exist:
//!
//! ```compile_fail,E0432
//! use resources::ResourceRoute;
//! use schema::{Invoicse, invoices};
//!
//! let route = ResourceRoute::of::<Invoicse>()
//!     .id(invoices::INVOICE_ID)
//!     .columns([invoices::NUMBER, invoices::STATUS]);
//! ```

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
