//! Where the values stand in a statement of ours: `$1`, `$2`, … outside quotes.

use std::ops::Range;

/// One `$n`: which value, counted from 1, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) span: Range<usize>,
}

/// Our statements have no dollar quotes, no comments and no backslash escapes.
pub(super) fn places(sql: &str) -> Vec<Place> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut quote) = (0, None);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (quote, byte) {
            // A doubled quote ends and begins again at once.
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'$') => {
                let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if let Ok(number) = sql[at..at + digits].parse() {
                    found.push(Place { number, span: at - 1..at + digits });
                }
                at += digits;
            }
            (None, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_outside_quotes_only() {
        let sql = r#"select "a$1""$1", 'x''$1' where b = $1 and "c" in ($12,$2)"#;
        let numbers: Vec<_> = places(sql).into_iter().map(|place| place.number).collect();
        assert_eq!(numbers, [1, 12, 2]);
        let last = places(sql).pop().unwrap();
        assert_eq!(&sql[last.span], "$2");
        assert_eq!(places("€ $1 $").len(), 1);
    }
}
