//! The console's port over the gateway: what a signed-in person sees and changes.

mod desk;
mod door;
mod filter;
mod hall;
mod labels;
mod library;
mod list;
mod options;
mod person;
mod record;
mod rows;
mod scopes;
#[cfg(test)]
mod tests;
mod throttle;
mod value;
mod write;

use desk::Desk;
pub use door::FrontDoor;
pub use hall::Hall;
pub use library::{Library, Sources};

use api_types::console::ResourceSpec;
use api_types::{ClientName, Problem, RecordKey};

/// The rows came back in a form nobody here understands; the cause is for the log alone.
fn unreadable(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "rows could not be read back");
    Problem::new(500, "internal_error", "The rows could not be read.")
}

fn unknown_column(spec: &ResourceSpec, column: &str) -> Problem {
    let message = format!("{} has no column “{}”.", spec.label, short(column));
    Problem::new(400, "unknown_column", message).with_detail("column", short(column))
}

fn no_such_record(spec: &ResourceSpec, key: &RecordKey) -> Problem {
    let key = key.parts().join(" · ");
    let message = format!("There is no {} “{}”.", spec.singular.to_lowercase(), short(&key));
    Problem::new(404, "unknown_record", message)
}

fn no_such_client(client: &ClientName) -> Problem {
    Problem::new(404, "unknown_client", format!("There is no client “{client}”."))
        .with_detail("client", client.as_str())
}

fn no_such_resource(client: &ClientName, resource: &str) -> Problem {
    let message = format!("There is no table “{}” in {client}.", short(resource));
    Problem::new(404, "unknown_table", message).with_detail("table", short(resource))
}

/// An error's text as a sentence for a person.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Of an endless name only the beginning is repeated.
fn short(name: &str) -> String {
    name.chars().take(80).collect()
}
