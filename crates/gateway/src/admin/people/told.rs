//! People and organisations as the trail of deeds has them.

use serde_json::{Value, json};
use store::{OrganizationRecord, PersonRecord};

pub(super) fn person_told(record: &PersonRecord) -> Value {
    json!({
        "email": record.email,
        "display_name": record.display_name,
        "role": record.role,
        "is_active": record.is_active,
    })
}

pub(super) fn organization_told(record: &OrganizationRecord) -> Value {
    json!({ "name": record.name, "company_id": record.company_id })
}
