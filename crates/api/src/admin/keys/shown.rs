//! Keys, rights and policies as they are answered.

use gateway::admin::keys::{AuthRecord, ClientPolicy, GlobalPolicy, KeyRecord, RightRecord};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
pub(super) struct Key {
    id: String,
    public_id: String,
    name: String,
    description: Option<String>,
    client_name: Option<String>,
    expires_at: Option<String>,
    is_active: bool,
    last_used_at: Option<String>,
    created_at: String,
    updated_at: String,
    rotated_at: Option<String>,
    previous_secret_until: Option<String>,
    archived_at: Option<String>,
    rights: Vec<String>,
}

impl From<KeyRecord> for Key {
    fn from(record: KeyRecord) -> Self {
        Self {
            id: record.id,
            public_id: record.public_id,
            name: record.name,
            description: record.description,
            client_name: record.client_name,
            expires_at: record.expires_at,
            is_active: record.is_active,
            last_used_at: record.last_used_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
            rotated_at: record.rotated_at,
            previous_secret_until: record.previous_until,
            archived_at: record.archived_at,
            rights: record.rights,
        }
    }
}

pub(super) fn right(record: &RightRecord) -> Value {
    json!({
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    })
}

pub(super) fn global(policy: &GlobalPolicy) -> Value {
    json!({ "enforce_api_keys": policy.enforce_api_keys, "updated_at": policy.updated_at })
}

pub(super) fn client(policy: &ClientPolicy) -> Value {
    json!({
        "client_name": policy.client_name,
        "enforce_api_keys": policy.enforce_api_keys,
        "created_at": policy.created_at,
        "updated_at": policy.updated_at,
    })
}

pub(super) fn used(record: &AuthRecord) -> Value {
    // Both are arrays that the gateway wrote itself.
    let list = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    json!({
        "id": record.id,
        "time": record.time,
        "request_id": record.request_id,
        "api_key_public_id": record.api_key_public_id,
        "client_name": record.client_name,
        "method": record.method,
        "path": record.path,
        "presented_key_hash": record.presented_key_hash,
        "required_rights": list(&record.required_rights),
        "granted_rights": list(&record.granted_rights),
        "authenticated": record.authenticated,
        "authorized": record.authorized,
        "enforced": record.enforced,
        "failure_reason": record.reason,
        "remote_addr": record.remote_addr,
        "user_agent": record.user_agent,
    })
}
