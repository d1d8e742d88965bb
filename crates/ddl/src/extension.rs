//! `POST /management/extensions/install`

use crate::{
    Policy,
    change::{Change, Guard, Kind, Object, Request},
    error::{DdlError, shown},
    fields::{Fields, ident, open_schema},
    sql::Sql,
};
use serde_json::Value;

pub fn install_extension(body: Value, policy: &Policy) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let text = fields.needed_text("extension_name")?;
    let path = fields.path("extension_name");
    // Names of extensions are no plain words: there is `uuid-ossp`.
    if !policy.extensions.contains(&text) {
        let (value, allowed) = (shown(&text), policy.extensions.clone());
        return Err(DdlError::NotAllowed { path, value, allowed });
    }
    let name = ident(&text, &path)?;
    let schema = match fields.ident("schema_name")? {
        Some(schema) => Some(open_schema(schema, &fields.path("schema_name"))?),
        None => None,
    };
    let if_not_exists = fields.flag("if_not_exists", false)?;
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let mut sql = Sql::new("CREATE EXTENSION ");
    sql.words_if(if_not_exists, "IF NOT EXISTS ").ident(&name);
    if let Some(schema) = &schema {
        sql.words(" SCHEMA ").ident(schema);
    }
    let mut change = Change::new(Kind::InstallExtension, schema, name.clone());
    change.rights.push(&["management.extensions.write"]);
    if if_not_exists {
        change.guard = Guard::UnlessThere(Object::Extension(name));
    }
    change.statements.push(sql.finish());
    Ok(Request { change, dry_run })
}
