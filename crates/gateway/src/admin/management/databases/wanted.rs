//! What is wanted of a new database beside itself.

use crate::admin::management::{
    ManagementError,
    body::{finish, flag, ident, text},
};
use catalog::Ident;
use serde::Serialize;
use serde_json::{Map, Value};

/// Who owns the database. The password is there when it was made here.
#[derive(Serialize)]
pub(super) struct RoleMade {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// A user of their own for the new database.
pub(super) struct RoleWanted {
    name: Option<Ident>,
    password: Option<String>,
}

/// The user as it was made. Its password is for the connection alone.
pub(super) struct Owner {
    pub(super) name: Ident,
    pub(super) password: String,
    pub(super) is_new: bool,
}

/// What is wanted of a new database beside itself.
pub(super) struct Wanted {
    pub(super) role: Option<RoleWanted>,
    pub(super) provision_schema: bool,
    pub(super) register_runtime: bool,
    pub(super) register_catalog: Option<bool>,
    pub(super) register_name: Option<String>,
}

impl RoleWanted {
    /// `{role: {name?, password?}}`, or `role: true` for one with the database's name.
    fn take(body: &mut Map<String, Value>) -> Result<Option<Self>, ManagementError> {
        let field = "role";
        let mut role = match body.shift_remove(field) {
            None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
            Some(Value::Bool(true)) => Map::new(),
            Some(Value::Object(role)) => role,
            Some(_) => {
                let expected = "true, or an object with name and password";
                return Err(ManagementError::Invalid { field, expected });
            }
        };
        let name = match text(&mut role, "name")? {
            Some(name) => Some(ident("role.name", &name)?),
            None => None,
        };
        let password = text(&mut role, "password")?;
        // Others are normalised by the database in ways of its own.
        let fits = |text: &String| text.len() >= 12 && text.bytes().all(|b| b.is_ascii_graphic());
        if password.as_ref().is_some_and(|password| !fits(password)) {
            let expected = "at least 12 visible characters of ASCII";
            return Err(ManagementError::Invalid { field: "role.password", expected });
        }
        finish(role)?;
        Ok(Some(Self { name, password }))
    }

    /// The database is to be theirs.
    pub(super) fn owner(self, body: &mut Map<String, Value>) -> Result<Owner, ManagementError> {
        if body.contains_key("owner") {
            return Err(ManagementError::OneOf { first: "role", second: "owner" });
        }
        let database = body.get("database_name").and_then(Value::as_str).unwrap_or_default();
        let name = match self.name {
            Some(name) => name,
            None => ident("database_name", &database.trim().to_ascii_lowercase())?,
        };
        body.insert("owner".to_owned(), name.as_str().into());
        let is_new = self.password.is_none();
        let password = self.password.unwrap_or_else(auth::new_password);
        Ok(Owner { name, password, is_new })
    }
}

impl Owner {
    pub(super) fn shown(self, is_dry: bool) -> RoleMade {
        let password = (self.is_new && !is_dry).then_some(self.password);
        RoleMade { name: self.name.to_string(), password }
    }
}

impl Wanted {
    pub(super) fn take(body: &mut Map<String, Value>) -> Result<Self, ManagementError> {
        // Kept for people; there is nothing here to keep it in.
        text(body, "description")?;
        Ok(Self {
            role: RoleWanted::take(body)?,
            provision_schema: flag(body, "provision_schema")?.unwrap_or(true),
            register_runtime: flag(body, "register_runtime")?.unwrap_or(true),
            register_catalog: flag(body, "register_catalog")?,
            register_name: text(body, "register_name")?,
        })
    }
}
