//! What holds for every request, whoever sent it.

use super::{ResponseCase, to_snake};

/// What a request may hold at most, and how names in it are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseOptions {
    pub max_conditions: usize,
    /// Members of one IN list.
    pub max_values: usize,
    /// How deep `and`, `or` and `not` may stand in each other.
    pub max_depth: usize,
    /// Rows of one insert.
    pub max_rows: usize,
    /// How deep embedded relations may stand in each other.
    pub max_embed_depth: usize,
    /// Embedded relations of one request, at any depth.
    pub max_embeds: usize,
    /// Read `userId` as `user_id` wherever a column is named.
    pub snake_case: bool,
    /// How the members of answered rows are spelled when the caller does not say.
    pub response_case: ResponseCase,
    /// Columns whose conditions hold whole numbers and nothing else, in snake case.
    pub numeric_columns: Vec<String>,
    /// A value that looks like a UUID never fails a column of another type; it equals nothing there.
    pub uuid_as_text: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            max_conditions: 100,
            max_values: 1_000,
            max_depth: 8,
            max_rows: 10_000,
            max_embed_depth: 5,
            max_embeds: 50,
            snake_case: false,
            response_case: ResponseCase::AsIs,
            numeric_columns: vec!["room_id".to_owned()],
            uuid_as_text: true,
        }
    }
}

impl ParseOptions {
    /// A column's name as it is meant.
    pub(super) fn name(&self, typed: String) -> String {
        if self.snake_case { to_snake(&typed) } else { typed }
    }
}
