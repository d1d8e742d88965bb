//! A table that stands for another one under names of its own.

use crate::{Ident, Table};
use std::{collections::HashMap, sync::Arc};

/// What an imported resource is in its database.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// What the resource is called.
    pub resource: Ident,
    /// The table that is really there; without it, as it was when it was imported.
    pub table: Arc<Table>,
    /// Names of the resource, each with the column it is in the table.
    pub columns: HashMap<Ident, Ident>,
    pub writable: bool,
    /// The table is no longer what was imported, and must not be answered from.
    pub is_broken: bool,
}

impl Binding {
    /// The column that a name of the resource stands for.
    pub fn column<'a>(&'a self, name: &'a Ident) -> &'a Ident {
        self.columns.get(name).unwrap_or(name)
    }
}
