//! What introspection is asked for.

/// The schemas a client exposes and what else decides which objects are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The exposed schemas; the first is the default one.
    pub schemas: Vec<String>,
    /// Schemas whose views may stand between an exposed view and its tables.
    pub extra_search_path: Vec<String>,
    /// Settings of a routine that are set for the transaction that calls it.
    pub hoisted_settings: Vec<String>,
}

impl Scope {
    /// One schema, and PostgREST's defaults for the rest.
    pub fn of(schema: &str) -> Self {
        Self {
            schemas: vec![schema.to_owned()],
            extra_search_path: vec!["public".to_owned()],
            hoisted_settings: ["statement_timeout", "plan_filter.statement_cost_limit"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}
