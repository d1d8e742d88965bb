//! What we know of a client's schema: identifiers, tables, columns, keys. No I/O.

mod binding;
mod ident;
mod routine;
mod schema_cache;
mod table;

pub use binding::Binding;
pub use ident::{Ident, IdentError, QualifiedName};
pub use routine::{Argument, ArgumentMode, ReturnShape, Returns, Routine, RoutineKind, Volatility};
pub use schema_cache::{EnumType, SchemaCache};
pub use table::{Column, DataType, ForeignKey, Generated, Table, TableKind, TypeKind, UniqueKey};
