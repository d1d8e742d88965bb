//! Keys, rights and policies as the trail of deeds has them: without anything secret.

use serde_json::{Value, json};
use store::{KeyRecord, RightRecord};

pub(super) fn key_told(record: &KeyRecord) -> Value {
    json!({
        "public_id": record.public_id,
        "name": record.name,
        "description": record.description,
        "client_name": record.client_name,
        "expires_at": record.expires_at,
        "is_active": record.is_active,
        "previous_until": record.previous_until,
        "archived_at": record.archived_at,
        "rights": record.rights,
    })
}

pub(super) fn right_told(record: &RightRecord) -> Value {
    json!({ "name": record.name, "description": record.description })
}

pub(super) fn policy_told(enforced: bool) -> Value {
    json!({ "enforce_api_keys": enforced })
}
