//! A request as it goes over the wire, with gaps for random numbers.

/// `{n}` in it stands for a new number of n digits, the first not a zero, so that its length is always the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    pub fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", filled(body, 0).len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        Self(text)
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path, &[], "")
    }

    pub fn post(path: &str, body: &str) -> Self {
        Self::new("POST", path, &[("Content-Type", "application/json")], body)
    }

    /// The same, asked below another path.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        Self(self.0.replacen(" /", &format!(" {path}/"), 1))
    }

    /// With its gaps, as `request.lua` reads it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// With numbers that depend on nothing but the turn.
    pub fn filled(&self, turn: u64) -> String {
        filled(&self.0, turn)
    }
}

fn filled(text: &str, turn: u64) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match gap(rest) {
            Some(digits) => {
                out.push_str(&number(digits, turn).to_string());
                rest = &rest[3..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `{6}` is a gap for six digits; a brace of JSON is not one.
fn gap(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [b'{', digit @ b'1'..=b'9', b'}', ..] => Some(u32::from(digit - b'0')),
        _ => None,
    }
}

fn number(digits: u32, turn: u64) -> u64 {
    let lowest = 10_u64.pow(digits - 1);
    lowest + turn * 7_919 % (9 * lowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_the_braces_of_json_stay() {
        let template = Template::post("/x?k={3}", r#"{"id":{6},"set":{"amount":{1}}}"#);
        let text = template.filled(1);
        assert!(text.starts_with("POST /x?k=819 HTTP/1.1\r\n"), "{text}");
        assert!(text.ends_with(r#"{"id":107919,"set":{"amount":9}}"#), "{text}");
    }

    #[test]
    fn the_announced_length_is_that_of_every_filled_body() {
        let template = Template::post("/x", r#"{"id":{6},"offset":{3}}"#);
        for turn in [0, 1, 113, 999_983] {
            let text = template.filled(turn);
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{text}");
        }
    }

    #[test]
    fn a_request_without_a_body_announces_none() {
        assert_eq!(Template::get("/ping").text(), "GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
}
