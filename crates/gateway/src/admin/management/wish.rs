//! What is asked of a structure, before it is read.

use ddl::{DdlError, Policy, Request};
use serde_json::Value;

/// One route's body, with what its address names.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    CreateTable(Value),
    AlterTable { table: String, body: Value },
    DropTable { table: String, body: Value },
    DropColumn { table: String, column: String, body: Value },
    CreateIndex(Value),
    DropIndex { index: String, body: Value },
    InstallExtension(Value),
    PutFunction(Value),
    DropFunction(Value),
}

impl Wish {
    /// What nobody needs to have read the body for. Any one is enough; the body may ask for more.
    pub(super) fn rights(&self) -> &'static [&'static str] {
        match self {
            Self::CreateTable(_) => &["management.tables.write"],
            Self::AlterTable { .. } => &["management.tables.write", "management.columns.write"],
            Self::DropTable { .. } => &["management.tables.drop"],
            Self::DropColumn { .. } => &["management.columns.drop"],
            Self::CreateIndex(_) => &["management.indexes.write"],
            Self::DropIndex { .. } => &["management.indexes.drop"],
            Self::InstallExtension(_) => &["management.extensions.write"],
            Self::PutFunction(_) => &["management.functions.write"],
            Self::DropFunction(_) => &["management.functions.drop"],
        }
    }

    pub(super) fn read(self, policy: &Policy) -> Result<Request, DdlError> {
        match self {
            Self::CreateTable(body) => ddl::create_table(body),
            Self::AlterTable { table, body } => ddl::alter_table(&table, body),
            Self::DropTable { table, body } => ddl::drop_table(&table, body),
            Self::DropColumn { table, column, body } => ddl::drop_column(&table, &column, body),
            Self::CreateIndex(body) => ddl::create_index(body),
            Self::DropIndex { index, body } => ddl::drop_index(&index, body),
            Self::InstallExtension(body) => ddl::install_extension(body, policy),
            Self::PutFunction(body) => ddl::put_function(body, policy),
            Self::DropFunction(body) => ddl::drop_function(body),
        }
    }
}
