//! What a client is, whoever defined it: its record, what may stand in it, and what is refused.
//! Pure: nothing here connects, keeps or reads anything.

mod address;
pub mod driver;
mod form;
mod issue;
mod name;
mod patch;
mod record;
mod redact;
mod settings;

pub use address::{Address, Credentials};
pub use driver::Driver;
pub use issue::{Invalid, Issue};
pub use name::{NAME_LIMIT, check_name};
pub use patch::{Patch, Touched};
pub use record::{ClientRecord, CredentialsRef, Origin, SchemaMode, Status};
pub use redact::{REDACTED, Shown};
pub use settings::{External, OnMismatch, PoolSettings, Ssl, Validation};
