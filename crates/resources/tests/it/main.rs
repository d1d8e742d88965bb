//! Real drizzle-kit files in, what people see out.

mod samples;
mod snapshot;
