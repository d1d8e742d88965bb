//! `key=value&key=value`, as query strings and forms have it.

/// The pairs in their order; a key without an equals sign has no value.
pub(super) fn pairs(text: &str) -> Vec<(String, Option<String>)> {
    let parts = text.split(['&', ';']).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((key, value)) => (decoded(key), Some(decoded(value))),
            None => (decoded(part), None),
        })
        .collect()
}

/// Percent signs that begin no escape stand for themselves; what is not UTF-8 is replaced.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        out.push(match byte {
            b'+' => b' ',
            b'%' => match bytes.get(at..at + 2).and_then(hex) {
                Some(decoded) => {
                    at += 2;
                    decoded
                }
                None => b'%',
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (&[high, low], ..) = (digits,) else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Everything but letters, digits and `-_.~` is escaped.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out
}
