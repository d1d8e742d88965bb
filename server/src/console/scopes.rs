//! A resource as one person may use it.

use api_types::Problem;
use api_types::console::ResourceSpec;
use auth::{Caller, PermitError, Verb};
use catalog::{Ident, QualifiedName};
use resources::Resource;
use std::sync::Arc;

/// Refuse what the person's scopes do not name.
pub(super) fn may(caller: &Caller, verb: Verb, spec: &ResourceSpec) -> Result<(), Problem> {
    let relation = relation(spec)?;
    if caller.has_scope(verb, &relation) {
        return Ok(());
    }
    Err(PermitError::missing_scope(verb, &relation).problem())
}

/// What cannot be done is not offered: no button that ends in a refusal.
pub(super) fn narrowed(caller: &Caller, whole: Arc<Resource>) -> Result<Arc<Resource>, Problem> {
    may(caller, Verb::Read, &whole.spec)?;
    let allows = |verb| may(caller, verb, &whole.spec).is_ok();
    let (creates, updates) = (allows(Verb::Create), allows(Verb::Update));
    if creates && updates && allows(Verb::Delete) {
        return Ok(whole);
    }
    let mut narrow = Resource::clone(&whole);
    narrow.spec.can_create &= creates;
    // The form for a new row has these columns, too.
    if !updates && !creates {
        for column in &mut narrow.spec.columns {
            column.read_only.get_or_insert_with(|| "You may not change these rows.".to_owned());
        }
    }
    if !updates && !allows(Verb::Delete) {
        narrow.spec.read_only.get_or_insert_with(|| "You may only read these rows.".to_owned());
    }
    Ok(Arc::new(narrow))
}

fn relation(spec: &ResourceSpec) -> Result<QualifiedName, Problem> {
    // Both names are the database's own.
    let ident = |name: &str| {
        Ident::parse(name).map_err(|_odd| Problem::new(400, "invalid_name", "The name is odd"))
    };
    Ok(QualifiedName::new(ident(&spec.schema)?, ident(&spec.table)?))
}
