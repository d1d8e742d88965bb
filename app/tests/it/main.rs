//! The console over made-up rows: pages as HTML, and server functions as scripts and forms call them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

#[path = "../../examples/fake/data.rs"]
mod data;
#[path = "../../examples/fake/door.rs"]
mod door;
#[path = "../../examples/fake/own.rs"]
mod own;
#[path = "../../examples/fake/rows.rs"]
mod rows;
#[path = "../../examples/fake/serve.rs"]
mod serve;

mod account;
mod browser;
mod create;
mod every_page;
mod html;
mod lists;
mod records;
mod rights;
mod second_step;
mod server_functions;
mod sign_in;
