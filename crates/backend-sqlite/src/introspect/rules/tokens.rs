//! Where things begin and end in SQLite's words. What they mean is SQLite's to say.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word, or a number.
    Word,
    /// `"…"`, `` `…` `` or `[…]`.
    Quoted,
    Text,
    Symbol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// In bytes from the start.
    pub(super) at: usize,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    pub(super) fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// What it names, without its quotes; SQLite takes a text for a name where one must stand.
    pub(super) fn name(&self) -> Option<String> {
        let inside = || &self.text[1..self.text.len() - 1];
        match (self.kind, self.text.as_bytes().first()?) {
            (Kind::Word, _) => Some(self.text.to_owned()),
            (Kind::Quoted, b'[') => Some(inside().to_owned()),
            (Kind::Quoted | Kind::Text, quote) => {
                let quote = char::from(*quote);
                Some(inside().replace(&format!("{quote}{quote}"), &quote.to_string()))
            }
            (Kind::Symbol, _) => None,
        }
    }
}

/// All of them, or nothing when a quote or a comment has no end.
pub(super) fn of(sql: &str) -> Option<Vec<Token<'_>>> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        if let Some(length) = blank(rest, first)? {
            at += length;
            continue;
        }
        let (kind, length) = match first {
            '"' | '`' => (Kind::Quoted, quoted(rest, first)?),
            '\'' => (Kind::Text, quoted(rest, first)?),
            '[' => (Kind::Quoted, rest.find(']')? + 1),
            c if in_word(c) => (Kind::Word, rest.find(|c| !in_word(c)).unwrap_or(rest.len())),
            c => (Kind::Symbol, c.len_utf8()),
        };
        tokens.push(Token { kind, text: &rest[..length], at });
        at += length;
    }
    Some(tokens)
}

/// How long the blank or the comment is that stands here, if one does; nothing when it has no end.
fn blank(rest: &str, first: char) -> Option<Option<usize>> {
    if rest.starts_with("--") {
        return Some(Some(rest.find('\n').unwrap_or(rest.len())));
    }
    if let Some(inside) = rest.strip_prefix("/*") {
        return inside.find("*/").map(|end| Some(end + 4));
    }
    Some(first.is_ascii_whitespace().then_some(1))
}

/// Up to the closing quote; a doubled one stands for itself.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += rest[at..].find(quote)? + 1;
        if !rest[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}
