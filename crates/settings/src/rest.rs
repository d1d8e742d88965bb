//! How one client answers on the PostgREST surface.

mod raw;

pub(crate) use raw::RawRest;

use crate::Secret;

/// How a transaction ends, and whether a request may wish otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxEnd {
    Commit,
    CommitAllowOverride,
    Rollback,
    RollbackAllowOverride,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenApiMode {
    /// What the caller's role may use.
    FollowPrivileges,
    IgnorePrivileges,
    Disabled,
}

#[derive(Clone)]
pub struct Rest {
    /// PostgREST's contract; otherwise the older answers in `{data: […]}`.
    pub postgrest_mode: bool,
    /// The exposed schemas; the first is the default one. Any when there are none.
    pub schemas: Vec<String>,
    pub extra_search_path: Vec<String>,
    /// The role of requests without a token; when there is none, that of the connection.
    pub anon_role: Option<String>,
    /// A secret, a JWK or a set of them; without one there are no tokens.
    pub jwt_secret: Option<Secret>,
    pub jwt_secret_is_base64: bool,
    pub jwt_aud: Option<String>,
    pub jwt_role_claim_key: String,
    /// A token alone opens the door; no API key is asked for.
    pub jwt_only: bool,
    /// None only where the settings say so; otherwise the gateway's own.
    pub max_rows: Option<u64>,
    pub aggregates_enabled: bool,
    pub plan_enabled: bool,
    pub tx_end: TxEnd,
    /// A function that is called before each statement.
    pub pre_request: Option<String>,
    pub openapi_mode: OpenApiMode,
    /// Settings that SQL can read.
    pub app_settings: Vec<(String, String)>,
    /// Settings of a function that hold for the transaction that calls it.
    pub hoisted_tx_settings: Vec<String>,
}

impl Default for Rest {
    fn default() -> Self {
        let public = || vec!["public".to_owned()];
        Self {
            postgrest_mode: true,
            schemas: Vec::new(),
            extra_search_path: public(),
            anon_role: None,
            jwt_secret: None,
            jwt_secret_is_base64: false,
            jwt_aud: None,
            jwt_role_claim_key: ".role".to_owned(),
            jwt_only: false,
            max_rows: None,
            aggregates_enabled: false,
            plan_enabled: false,
            tx_end: TxEnd::Commit,
            pre_request: None,
            openapi_mode: OpenApiMode::FollowPrivileges,
            app_settings: Vec::new(),
            hoisted_tx_settings: ["statement_timeout", "plan_filter.statement_cost_limit"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

impl TxEnd {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let all =
            [Self::Commit, Self::CommitAllowOverride, Self::Rollback, Self::RollbackAllowOverride];
        all.into_iter().find(|end| end.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::CommitAllowOverride => "commit-allow-override",
            Self::Rollback => "rollback",
            Self::RollbackAllowOverride => "rollback-allow-override",
        }
    }
}

impl OpenApiMode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let all = [Self::FollowPrivileges, Self::IgnorePrivileges, Self::Disabled];
        all.into_iter().find(|mode| mode.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::FollowPrivileges => "follow-privileges",
            Self::IgnorePrivileges => "ignore-privileges",
            Self::Disabled => "disabled",
        }
    }
}
