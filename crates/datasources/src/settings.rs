//! The parts of a record that every driver shares: pool, TLS, and how far a client is somebody else's.

use crate::{
    Invalid,
    form::{Field, Form, Shape},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// How many connections a client is worth. What is absent is the driver's to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_timeout_millis: Option<u64>,
}

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ssl {
    #[serde(default)]
    pub enabled: bool,
    /// Whether the server's certificate is checked, its name included.
    #[serde(default = "yes")]
    pub reject_unauthorized: bool,
    /// PEM of the authority that is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// What holds for a database whose structure is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct External {
    /// Schemas that are seen at all; every one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_schemas: Option<Vec<String>>,
    #[serde(default)]
    pub allow_writes: bool,
    #[serde(default)]
    pub validation: Validation,
    #[serde(default = "query_timeout")]
    pub query_timeout_ms: u64,
}

/// What happens when the remote structure is not what a resource expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    #[serde(default)]
    pub on_mismatch: OnMismatch,
    #[serde(default = "yes")]
    pub check_on_boot: bool,
    /// How often to look again; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_interval_ms: Option<u64>,
    #[serde(default)]
    pub require_reachable: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMismatch {
    Ignore,
    Warn,
    #[default]
    Fail,
}

fn yes() -> bool {
    true
}

fn query_timeout() -> u64 {
    30_000
}

impl Default for External {
    fn default() -> Self {
        Self {
            allowed_schemas: None,
            allow_writes: false,
            validation: Validation::default(),
            query_timeout_ms: query_timeout(),
        }
    }
}

impl Default for Validation {
    fn default() -> Self {
        Self {
            on_mismatch: OnMismatch::default(),
            check_on_boot: true,
            check_interval_ms: None,
            require_reachable: false,
        }
    }
}

impl External {
    /// Whether a remote schema may be seen; everybody who looks at remote tables asks here.
    pub fn allows_schema(&self, schema: &str) -> bool {
        self.allowed_schemas
            .as_ref()
            .is_none_or(|allowed| allowed.iter().any(|name| name == schema))
    }
}

impl Validation {
    /// More often than this nobody looks.
    pub const LEAST_INTERVAL_MS: u64 = 5_000;

    /// How often to look, clamped.
    pub fn interval_ms(&self) -> Option<u64> {
        self.check_interval_ms.map(|every| every.max(Self::LEAST_INTERVAL_MS))
    }
}

/// An hour: nobody waits longer.
const LONG_MS: u64 = 3_600_000;
const DAY_MS: u64 = 86_400_000;

pub(crate) static POOL: Form = Form {
    fields: &[
        Field::new("min", Shape::Whole { least: 0, most: 1_000 }, "Least connections").or("0"),
        Field::new("max", Shape::Whole { least: 1, most: 1_000 }, "Most connections").or("10"),
        Field::new(
            "idleTimeoutMillis",
            Shape::Whole { least: 1_000, most: DAY_MS },
            "How long an idle connection is kept",
        )
        .or("30000"),
        Field::new(
            "connectionTimeoutMillis",
            Shape::Whole { least: 100, most: LONG_MS },
            "How long connecting may take",
        )
        .or("3000"),
    ],
    misplaced: &[],
};

pub(crate) static SMALL_POOL: Form = Form {
    fields: &[
        Field::new("min", Shape::Whole { least: 0, most: 1_000 }, "Least connections").or("0"),
        Field::new("max", Shape::Whole { least: 1, most: 1_000 }, "Most connections").or("10"),
    ],
    misplaced: &[],
};

pub(crate) static SSL: Form = Form {
    fields: &[
        Field::new("enabled", Shape::Flag, "Encrypt the connection").or("false"),
        Field::new("rejectUnauthorized", Shape::Flag, "Check the server's certificate").or("true"),
        Field::new("ca", Shape::LongText, "Certificate of the authority, as PEM"),
    ],
    misplaced: &[
        ("key", "client certificates are not taken here yet; use a password"),
        ("cert", "client certificates are not taken here yet; use a password"),
    ],
};

static VALIDATION: Form = Form {
    fields: &[
        Field::new("onMismatch", Shape::OneOf(&["fail", "warn", "ignore"]), "When it differs")
            .or("\"fail\""),
        Field::new("checkOnBoot", Shape::Flag, "Check at start").or("true"),
        Field::new(
            "checkIntervalMs",
            Shape::Whole { least: 1, most: 30 * DAY_MS },
            "Check again every so many milliseconds",
        ),
        Field::new("requireReachable", Shape::Flag, "Do not start without it").or("false"),
    ],
    misplaced: &[],
};

pub(crate) static EXTERNAL: Form = Form {
    fields: &[
        Field::new("allowedSchemas", Shape::Texts, "Schemas that are seen"),
        Field::new("allowWrites", Shape::Flag, "Let resources be written").or("false"),
        Field::new("validation", Shape::Object(&VALIDATION), "Validation"),
        Field::new(
            "queryTimeoutMs",
            Shape::Whole { least: 1, most: LONG_MS },
            "The longest a query runs",
        )
        .or("30000"),
    ],
    misplaced: &[
        ("readonly", "say allowWrites: false"),
        ("onmismatch", "put it into validation"),
        ("checkonboot", "put it into validation"),
        ("checkintervalms", "put it into validation"),
        ("requirereachable", "put it into validation"),
        ("credentialsref", "the server sets it; send a secret"),
    ],
};

/// An object of a known form as its type; `None` when something is wrong, which is told.
pub(crate) fn read<T: DeserializeOwned>(
    form: &Form,
    path: &str,
    value: &Value,
    wrong: &mut Invalid,
) -> Option<T> {
    let Value::Object(object) = value else {
        wrong.add(path, "must be an object");
        return None;
    };
    let before = wrong.issues.len();
    form.check(path, object, wrong);
    if wrong.issues.len() > before {
        return None;
    }
    typed(path, object, wrong)
}

fn typed<T: DeserializeOwned>(
    path: &str,
    object: &Map<String, Value>,
    wrong: &mut Invalid,
) -> Option<T> {
    match serde_json::from_value(Value::Object(object.clone())) {
        Ok(value) => Some(value),
        Err(_quoting) => {
            wrong.add(path, "cannot be understood");
            None
        }
    }
}
