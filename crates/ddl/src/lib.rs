//! Changes to a database's structure: what was asked, as types, and the SQL that does it.
//!
//! No text that was sent becomes part of a statement: statements are fixed words, quoted
//! [`catalog::Ident`]s, numbers, and texts that are quoted here. A function's body is one such text.

mod change;
mod column;
mod condition;
mod constraint;
mod database;
mod error;
mod expression;
mod extension;
mod fields;
mod function;
mod index;
mod lexer;
mod role;
mod sql;
mod table;
#[cfg(test)]
mod tests;
mod type_name;

pub use change::{Change, Framing, Guard, Kind, Object, Request};
pub use database::create_database;
pub use error::DdlError;
pub use extension::install_extension;
pub use function::{drop_function, put_function};
pub use index::{METHODS, create_index, drop_index};
pub use role::{create_role, drop_role};
pub use sql::Statement;
pub use table::{alter_table, create_table, drop_column, drop_table};
pub use type_name::{COMMON_TYPES, TypeName};

/// What this gateway lets nobody do, whatever their rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Extensions that may be installed.
    pub extensions: Vec<String>,
    /// Languages that functions may be written in.
    pub languages: Vec<String>,
    /// Functions may run with the rights of who made them.
    pub security_definer: bool,
}

impl Default for Policy {
    fn default() -> Self {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            extensions: texts(&["pgcrypto", "uuid-ossp", "citext", "pg_stat_statements", "vector"]),
            languages: texts(&["sql", "plpgsql"]),
            security_definer: false,
        }
    }
}
