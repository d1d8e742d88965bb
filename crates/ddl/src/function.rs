//! Functions: made, replaced and dropped.

mod definition;
mod read;

use crate::{
    Policy,
    change::{Change, Guard, Kind, Object, Request},
    error::DdlError,
    fields::{Fields, open_schema},
    sql::Sql,
    type_name::TypeName,
};
use catalog::QualifiedName;
use definition::Function;
use serde_json::Value;

/// `PUT /management/functions`: `{ddl}`, one `CREATE OR REPLACE FUNCTION`.
pub fn put_function(body: Value, policy: &Policy) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let ddl = fields.needed_text("ddl")?;
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let unreadable = |reason| DdlError::Unreadable { path: "ddl".to_owned(), reason };
    let function = Function::parse(&ddl).map_err(unreadable)?;
    function.check(policy)?;
    open_schema(function.name.schema.clone(), "ddl")?;
    let QualifiedName { schema, name } = function.name.clone();
    let mut change = Change::new(Kind::UpsertFunction, Some(schema), name);
    change.rights.push(&["management.functions.write"]);
    change.signature = Some(function.signature());
    change.statements.push(function.sql());
    Ok(Request { change, dry_run })
}

/// `DELETE /management/functions`: `{schema_name?, function_name, arg_types?}`
pub fn drop_function(body: Value) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let function = fields.relation("function_name")?;
    let mut types = Vec::new();
    for (path, value) in fields.list("arg_types")? {
        let Value::String(text) = value else {
            return Err(DdlError::Invalid { path, expected: "a text" });
        };
        types.push(TypeName::at(&text, &path)?);
    }
    let if_exists = fields.flag("if_exists", false)?;
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let signature = signature(&function, &types);
    let mut sql = Sql::new("DROP FUNCTION ");
    sql.words_if(if_exists, "IF EXISTS ").append(&signature);
    sql.words(" RESTRICT");
    let mut change =
        Change::new(Kind::DropFunction, Some(function.schema.clone()), function.name.clone());
    change.rights.push(&["management.functions.drop"]);
    change.signature = Some(shown_signature(&function, &types));
    if if_exists {
        change.guard = Guard::IfThere(Object::Function(signature.as_str().to_owned()));
    }
    change.statements.push(sql.finish());
    Ok(Request { change, dry_run })
}

fn signature(function: &QualifiedName, types: &[TypeName]) -> Sql {
    let mut sql = Sql::default();
    sql.name(function).words("(").list(types, |sql, one| one.write(sql)).words(")");
    sql
}

/// For people: names without quotes.
fn shown_signature(function: &QualifiedName, types: &[TypeName]) -> String {
    let types: Vec<String> = types.iter().map(TypeName::to_sql).collect();
    format!("{}({})", function.name, types.join(", "))
}
