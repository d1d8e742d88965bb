//! Whether a text is JSON, and where it stops being so. Small, because a browser loads it.

/// The place and the reason when `text` is not one JSON value.
pub fn fault(text: &str) -> Option<String> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    Some(format!("Line {}, column {}: {reason}.", error.line(), error.column()))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn a_fault_names_its_line() {
        assert_eq!(fault("{\"a\": [1, 2]}"), None);
        let fault = fault("{\n  \"a\": 1,\n}").unwrap();
        assert!(fault.starts_with("Line 3, column 1"), "{fault}");
    }
}
