//! Values in a statement's text, where none can be bound. Of the value itself only hexadecimal digits
//! reach the text, so there is nothing in it that could end the literal, whatever the session's settings.

use std::fmt::Write;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A literal without a type, which becomes what its place asks for: `E'\x31\u20ac'`.
///
/// Characters beyond ASCII by their number, so that it means the same in every encoding.
pub(super) fn untyped(value: &str, out: &mut String) {
    out.reserve(value.len() * 4 + 3);
    out.push_str("E'");
    for character in value.chars() {
        // Writing to a String cannot fail.
        let _ = match u32::from(character) {
            byte @ 0..=0x7f => {
                out.push_str("\\x");
                digits(&[byte as u8], out);
                Ok(())
            }
            code @ 0x80..=0xffff => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        };
    }
    out.push('\'');
}

/// Text in an expression: half as long, and more to work out.
pub(super) fn text(value: &[u8], out: &mut String) {
    out.push_str("pg_catalog.convert_from(");
    bytes(value, out);
    out.push_str(", 'UTF8')");
}

pub(super) fn bytes(value: &[u8], out: &mut String) {
    out.reserve(value.len() * 2 + 64);
    out.push_str("pg_catalog.decode('");
    digits(value, out);
    out.push_str("', 'hex')");
}

fn digits(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "x'; DROP TABLE y; --\\\n\0é€😀";

    #[test]
    fn of_a_value_only_hexadecimal_digits_reach_the_text() {
        let mut out = String::new();
        untyped(NASTY, &mut out);
        let inner = out.strip_prefix("E'").and_then(|rest| rest.strip_suffix('\'')).unwrap();
        for escape in inner.split('\\').skip(1) {
            let (kind, digits) = escape.split_at(1);
            let length = [("x", 2), ("u", 4), ("U", 8)].iter().find(|one| one.0 == kind).unwrap().1;
            assert!(digits.len() == length && is_hexadecimal(digits), "{escape}");
        }
        assert!(inner.starts_with("\\x78\\x27\\x3b") && inner.ends_with("\\u20ac\\U0001f600"));
    }

    #[test]
    fn so_it_is_in_an_expression() {
        let mut out = String::new();
        text(NASTY.as_bytes(), &mut out);
        let parts: Vec<_> = out.split('\'').collect();
        assert_eq!(parts[0], "pg_catalog.convert_from(pg_catalog.decode(");
        assert!(parts[1].starts_with("78273b") && is_hexadecimal(parts[1]));
        assert_eq!(parts[2..], [", ", "hex", "), ", "UTF8", ")"]);
    }

    fn is_hexadecimal(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}
