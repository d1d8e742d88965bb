//! Which names a client may be given at run time.

use crate::Invalid;
use api_types::ClientName;

/// Letters of a name that is given at run time.
pub const NAME_LIMIT: usize = 63;

/// Words that stand in the same place of an address as a name.
const RESERVED: [&str; 5] = ["default", "test", "drivers", "events", "statistics"];

/// A name for a new client. `taken_words` are names this server keeps for itself.
pub fn check_name(text: &str, taken_words: &[ClientName]) -> Result<ClientName, Invalid> {
    let is_first = |c: char| c.is_ascii_lowercase() || c == '_';
    let fits = text.starts_with(is_first)
        && text.len() <= NAME_LIMIT
        && text.chars().all(|c| is_first(c) || c.is_ascii_digit());
    if !fits {
        return Err(Invalid::at(
            "name",
            "has at most 63 small letters, digits and _, and begins with no digit",
        ));
    }
    let name = ClientName::parse(text).map_err(|error| Invalid::at("name", error.to_string()))?;
    if RESERVED.contains(&name.as_str()) || taken_words.contains(&name) {
        return Err(Invalid::at("name", "is reserved"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_wrong_letters_is_refused() {
        for text in ["", "Crm", "1a", "a-b", "a b", "a.b", "é", &"a".repeat(64)] {
            assert!(check_name(text, &[]).is_err(), "{text}");
        }
        for text in ["crm", "_x", "a1_b", &"a".repeat(63)] {
            assert!(check_name(text, &[]).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_reserved_name_is_refused() {
        let own = [ClientName::parse("athena_logging").unwrap()];
        for text in ["default", "test", "drivers", "events", "athena_logging"] {
            let refused = check_name(text, &own).unwrap_err();
            assert_eq!(refused.issues[0].message, "is reserved");
        }
    }
}
