//! Tables of ours in a client's database.

/// One step, as the control store has it.
#[derive(Debug, Clone, Copy)]
pub struct Migration<'a> {
    pub version: i64,
    pub description: &'a str,
    pub sql: &'a str,
    pub checksum: &'a [u8],
}

/// What came of all steps together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migrated {
    /// These were taken, which may be none.
    Applied(Vec<i64>),
    /// Nothing was done: this step is there, and was another.
    Altered(i64),
    /// Nothing was done: this step is of a newer version.
    Newer(i64),
}
