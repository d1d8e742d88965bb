//! Changes of a database's structure, and what people ask of it beside its tables.

use catalog::Ident;
use ddl::Change;
use std::time::Duration;

/// A change and how long it may keep others waiting.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'a> {
    pub change: &'a Change,
    /// The longest it waits for those who use what it changes; they wait behind it meanwhile.
    pub lock_timeout: Duration,
    /// The longest each of its statements runs.
    pub statement_timeout: Duration,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defined {
    Changed,
    /// It was there already, or was not there to be removed.
    NothingToDo,
}

/// Another database of the same server, and who signs in there. It may hold a password, so it cannot
/// be printed.
#[derive(Clone, Copy)]
pub struct Sibling<'a> {
    pub database: &'a Ident,
    /// The same user as here when there is none.
    pub login: Option<(&'a Ident, &'a str)>,
}

/// Which database it is, whatever name, address or user it is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    pub system: i64,
    pub database: i64,
}

/// What is asked of a database's structure that the schema cache does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspection {
    Functions {
        schema: Option<String>,
        /// As `LIKE` reads it.
        name_like: Option<String>,
        include_system: bool,
        include_definition: bool,
    },
    Indexes {
        schema: Option<String>,
        table: Option<String>,
    },
    /// Those that are there, and those that could be.
    Extensions,
    /// Every database of the server that this user may see.
    Databases,
}
