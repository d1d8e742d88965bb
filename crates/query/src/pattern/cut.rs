//! A body with the literals of its conditions taken out.

use uuid::Uuid;

/// Longer texts are not looked at twice.
const LONGEST: usize = 256;

/// What stands behind `"value":` where that is one plain literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal<'a> {
    Whole(i64),
    /// In lower case with its dashes; what else reads as a uuid is left where it is.
    Uuid(&'a str),
    Text(&'a str),
}

/// A body in two parts: its literals, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'a> {
    rest: Vec<u8>,
    /// Where in the rest each literal was.
    gaps: Vec<usize>,
    literals: Vec<Literal<'a>>,
}

impl Literal<'_> {
    /// Stands in a literal's place. JSON has none of these bytes, so no body that is JSON has them.
    fn mark(self) -> u8 {
        match self {
            Self::Whole(_) => 1,
            Self::Uuid(_) => 2,
            Self::Text(_) => 3,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Whole(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Self::Uuid(text) | Self::Text(text) => {
                out.push(b'"');
                out.extend_from_slice(text.as_bytes());
                out.push(b'"');
            }
        }
    }
}

impl<'a> Cut<'a> {
    /// Nothing for what cannot be JSON. What it is otherwise is for others to find out.
    pub fn of(body: &'a [u8]) -> Option<Self> {
        let mut cut = Self { rest: Vec::with_capacity(body.len()), gaps: vec![], literals: vec![] };
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = body[at..].iter().position(|byte| *byte == b'"') {
            let begin = at + found + 1;
            let end = begin + string_end(&body[begin..])?;
            at = end + 1;
            if &body[begin..end] != b"value" {
                continue;
            }
            let Some(start) = behind_colon(body, at) else { continue };
            let Some((literal, end)) = literal(body, start) else { continue };
            cut.rest.extend_from_slice(&body[copied..start]);
            cut.gaps.push(cut.rest.len());
            cut.rest.push(literal.mark());
            cut.literals.push(literal);
            (copied, at) = (end, end);
        }
        cut.rest.extend_from_slice(&body[copied..]);
        Some(cut)
    }

    /// The same for every body that differs in its literals only.
    pub fn rest(&self) -> &[u8] {
        &self.rest
    }

    pub fn literals(&self) -> &[Literal<'a>] {
        &self.literals
    }

    /// The body with another literal in this place.
    pub(super) fn with(&self, place: usize, other: Literal<'_>) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.rest.len() + 64);
        let mut copied = 0;
        for (at, (gap, literal)) in self.gaps.iter().zip(&self.literals).enumerate() {
            body.extend_from_slice(&self.rest[copied..*gap]);
            if at == place { other } else { *literal }.write(&mut body);
            copied = gap + 1;
        }
        body.extend_from_slice(&self.rest[copied..]);
        body
    }
}

/// Where a string's closing quote is.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if text[at] == b'"' {
            return Some(at);
        }
        // What is escaped ends nothing.
        at += 2;
        if at > text.len() {
            return None;
        }
    }
}

fn skip_space(body: &[u8], at: usize) -> usize {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    at + body[at..].iter().take_while(|byte| is_space(byte)).count()
}

fn behind_colon(body: &[u8], at: usize) -> Option<usize> {
    let at = skip_space(body, at);
    (body.get(at) == Some(&b':')).then(|| skip_space(body, at + 1))
}

/// A literal, and where it ends.
fn literal(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    let (literal, end) = match body.get(start)? {
        b'"' => text(body, start + 1)?,
        b'-' | b'0'..=b'9' => whole(body, start)?,
        _ => return None,
    };
    let next = body.get(skip_space(body, end));
    matches!(next, Some(b',' | b'}')).then_some((literal, end))
}

fn text(body: &[u8], begin: usize) -> Option<(Literal<'_>, usize)> {
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let end = begin + body[begin..].iter().take(LONGEST).position(ends)?;
    if body[end] != b'"' {
        return None;
    }
    let text = std::str::from_utf8(&body[begin..end]).ok()?;
    let literal = match Uuid::parse_str(text.trim()) {
        Err(_) => Literal::Text(text),
        Ok(uuid) => {
            let mut buffer = Uuid::encode_buffer();
            if uuid.hyphenated().encode_lower(&mut buffer) != text {
                return None;
            }
            Literal::Uuid(text)
        }
    };
    Some((literal, end + 1))
}

/// A number as JSON and everybody else writes it: no plus, no zero before it, no part, no power.
fn whole(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    let sign = usize::from(body[start] == b'-');
    let digits = body[start + sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = start + sign + digits;
    let first = body.get(start + sign)?;
    if digits == 0 || (*first == b'0' && end - start > 1) {
        return None;
    }
    let number = std::str::from_utf8(&body[start..end]).ok()?.parse().ok()?;
    Some((Literal::Whole(number), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_behind_value_are_taken_out_and_nothing_else_is() {
        let body = br#"{"table_name":"t","conditions":[{"column":"id","value": 12 },{"value":"a b","column":"value"},
            {"value":"550e8400-e29b-41d4-a716-446655440000"}],"limit":5}"#;
        let cut = Cut::of(body).unwrap();
        let uuid = Literal::Uuid("550e8400-e29b-41d4-a716-446655440000");
        assert_eq!(cut.literals(), [Literal::Whole(12), Literal::Text("a b"), uuid]);
        assert_eq!(cut.with(9, Literal::Whole(0)), body);
        let other = String::from_utf8(cut.with(0, Literal::Whole(-3))).unwrap();
        assert!(other.contains(r#""value": -3 }"#), "{other}");
        let same = Cut::of(other.as_bytes()).unwrap();
        assert_eq!(same.rest(), cut.rest());
    }

    #[test]
    fn what_is_no_plain_literal_stays() {
        for value in [
            "null",
            "true",
            "1.0",
            "-0",
            "01",
            "1e3",
            "[1]",
            "{\"a\":1}",
            r#""a\"b""#,
            "\"a\tb\"",
            r#""550E8400-E29B-41D4-A716-446655440000""#,
            r#""550e8400e29b41d4a716446655440000""#,
            r#"" 550e8400-e29b-41d4-a716-446655440000""#,
            "9223372036854775808",
            "12 34",
            "12]",
            "--1",
            "-",
        ] {
            let body = format!(r#"{{"value":{value}}}"#);
            let cut = Cut::of(body.as_bytes()).unwrap();
            assert_eq!((cut.literals(), cut.rest()), (&[][..], body.as_bytes()), "{value}");
        }
        let quoted = br#"{"name":"\"value\":1","note":"value"}"#;
        assert_eq!(Cut::of(quoted).unwrap().rest(), quoted);
        assert_eq!(Cut::of(br#"{"value":1,"open"#), None);
        assert_eq!(Cut::of(b"{\"a\\"), None);
    }

    #[test]
    fn a_body_that_has_a_mark_is_not_mistaken_for_one_with_a_literal() {
        let (marked, real) = (b"{\"value\":\x01}", br#"{"value":1}"#);
        let (marked, real) = (Cut::of(marked).unwrap(), Cut::of(real).unwrap());
        assert_eq!(marked.rest(), real.rest());
        assert_ne!(marked.literals().len(), real.literals().len());
    }
}
