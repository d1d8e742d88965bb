//! `PATCH /management/tables/{table}`: one statement for each operation, in order.

use super::{keep_automatic, named, on};
use crate::{
    change::{Kind, Request},
    column::Column,
    constraint::Constraint,
    error::DdlError,
    expression::{Expression, Scope},
    fields::Fields,
    sql::{Sql, Statement},
    type_name::TypeName,
};
use catalog::{Ident, QualifiedName};
use serde_json::Value;

const OPERATIONS: [&str; 12] = [
    "add_column",
    "rename_column",
    "set_default",
    "drop_default",
    "set_not_null",
    "drop_not_null",
    "change_type",
    "drop_column",
    "add_constraint",
    "drop_constraint",
    "rename_constraint",
    "rename_table",
];

const EXPECTED: &str = "add_column, rename_column, set_default, drop_default, set_not_null, \
     drop_not_null, change_type, drop_column, add_constraint, drop_constraint, rename_constraint \
     or rename_table";

pub fn alter_table(table: &str, body: Value) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let mut table = named(&mut fields, table)?;
    let operations = fields.list("operations")?;
    if operations.is_empty() {
        return Err(fields.missing("operations"));
    }
    let has_automatic = fields.flag("auto_columns", true)?;
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let mut change = on(Kind::EditTable, &table);
    let mut only_columns = true;
    for (path, value) in operations {
        let mut fields = Fields::within(value, path)?;
        let typed = fields.word("type", &OPERATIONS, EXPECTED)?;
        let operation = typed.ok_or_else(|| fields.missing("type"))?;
        if operation == "drop_column" {
            change.rights.push(&["management.columns.drop"]);
        }
        only_columns &= !operation.ends_with("constraint") && operation != "rename_table";
        let alter = Alter { table: &table, has_automatic };
        let (statement, renamed) = alter.operation(operation, &mut fields)?;
        fields.finish()?;
        change.statements.push(statement);
        // What follows means the table under its new name.
        if let Some(name) = renamed {
            table = QualifiedName::new(table.schema, name);
        }
    }
    change.rights.push(if only_columns {
        &["management.tables.write", "management.columns.write"]
    } else {
        &["management.tables.write"]
    });
    Ok(Request { change, dry_run })
}

struct Alter<'a> {
    table: &'a QualifiedName,
    has_automatic: bool,
}

impl Alter<'_> {
    fn operation(
        &self,
        operation: &str,
        fields: &mut Fields,
    ) -> Result<(Statement, Option<Ident>), DdlError> {
        let mut sql = Sql::new("ALTER TABLE ");
        sql.name(self.table);
        let mut renamed = None;
        match operation {
            "add_column" => self.add_column(&mut sql, fields)?,
            "drop_column" => self.drop_column(&mut sql, fields)?,
            "rename_column" => rename(&mut sql, " RENAME COLUMN ", fields)?,
            "rename_constraint" => rename(&mut sql, " RENAME CONSTRAINT ", fields)?,
            "rename_table" => {
                let to = fields.needed_ident("to")?;
                sql.words(" RENAME TO ").ident(&to);
                renamed = Some(to);
            }
            "add_constraint" => {
                let value =
                    fields.take("constraint").ok_or_else(|| fields.missing("constraint"))?;
                let rule = Constraint::read(Fields::within(value, fields.path("constraint"))?)?;
                sql.words(" ADD ");
                rule.write(&mut sql);
            }
            "drop_constraint" => {
                let name = fields.needed_ident("name")?;
                sql.words(" DROP CONSTRAINT ");
                dropped(&mut sql, &name, fields)?;
            }
            _ => alter_column(operation, &mut sql, fields)?,
        }
        Ok((sql.finish(), renamed))
    }

    fn add_column(&self, sql: &mut Sql, fields: &mut Fields) -> Result<(), DdlError> {
        let value = fields.take("column").ok_or_else(|| fields.missing("column"))?;
        let column = Column::of(value, fields.path("column"))?;
        let if_not_exists = fields.flag("if_not_exists", false)?;
        sql.words(" ADD COLUMN ").words_if(if_not_exists, "IF NOT EXISTS ");
        column.write(sql);
        Ok(())
    }

    fn drop_column(&self, sql: &mut Sql, fields: &mut Fields) -> Result<(), DdlError> {
        let column = fields.needed_ident("column_name")?;
        let path = fields.path("column_name");
        keep_automatic(self.table, &column, self.has_automatic, &path)?;
        sql.words(" DROP COLUMN ");
        dropped(sql, &column, fields)
    }
}

fn rename(sql: &mut Sql, words: &'static str, fields: &mut Fields) -> Result<(), DdlError> {
    let (from, to) = (fields.needed_ident("from")?, fields.needed_ident("to")?);
    sql.words(words).ident(&from).words(" TO ").ident(&to);
    Ok(())
}

fn dropped(sql: &mut Sql, name: &Ident, fields: &mut Fields) -> Result<(), DdlError> {
    sql.words_if(fields.flag("if_exists", false)?, "IF EXISTS ").ident(name);
    sql.words(if fields.flag("cascade", false)? { " CASCADE" } else { " RESTRICT" });
    Ok(())
}

fn alter_column(operation: &str, sql: &mut Sql, fields: &mut Fields) -> Result<(), DdlError> {
    let column = fields.needed_ident("column_name")?;
    sql.words(" ALTER COLUMN ").ident(&column);
    match operation {
        "set_not_null" => sql.words(" SET NOT NULL"),
        "drop_not_null" => sql.words(" DROP NOT NULL"),
        "drop_default" => sql.words(" DROP DEFAULT"),
        "set_default" => {
            let value = fields.take("default_expression");
            let value = value.ok_or_else(|| fields.missing("default_expression"))?;
            let path = fields.path("default_expression");
            sql.words(" SET DEFAULT ");
            Expression::of(value, &path, Scope::Constants)?.write(sql);
            sql
        }
        _ => {
            let text = fields.needed_text("data_type")?;
            sql.words(" TYPE ");
            TypeName::at(&text, &fields.path("data_type"))?.write(sql);
            if let Some(value) = fields.take("using") {
                sql.words(" USING ");
                Expression::of(value, &fields.path("using"), Scope::Columns)?.write(sql);
            }
            sql
        }
    };
    Ok(())
}
