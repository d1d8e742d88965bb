//! How a successful answer is laid out.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// The rows in `data`, with the rest beside them.
    #[default]
    Envelope,
    /// The rows alone, for clients that take every member of a body for one of theirs.
    Bare,
}
