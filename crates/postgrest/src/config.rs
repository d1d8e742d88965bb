//! What decides how a client answers on this surface, as far as the language needs to know.

/// How a transaction ends, and whether a request may wish otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxEnd {
    Commit,
    CommitAllowOverride,
    Rollback,
    RollbackAllowOverride,
}

/// What the document at the root shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenApiMode {
    FollowPrivileges,
    IgnorePrivileges,
    Disabled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestConfig {
    /// The exposed schemas; the first is the default one.
    pub schemas: Vec<String>,
    pub extra_search_path: Vec<String>,
    pub max_rows: Option<u64>,
    pub aggregates_enabled: bool,
    pub plan_enabled: bool,
    pub tx_end: TxEnd,
    pub openapi_mode: OpenApiMode,
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            schemas: vec!["public".to_owned()],
            extra_search_path: vec!["public".to_owned()],
            max_rows: None,
            aggregates_enabled: false,
            plan_enabled: false,
            tx_end: TxEnd::Commit,
            openapi_mode: OpenApiMode::FollowPrivileges,
        }
    }
}

impl TxEnd {
    pub fn may_override(self) -> bool {
        matches!(self, Self::CommitAllowOverride | Self::RollbackAllowOverride)
    }

    pub fn commits(self) -> bool {
        matches!(self, Self::Commit | Self::CommitAllowOverride)
    }
}
