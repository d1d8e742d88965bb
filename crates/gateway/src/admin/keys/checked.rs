//! What administrators type, checked field by field.

use super::KeysError;
use api_types::ClientName;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};
use uuid::Uuid;

const NAME_LIMIT: usize = 200;
const TEXT_LIMIT: usize = 2_000;
/// Long enough for the slowest roll-out.
pub(super) const OVERLAP_LIMIT: u64 = 30 * 24 * 60 * 60;

pub(in crate::admin) fn name(typed: &str) -> Result<String, KeysError> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(KeysError::NameRequired);
    }
    within("name", name, NAME_LIMIT)?;
    Ok(name.to_owned())
}

/// A text of blanks is none.
pub(in crate::admin) fn text(
    field: &'static str,
    typed: Option<String>,
) -> Result<Option<String>, KeysError> {
    let text = typed.filter(|text| !text.trim().is_empty());
    within(field, text.as_deref().unwrap_or_default(), TEXT_LIMIT)?;
    Ok(text)
}

fn within(field: &'static str, text: &str, limit: usize) -> Result<(), KeysError> {
    // PostgreSQL cannot store a NUL, and says so too late.
    if text.chars().count() > limit || text.contains('\0') {
        return Err(KeysError::BadText { field, limit });
    }
    Ok(())
}

pub(super) fn client(name: String) -> Result<String, KeysError> {
    let parsed = ClientName::parse(&name).map_err(|_no_name| KeysError::BadClient { name })?;
    Ok(parsed.to_string())
}

pub(super) fn moment(field: &'static str, text: &str) -> Result<SystemTime, KeysError> {
    let moment: Timestamp = text
        .trim()
        .parse()
        .map_err(|_no_moment| KeysError::BadTimestamp { field, text: text.to_owned() })?;
    Ok(SystemTime::from(moment))
}

pub(super) fn future(text: &str) -> Result<SystemTime, KeysError> {
    let moment = moment("expires_at", text)?;
    if moment <= SystemTime::now() {
        return Err(KeysError::ExpiryPassed);
    }
    Ok(moment)
}

pub(in crate::admin) fn id_of(text: &str) -> Result<Uuid, KeysError> {
    Uuid::parse_str(text.trim()).map_err(|_no_uuid| KeysError::BadId { text: text.to_owned() })
}

pub(crate) fn overlap(seconds: u64) -> Result<Duration, KeysError> {
    if seconds > OVERLAP_LIMIT {
        return Err(KeysError::OverlapTooLong { limit: OVERLAP_LIMIT });
    }
    Ok(Duration::from_secs(seconds))
}
