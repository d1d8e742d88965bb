//! Where parameters stand in a text, by the rules of PostgreSQL's own scanner (`scan.l`, up to 14,
//! where letters may follow a number; with 16's underscores in numbers), read anew and byte by byte.

/// The bytes at which `$n` begins outside of quotes and comments; `None` when something never ends.
pub(crate) fn parameters(text: &str) -> Option<Vec<usize>> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        at = match &bytes[at..] {
            [b'-', b'-', ..] => line(bytes, at),
            [b'/', b'*', ..] => comment(bytes, at + 2)?,
            [b'e' | b'E', b'\'', ..] => escaped(bytes, at + 2)?,
            [b'\'', ..] => plain(bytes, at + 1, b'\'')?,
            [b'"', ..] => plain(bytes, at + 1, b'"')?,
            [b'$', digit, ..] if digit.is_ascii_digit() => {
                found.push(at);
                run(bytes, at + 1, |byte| byte.is_ascii_digit())
            }
            [b'$', ..] => dollar(bytes, at)?,
            [b'0'..=b'9', ..] => number(bytes, at),
            [b'.', digit, ..] if digit.is_ascii_digit() => number(bytes, at),
            [byte, ..] if begins(*byte) => run(bytes, at, |byte| continues(byte) || byte == b'$'),
            _ => at + 1,
        };
    }
    Some(found)
}

fn begins(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues(byte: u8) -> bool {
    begins(byte) || byte.is_ascii_digit()
}

fn run(bytes: &[u8], at: usize, fits: impl Fn(u8) -> bool) -> usize {
    at + bytes[at..].iter().take_while(|byte| fits(**byte)).count()
}

/// `1_0.5e-3`, as far as it is one.
fn number(bytes: &[u8], at: usize) -> usize {
    let digits = |at| run(bytes, at, |byte| byte.is_ascii_digit());
    let mut end = at;
    loop {
        end = match &bytes[end..] {
            [b'0'..=b'9', ..] => digits(end),
            [b'.', ..] => end + 1,
            [b'_', b'0'..=b'9', ..] => digits(end + 1),
            [b'e' | b'E', b'0'..=b'9', ..] => digits(end + 1),
            [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] => digits(end + 2),
            _ => return end,
        };
    }
}

fn line(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |byte| byte != b'\n' && byte != b'\r')
}

fn comment(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 1;
    while depth > 0 {
        (depth, at) = match bytes.get(at..)? {
            [b'/', b'*', ..] => (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth - 1, at + 2),
            [_, ..] => (depth, at + 1),
            [] => return None,
        };
    }
    Some(at)
}

fn plain(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let end = run(bytes, at, |byte| byte != quote);
    match bytes.get(end..)? {
        // A doubled one opens again what it closed.
        [first, second, ..] if first == second => plain(bytes, end + 2, quote),
        [_, ..] => Some(end + 1),
        [] => None,
    }
}

fn escaped(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = match bytes.get(at..)? {
            [b'\\', _, ..] | [b'\'', b'\'', ..] => at + 2,
            [b'\'', ..] => match again(bytes, at + 1) {
                Some(further) => further,
                None => return Some(at + 1),
            },
            [_, ..] => at + 1,
            [] => return None,
        };
    }
}

/// A quote behind blanks and whole lines of comment goes on with the text.
fn again(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = match bytes.get(at..)? {
            [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => at + 1,
            [b'-', b'-', ..] => line(bytes, at),
            [b'\'', ..] => return Some(at + 1),
            _ => return None,
        };
    }
}

fn dollar(bytes: &[u8], at: usize) -> Option<usize> {
    let end = run(bytes, at + 1, continues);
    if bytes.get(end) != Some(&b'$') {
        return Some(at + 1);
    }
    let tag = &bytes[at..=end];
    let inside = &bytes[end + 1..];
    let found = inside.windows(tag.len()).position(|window| window == tag)?;
    Some(end + 1 + found + tag.len())
}
