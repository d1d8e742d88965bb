//! Against a real, private PostgreSQL. Without one these tests fail; they are never skipped.

mod introspection;
mod outages;
mod refusals;
mod rows;
mod statements;
mod support;
