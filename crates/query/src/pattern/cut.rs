//! A body with the literals of its conditions taken out.

use uuid::Uuid;

/// Longer texts are not looked at twice.
const LONGEST: usize = 256;
/// As many as any number of 64 bits keeps.
const DIGITS: usize = 15;

/// What stands behind a member's name where that is one plain literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal<'a> {
    Whole(i64),
    /// Spelled as everybody would who read it into 64 bits.
    Decimal(&'a str),
    /// In lower case with its dashes; what else reads as a uuid is left where it is.
    Uuid(&'a str),
    Text(&'a str),
    /// How many rows to pass over. Not none at all: that is a statement without an offset.
    Offset(i64),
    /// The same by the number of a page, which is not the first.
    Page(i64),
}

/// Whose literals are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// Of conditions, which may be named by columns and operators: what they compare with. And how
    /// many rows a read passes over.
    Compared,
    /// Of rows as well, which may have any names: all but those by which a request says what it means.
    Written,
}

/// How the literal behind a member's name is read.
type Reader = for<'a> fn(&'a [u8], usize) -> Option<(Literal<'a>, usize)>;

/// Their literals are never a row's value, or seldom; taken out, they would be looked at in vain.
const MEANING: [&[u8]; 15] = [
    b"table_name",
    b"table",
    b"schema",
    b"schema_name",
    b"column",
    b"eq_column",
    b"operator",
    b"op",
    b"field",
    b"direction",
    b"sort_by",
    b"select",
    b"returning",
    b"limit",
    b"count",
];

/// The same for reads, whose columns are seldom called so.
const MEANING_OF_READS: [&[u8]; 26] = [
    b"view_name",
    b"table_schema",
    b"columns",
    b"order",
    b"order_by",
    b"orderBy",
    b"sortBy",
    b"nulls",
    b"as",
    b"via",
    b"group_by",
    b"time_granularity",
    b"aggregation_column",
    b"aggregation_strategy",
    b"aggregation_dedup",
    b"page_size",
    b"pageSize",
    b"total_pages",
    b"totalPages",
    b"column_cast",
    b"eq_column_cast",
    b"value_cast",
    b"eq_value_cast",
    b"where",
    b"where_clause",
    b"where_filters",
];

impl Members {
    /// Nothing where the literal stays.
    fn reader(self, name: &[u8]) -> Option<Reader> {
        match self {
            _ if MEANING.contains(&name) => None,
            Self::Written => (name != b"offset").then_some(literal),
            Self::Compared if name == b"offset" => Some(offset),
            Self::Compared if name == b"current_page" || name == b"currentPage" => Some(page),
            Self::Compared if MEANING_OF_READS.contains(&name) => None,
            Self::Compared => Some(compared),
        }
    }
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
            Self::Decimal(_) => 4,
            Self::Offset(_) => 5,
            Self::Page(_) => 6,
        }
    }

    /// As it stands in a body.
    pub(super) fn written(self) -> Box<[u8]> {
        let mut out = Vec::new();
        self.write(&mut out);
        out.into()
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Whole(number) | Self::Offset(number) | Self::Page(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Self::Decimal(text) => out.extend_from_slice(text.as_bytes()),
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
    pub fn of(body: &'a [u8], members: Members) -> Option<Self> {
        let mut cut = Self { rest: Vec::with_capacity(body.len()), gaps: vec![], literals: vec![] };
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = body[at..].iter().position(|byte| *byte == b'"') {
            let begin = at + found + 1;
            let end = begin + string_end(&body[begin..])?;
            at = end + 1;
            let Some(read) = members.reader(&body[begin..end]) else { continue };
            let Some(start) = behind_colon(body, at) else { continue };
            let Some((literal, end)) = read(body, start) else { continue };
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
        b'-' | b'0'..=b'9' => number(body, start)?,
        _ => return None,
    };
    let next = body.get(skip_space(body, end));
    matches!(next, Some(b',' | b'}')).then_some((literal, end))
}

/// A direction stays: an order may be said by columns as conditions are.
fn compared(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    const DIRECTIONS: [&str; 4] = ["asc", "ascending", "desc", "descending"];
    let is_one = |text: &str| DIRECTIONS.iter().any(|one| one.eq_ignore_ascii_case(text.trim()));
    literal(body, start)
        .filter(|(literal, _)| !matches!(literal, Literal::Text(text) if is_one(text)))
}

fn offset(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    match literal(body, start)? {
        (Literal::Whole(number), end) if number > 0 => Some((Literal::Offset(number), end)),
        _ => None,
    }
}

fn page(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    match literal(body, start)? {
        (Literal::Whole(number), end) if number > 1 => Some((Literal::Page(number), end)),
        _ => None,
    }
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

fn number(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    let whole = whole(body, start);
    let is_all =
        |(_, end): &(Literal<'_>, usize)| !matches!(body.get(*end), Some(b'.' | b'e' | b'E'));
    whole.filter(is_all).or_else(|| decimal(body, start))
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

/// A number with a part, few enough digits to be told apart in 64 bits, and no other way to write it.
fn decimal(body: &[u8], start: usize) -> Option<(Literal<'_>, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let end =
        start + body[start..].iter().take(DIGITS + 2).take_while(|byte| is_part(byte)).count();
    let text = std::str::from_utf8(&body[start..end]).ok()?;
    if text.bytes().filter(u8::is_ascii_digit).count() > DIGITS {
        return None;
    }
    let number = serde_json::Number::from_f64(text.parse().ok()?)?;
    (number.to_string() == text).then_some((Literal::Decimal(text), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_behind_value_are_taken_out_and_nothing_else_is() {
        let body = br#"{"table_name":"t","conditions":[{"column":"id","value": 12 },{"value":"a b","column":"value"},
            {"value":"550e8400-e29b-41d4-a716-446655440000"}],"limit":5}"#;
        let cut = Cut::of(body, Members::Compared).unwrap();
        let uuid = Literal::Uuid("550e8400-e29b-41d4-a716-446655440000");
        assert_eq!(cut.literals(), [Literal::Whole(12), Literal::Text("a b"), uuid]);
        assert_eq!(cut.with(9, Literal::Whole(0)), body);
        let other = String::from_utf8(cut.with(0, Literal::Whole(-3))).unwrap();
        assert!(other.contains(r#""value": -3 }"#), "{other}");
        let same = Cut::of(other.as_bytes(), Members::Compared).unwrap();
        assert_eq!(same.rest(), cut.rest());
    }

    #[test]
    fn conditions_named_by_columns_are_compared_with_too_and_rows_are_passed_over() {
        let body = br#"{"table_name":"t","select":"id","where":{"id":{"gt":12},"name":"x"},"sort_by":{"id":" DESC"},"limit":5,"offset":700}"#;
        let cut = Cut::of(body, Members::Compared).unwrap();
        let expected = [Literal::Whole(12), Literal::Text("x"), Literal::Offset(700)];
        assert_eq!(cut.literals(), expected);
        assert_eq!(cut.with(9, Literal::Whole(0)), body);
        for offset in ["0", "-1", "1.5", "\"7\"", "9223372036854775808", "07", "null"] {
            let body = format!(r#"{{"table_name":"t","offset":{offset},"current_page":1}}"#);
            let cut = Cut::of(body.as_bytes(), Members::Compared).unwrap();
            assert_eq!((cut.literals(), cut.rest()), (&[][..], body.as_bytes()), "{offset}");
        }
        let body = br#"{"table_name":"t","current_page":2,"page_size":50}"#;
        assert_eq!(Cut::of(body, Members::Compared).unwrap().literals(), [Literal::Page(2)]);
    }

    #[test]
    fn what_is_no_plain_literal_stays() {
        for value in [
            "null",
            "true",
            "1.00",
            "-0",
            "01",
            "1e3",
            "[1]",
            "{\"a\":[1]}",
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
            let cut = Cut::of(body.as_bytes(), Members::Compared).unwrap();
            assert_eq!((cut.literals(), cut.rest()), (&[][..], body.as_bytes()), "{value}");
        }
        let quoted = br#"{"name":"\"value\":1","note":"value"}"#;
        let cut = Cut::of(quoted, Members::Compared).unwrap();
        assert_eq!(cut.literals(), [Literal::Text("value")]);
        assert_eq!(cut.rest(), b"{\"name\":\"\\\"value\\\":1\",\"note\":\x03}");
        assert_eq!(Cut::of(br#"{"value":1,"open"#, Members::Compared), None);
        assert_eq!(Cut::of(b"{\"a\\", Members::Compared), None);
    }

    #[test]
    fn a_body_that_has_a_mark_is_not_mistaken_for_one_with_a_literal() {
        let (marked, real) = (b"{\"value\":\x01}", br#"{"value":1}"#);
        let (marked, real) = (
            Cut::of(marked, Members::Compared).unwrap(),
            Cut::of(real, Members::Compared).unwrap(),
        );
        assert_eq!(marked.rest(), real.rest());
        assert_ne!(marked.literals().len(), real.literals().len());
    }

    #[test]
    fn a_rows_literals_are_taken_out_and_what_says_what_is_meant_is_not() {
        let body = br#"{"table_name":"t","insert_body":{"name":"a","n":-7,"price":12.25,"ok":true,"note":null,"tags":["x"]}}"#;
        let cut = Cut::of(body, Members::Written).unwrap();
        let expected = [Literal::Text("a"), Literal::Whole(-7), Literal::Decimal("12.25")];
        assert_eq!(cut.literals(), expected);
        assert_eq!(cut.with(9, Literal::Whole(0)), body);
        assert_eq!(cut.with(2, Literal::Decimal("0.5")).len(), body.len() - 2);
    }

    #[test]
    fn a_number_that_could_be_spelled_otherwise_stays() {
        for (number, is_taken) in [
            ("0.5", true),
            ("-3.25", true),
            ("123456789012.345", true),
            ("0.1", true),
            ("1.50", false),
            ("1.0e3", false),
            ("1e-7", false),
            ("0.0000001", false),
            ("1234567890123.4567", false),
            ("00.5", false),
            ("1.", false),
            (".5", false),
            ("1.5.5", false),
        ] {
            let body = format!(r#"{{"value":{number}}}"#);
            let cut = Cut::of(body.as_bytes(), Members::Compared).unwrap();
            let expected: &[Literal<'_>] = if is_taken { &[Literal::Decimal(number)] } else { &[] };
            assert_eq!(cut.literals(), expected, "{number}");
        }
    }
}
