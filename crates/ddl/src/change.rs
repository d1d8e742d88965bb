//! A wish that was understood: its statements, and what must be so before they run.

use crate::sql::Statement;
use catalog::{Ident, QualifiedName};

/// What kind of change it is; the names are those of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CreateTable,
    EditTable,
    DropTable,
    DropColumn,
    CreateIndex,
    DropIndex,
    InstallExtension,
    UpsertFunction,
    DropFunction,
    CreateDatabase,
    CreateRole,
    DropRole,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateTable => "create_table",
            Self::EditTable => "edit_table",
            Self::DropTable => "drop_table",
            Self::DropColumn => "drop_column",
            Self::CreateIndex => "create_index",
            Self::DropIndex => "drop_index",
            Self::InstallExtension => "install_extension",
            Self::UpsertFunction => "upsert_function",
            Self::DropFunction => "drop_function",
            Self::CreateDatabase => "create_database",
            Self::CreateRole => "create_role",
            Self::DropRole => "drop_role",
        }
    }

    /// The kind of thing that is changed.
    pub fn object_type(self) -> &'static str {
        match self {
            Self::CreateTable | Self::EditTable | Self::DropTable => "table",
            Self::DropColumn => "column",
            Self::CreateIndex | Self::DropIndex => "index",
            Self::InstallExtension => "extension",
            Self::UpsertFunction | Self::DropFunction => "function",
            Self::CreateDatabase => "database",
            Self::CreateRole | Self::DropRole => "role",
        }
    }
}

/// A thing in the database that can be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A table, view or index.
    Relation(QualifiedName),
    Column(QualifiedName, Ident),
    Extension(Ident),
    /// By its name and the types of its arguments, as `to_regprocedure` reads them.
    Function(String),
}

/// When there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Always run; the database refuses what cannot be.
    None,
    /// `if_not_exists`
    UnlessThere(Object),
    /// `if_exists`
    IfThere(Object),
}

/// How the statements stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framing {
    /// All of them or none.
    Together,
    /// `CONCURRENTLY`, which is not possible in a transaction.
    Alone {
        /// What a failure leaves behind half made, and the statement that removes it.
        leftover: Option<(QualifiedName, Statement)>,
    },
}

/// A change to one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    /// Where it is; of an extension, where it goes, if that was said.
    pub schema: Option<Ident>,
    /// Its name: of the table, the index, the function or the extension.
    pub name: Ident,
    /// The table of a column or of an index, where it is known.
    pub table: Option<Ident>,
    /// Of a column that is dropped.
    pub column: Option<Ident>,
    /// `f(integer, text)`
    pub signature: Option<String>,
    /// Each set is rights of which one is enough; every set must be met.
    pub rights: Vec<&'static [&'static str]>,
    pub guard: Guard,
    pub framing: Framing,
    pub statements: Vec<Statement>,
}

impl Change {
    pub(crate) fn new(kind: Kind, schema: Option<Ident>, name: Ident) -> Self {
        Self {
            kind,
            schema,
            name,
            table: None,
            column: None,
            signature: None,
            rights: Vec::new(),
            guard: Guard::None,
            framing: Framing::Together,
            statements: Vec::new(),
        }
    }

    pub fn sql(&self) -> Vec<String> {
        self.statements.iter().map(|statement| statement.shown().to_owned()).collect()
    }
}

/// A change, and whether it is only to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub change: Change,
    /// Answer the statements and run none.
    pub dry_run: bool,
}
