//! `userId` and `user_id`.

/// How the members of answered rows are spelled. Names the caller gave by `AS` stay as they are, and
/// so does what stands inside a JSON column: that is data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResponseCase {
    #[default]
    AsIs,
    Snake,
    Camel,
}

impl ResponseCase {
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "as_is" | "as-is" => Some(Self::AsIs),
            "snake" | "snake_case" => Some(Self::Snake),
            "camel" | "camelcase" => Some(Self::Camel),
            _ => None,
        }
    }

    /// What [`parse`](Self::parse) takes.
    pub fn word(self) -> &'static str {
        match self {
            Self::AsIs => "as_is",
            Self::Snake => "snake",
            Self::Camel => "camel",
        }
    }

    pub(crate) fn spell(self, name: &str) -> String {
        match self {
            Self::AsIs => name.to_owned(),
            Self::Snake => to_snake(name),
            Self::Camel => to_camel(name),
        }
    }
}

/// Letters, digits and underscores, and no digit in front.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `HTTPResponse` becomes `http_response`; a name that is no identifier stays.
pub(crate) fn to_snake(name: &str) -> String {
    if !is_identifier(name) {
        return name.to_owned();
    }
    let bytes = name.as_bytes();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let is_upper = |byte: u8| byte.is_ascii_uppercase();
        if is_upper(*byte) && before.is_some_and(|before| before != b'_') {
            let follows_small = before.is_some_and(|before| !is_upper(before));
            let ends_a_run = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            if follows_small || ends_a_run {
                snake.push('_');
            }
        }
        snake.push(char::from(byte.to_ascii_lowercase()));
    }
    snake
}

/// `user_id` becomes `userId`. Underscores at both ends and doubled ones stay.
fn to_camel(name: &str) -> String {
    if !is_identifier(name) {
        return name.to_owned();
    }
    let inner = name.trim_start_matches('_');
    let mut camel = name[..name.len() - inner.len()].to_owned();
    for (at, part) in inner.split('_').enumerate() {
        match (at, part.as_bytes().first()) {
            (0, _) => camel.push_str(part),
            (_, None) => camel.push('_'),
            (_, Some(first)) => {
                camel.push(char::from(first.to_ascii_uppercase()));
                camel.push_str(&part[1..]);
            }
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_becomes_snake_case_and_back() {
        for (camel, snake) in [
            ("userId", "user_id"),
            ("HTTPResponse", "http_response"),
            ("workspaceID", "workspace_id"),
            ("line2Total", "line2_total"),
            ("already_snake", "already_snake"),
            ("user_ID", "user_id"),
            ("ID", "id"),
            ("_privateKey", "_private_key"),
            ("CreatedAt", "created_at"),
            ("Line Total", "Line Total"),
            ("größeCm", "größeCm"),
            ("", ""),
        ] {
            assert_eq!(to_snake(camel), snake);
        }
        for (snake, camel) in [
            ("user_id", "userId"),
            ("_private_key", "_privateKey"),
            ("a__b_", "a_B_"),
            ("line_1", "line1"),
            ("userId", "userId"),
            ("odd name", "odd name"),
        ] {
            assert_eq!(to_camel(snake), camel);
        }
    }
}
