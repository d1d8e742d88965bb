//! How a transaction is isolated from the others.

/// The SQL standard's levels, as far as PostgreSQL tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TransactionOptions {
    /// `None` is the database's own default.
    pub isolation: Option<Isolation>,
    pub read_only: bool,
    /// Wait for a moment at which a serializable read can neither fail nor disturb.
    pub deferrable: bool,
}
