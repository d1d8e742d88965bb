//! `bytea` as it stands in text, in the two forms that `bytea_output` knows.

use bytes::Bytes;

/// What follows `\x`: two digits for each byte.
pub(super) fn hexadecimal(digits: &[u8]) -> Bytes {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
    let pairs = digits.chunks_exact(2);
    pairs.map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

/// Bytes as they are, but for `\\` and for `\nnn` in octal digits.
pub(super) fn octal(mut escaped: &[u8]) -> Bytes {
    let value = |digit: u8| char::from(digit).to_digit(8).unwrap_or(0) as u8;
    let mut bytes = Vec::with_capacity(escaped.len());
    loop {
        let (byte, rest) = match escaped {
            [] => return bytes.into(),
            [b'\\', b'\\', rest @ ..] => (b'\\', rest),
            [b'\\', a @ b'0'..=b'3', b, c, rest @ ..] => {
                (value(*a) << 6 | value(*b) << 3 | value(*c), rest)
            }
            [byte, rest @ ..] => (*byte, rest),
        };
        bytes.push(byte);
        escaped = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        assert_eq!(hexadecimal(b"00ff5C61"), &b"\0\xff\\a"[..]);
        assert_eq!(octal(b"\\000\\377\\\\a"), &b"\0\xff\\a"[..]);
        assert_eq!((hexadecimal(b""), octal(b"")), (Bytes::new(), Bytes::new()));
    }
}
