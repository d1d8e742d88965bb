//! Clients whose databases belong to somebody else.

use crate::{Mistake, fields::Fields};

/// What holds for such a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// It never keeps the server from starting.
    pub is_only_validated: bool,
    /// Schemas that are seen at all; every one when absent.
    pub allowed_schemas: Option<Vec<String>>,
    pub allow_writes: bool,
    pub query_timeout_ms: u64,
    pub on_mismatch: OnMismatch,
    pub check_on_boot: bool,
    pub check_interval_ms: Option<u64>,
    pub require_reachable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMismatch {
    Fail,
    Warn,
    Ignore,
}

impl OnMismatch {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Ignore => "ignore",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Fail, Self::Warn, Self::Ignore].into_iter().find(|one| one.as_str() == text)
    }
}

#[derive(Default)]
pub(crate) struct RawExternal {
    allowed_schemas: Option<Vec<String>>,
    allow_writes: Option<bool>,
    query_timeout_ms: Option<u64>,
    on_mismatch: Option<String>,
    check_on_boot: Option<bool>,
    check_interval_ms: Option<u64>,
    require_reachable: Option<bool>,
}

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 86_400_000;

impl RawExternal {
    pub(crate) fn read(mut fields: Fields<'_, '_>, path: &str) -> Self {
        let mut raw = Self {
            allowed_schemas: fields.texts("allowed_schemas"),
            allow_writes: fields.flag("allow_writes"),
            query_timeout_ms: fields.number("query_timeout_ms", 1..=HOUR_MS),
            ..Self::default()
        };
        if let Some(node) = fields.take("validation") {
            let path = format!("{path}.validation");
            let mut fields = Fields::of(node, &path, fields.mistakes());
            raw.on_mismatch = fields.text("on_mismatch");
            raw.check_on_boot = fields.flag("check_on_boot");
            raw.check_interval_ms = fields.number("check_interval_ms", 1..=DAY_MS);
            raw.require_reachable = fields.flag("require_reachable");
            fields.finish();
        }
        fields.finish();
        raw
    }
}

/// None for a client that is managed. The two settings must agree.
pub(crate) fn resolve(
    mode: Option<&str>,
    raw: Option<RawExternal>,
    what: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<External> {
    let mut refuse = |message: &str| mistakes.push(Mistake::new(format!("{what} {message}")));
    let is_only_validated = match (mode.unwrap_or("managed"), &raw) {
        ("managed", None) => return None,
        ("managed", Some(_)) => {
            refuse("has external; that takes schema_mode: external or validate-only");
            return None;
        }
        ("external", _) => false,
        ("validate-only", _) => true,
        _ => {
            refuse("has a schema_mode that is not managed, external or validate-only");
            return None;
        }
    };
    let raw = raw.unwrap_or_default();
    let on_mismatch = raw.on_mismatch.as_deref().map_or(Some(OnMismatch::Fail), OnMismatch::of);
    if on_mismatch.is_none() {
        refuse("has an external.validation.on_mismatch that is not fail, warn or ignore");
    }
    Some(External {
        is_only_validated,
        allowed_schemas: raw.allowed_schemas,
        allow_writes: raw.allow_writes.unwrap_or(false),
        query_timeout_ms: raw.query_timeout_ms.unwrap_or(30_000),
        on_mismatch: on_mismatch.unwrap_or(OnMismatch::Fail),
        check_on_boot: raw.check_on_boot.unwrap_or(true),
        check_interval_ms: raw.check_interval_ms,
        require_reachable: raw.require_reachable.unwrap_or(false),
    })
}
