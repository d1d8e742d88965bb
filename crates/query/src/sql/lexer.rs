//! SQL's words, as PostgreSQL's lexer finds them with `standard_conforming_strings` on.
//!
//! Only where things begin and end matters here: the database itself says what they mean.

use super::error::SqlError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word, in whatever case it was typed.
    Word,
    /// `"…"`, quotes included.
    Quoted,
    /// `'…'` without a prefix, quotes included.
    Text,
    /// `E'…'`, `U&'…'`, `B'…'`, `X'…'` or `$tag$…$tag$`.
    OtherText,
    Number,
    /// `$1`
    Parameter,
    /// One or two characters that are none of the above.
    Symbol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
    /// In bytes from the start.
    pub(super) at: usize,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }
    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }
    pub(super) fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// Two characters that belong together.
const PAIRS: [&str; 6] = ["::", "<=", ">=", "<>", "!=", ":="];

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, SqlError> {
        self.skip_blank()?;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let (kind, length) = match first {
            '\'' => (TokenKind::Text, self.quoted(rest, '\'', "text")?),
            '"' => (TokenKind::Quoted, self.quoted(rest, '"', "quoted name")?),
            '$' => self.dollar(rest)?,
            c if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                (TokenKind::Number, number(rest))
            }
            c if begins_word(c) => self.word(rest)?,
            _ => (TokenKind::Symbol, symbol(rest, first)),
        };
        let token = Token { kind, text: &rest[..length], at: self.at };
        self.at += length;
        Ok(Some(token))
    }

    fn skip_blank(&mut self) -> Result<(), SqlError> {
        loop {
            let rest = &self.text[self.at..];
            let blank = blank(rest);
            self.at += blank;
            let rest = &rest[blank..];
            if rest.starts_with("--") {
                self.at += line(rest);
            } else if rest.starts_with("/*") {
                self.at += self.comment(rest)?;
            } else if blank == 0 {
                return Ok(());
            }
        }
    }

    /// Comments nest.
    fn comment(&self, rest: &str) -> Result<usize, SqlError> {
        let bytes = rest.as_bytes();
        let (mut at, mut depth) = (0, 0_usize);
        while at < bytes.len() {
            match &bytes[at..] {
                [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
                [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
            if depth == 0 {
                return Ok(at);
            }
        }
        Err(self.unclosed("comment"))
    }

    /// A doubled quote stands for one; the length includes both quotes.
    fn quoted(&self, rest: &str, quote: char, what: &'static str) -> Result<usize, SqlError> {
        let mut at = 1;
        while let Some(found) = rest[at..].find(quote) {
            at += found + 1;
            if !rest[at..].starts_with(quote) {
                return Ok(at);
            }
            at += 1;
        }
        Err(self.unclosed(what))
    }

    /// `E'…'`: a backslash takes the next character with it, also where the text goes on behind
    /// blanks and comments.
    fn escaped(&self, rest: &str) -> Result<usize, SqlError> {
        let bytes = rest.as_bytes();
        let mut at = 1;
        while at < bytes.len() {
            match &bytes[at..] {
                [b'\\', _, ..] | [b'\'', b'\'', ..] => at += 2,
                [b'\'', ..] => match continued(&rest[at + 1..]) {
                    Some(further) => at += 1 + further,
                    None => return Ok(at + 1),
                },
                _ => at += 1,
            }
        }
        Err(self.unclosed("text"))
    }

    fn dollar(&self, rest: &str) -> Result<(TokenKind, usize), SqlError> {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return Ok((TokenKind::Parameter, 1 + digits));
        }
        let name = rest[1..].find(|c: char| !continues_word(c) || c == '$');
        let Some(tag) =
            name.filter(|end| rest[1 + end..].starts_with('$')).map(|end| &rest[..end + 2])
        else {
            return Ok((TokenKind::Symbol, 1));
        };
        match rest[tag.len()..].find(tag) {
            Some(end) => Ok((TokenKind::OtherText, 2 * tag.len() + end)),
            None => Err(self.unclosed("dollar-quoted text")),
        }
    }

    fn word(&self, rest: &str) -> Result<(TokenKind, usize), SqlError> {
        let length = rest.find(|c: char| !continues_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let other = |length: usize| Ok((TokenKind::OtherText, length));
        if after.starts_with('\'') {
            match word {
                "e" | "E" => return other(length + self.escaped(after)?),
                "b" | "B" | "x" | "X" | "n" | "N" => {
                    return other(length + self.quoted(after, '\'', "text")?);
                }
                _ => {}
            }
        }
        if matches!(word, "u" | "U") {
            if after.starts_with("&'") {
                return other(length + 1 + self.quoted(&after[1..], '\'', "text")?);
            }
            if after.starts_with("&\"") {
                return other(length + 1 + self.quoted(&after[1..], '"', "quoted name")?);
            }
        }
        Ok((TokenKind::Word, length))
    }

    fn unclosed(&self, what: &'static str) -> SqlError {
        SqlError::Unclosed { what, at: self.text[..self.at].chars().count() + 1 }
    }
}

fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn continues_word(c: char) -> bool {
    begins_word(c) || c.is_ascii_digit() || c == '$'
}

/// The database's own blanks. Others, such as one that does not break, are letters to it.
fn blank(rest: &str) -> usize {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c');
    rest.bytes().take_while(|byte| is_blank(byte)).count()
}

/// Up to the end of a comment's line; a return alone is one.
fn line(rest: &str) -> usize {
    rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// How far behind a closed quote the next one is that opens the same text again. On one line that
/// would be an error of the database.
fn continued(rest: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let before = at;
        at += blank(&rest[at..]);
        if rest[at..].starts_with("--") {
            at += line(&rest[at..]);
        }
        if at == before {
            return rest[at..].starts_with('\'').then_some(at + 1);
        }
    }
}

/// Letters that follow at once are a word of their own, and may begin a text: `1E'…'`.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    while at < bytes.len() {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at += match bytes[at] {
            b'.' | b'0'..=b'9' => 1,
            b'_' if is_digit(at + 1) => 1,
            b'e' | b'E' if is_digit(at + 1 + sign) => 1 + sign,
            _ => return at,
        };
    }
    at
}

fn symbol(rest: &str, first: char) -> usize {
    match PAIRS.iter().find(|pair| rest.starts_with(**pair)) {
        Some(pair) => pair.len(),
        None => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        while let Some(token) = lexer.next().unwrap() {
            assert_eq!(&text[token.at..token.end()], token.text);
            found.push(token.text.to_owned());
        }
        found
    }

    #[test]
    fn what_is_inside_quotes_and_comments_is_one_piece() {
        let table: [(&str, &[&str]); 12] = [
            ("select 1;", &["select", "1", ";"]),
            ("a--;\nb", &["a", "b"]),
            ("a/* ; /* ; */ ; */b", &["a", "b"]),
            ("'it''s; ok' x", &["'it''s; ok'", "x"]),
            (r"E'\';' x", &[r"E'\';'", "x"]),
            (r"'\' x", &[r"'\'", "x"]),
            ("$$;$$ $a$ $$ ; $a$", &["$$;$$", "$a$ $$ ; $a$"]),
            ("\"a;\"\"b\".c", &["\"a;\"\"b\"", ".", "c"]),
            ("a::text<=$12", &["a", "::", "text", "<=", "$12"]),
            ("1e-5 .5 1_000", &["1e-5", ".5", "1_000"]),
            ("U&'\\0061;' b'1'", &["U&'\\0061;'", "b'1'"]),
            ("größe€x", &["größe€x"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn things_end_where_postgresql_ends_them() {
        let table: [(&str, &[&str]); 10] = [
            ("a --b\rc\nd", &["a", "c", "d"]),
            ("a --b\r\nc", &["a", "c"]),
            ("E'a'\n'\\' ' b", &["E'a'\n'\\' '", "b"]),
            ("e'a' --'\r --\n\t'\\'' b", &["e'a' --'\r --\n\t'\\''", "b"]),
            ("E'a' /**/ 'b\\'", &["E'a'", "'b\\'"]),
            ("'a'\n'b\\'", &["'a'", "'b\\'"]),
            ("lower\u{a0}(\u{2028}a\u{85})", &["lower\u{a0}", "(", "\u{2028}a\u{85}", ")"]),
            ("1e--'", &["1", "e"]),
            ("1E'\\'' 2a 0x1F", &["1", "E'\\''", "2", "a", "0", "x1F"]),
            ("1e+5_0.e2 1_a", &["1e+5_0.e2", "1", "_a"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_never_closed_is_named_with_its_place() {
        for (text, what) in [
            ("é 'a", "text"),
            ("é \"a", "quoted name"),
            ("é /* /* */", "comment"),
            ("é $x$ $y$", "dollar-quoted text"),
            (r"é E'\'", "text"),
        ] {
            let mut lexer = Lexer::new(text);
            lexer.next().unwrap();
            assert_eq!(lexer.next(), Err(SqlError::Unclosed { what, at: 3 }), "{text}");
        }
    }
}
