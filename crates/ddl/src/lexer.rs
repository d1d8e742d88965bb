//! SQL's words, read character by character, with what the quotes hold already taken out of them.

/// One token. Bare words are in small letters, as the database folds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    /// `"…"`
    Quoted(String),
    /// `'…'`, `E'…'` or `$tag$…$tag$`
    Text(String),
    Number(String),
    /// `::`, or one character.
    Symbol(&'static str),
}

const SYMBOLS: [&str; 11] = ["(", ")", "[", "]", ",", ".", ";", "=", "-", "+", ":"];

pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut found = Vec::new();
    while let Some(token) = lexer.next()? {
        found.push(token);
    }
    Ok(found)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(&wanted) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        self.skip_blank()?;
        let Some(first) = self.peek(0) else { return Ok(None) };
        let token = match first {
            '"' => Token::Quoted(self.quoted('"')?),
            '\'' => Token::Text(self.quoted('\'')?),
            '$' => Token::Text(self.dollar()?),
            'e' | 'E' if self.peek(1) == Some('\'') => Token::Text(self.escaped()?),
            c if c.is_ascii_digit() => Token::Number(self.number()),
            c if begins_word(c) => self.word()?,
            _ => Token::Symbol(self.symbol(first)?),
        };
        Ok(Some(token))
    }

    fn skip_blank(&mut self) -> Result<(), String> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c'), _) => self.at += 1,
                (Some('-'), Some('-')) => {
                    self.take_while(|c| !matches!(c, '\n' | '\r'));
                }
                (Some('/'), Some('*')) => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// Comments nest.
    fn comment(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => (depth, self.at) = (depth + 1, self.at + 2),
                (Some('*'), Some('/')) => (depth, self.at) = (depth - 1, self.at + 2),
                (Some(_), _) => self.at += 1,
                (None, _) => return Err("a comment is not closed".to_owned()),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(c), Some(next)) if c == quote && next == quote => {
                    text.push(quote);
                    self.at += 2;
                }
                (Some(c), _) if c == quote => {
                    self.at += 1;
                    return Ok(text);
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
                (None, _) => return Err(format!("a {quote} is not closed")),
            }
        }
    }

    /// `E'…'`
    fn escaped(&mut self) -> Result<String, String> {
        let mut text = String::new();
        self.at += 2;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('\''), Some('\'')) => {
                    text.push('\'');
                    self.at += 2;
                }
                (Some('\''), _) => {
                    self.at += 1;
                    return Ok(text);
                }
                (Some('\\'), Some(c)) => {
                    self.at += 2;
                    text.push(self.escape(c)?);
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
                (None, _) => return Err("a text is not closed".to_owned()),
            }
        }
    }

    fn escape(&mut self, c: char) -> Result<char, String> {
        let (radix, most, first) = match c {
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'x' if self.peek(0).is_some_and(|c| c.is_ascii_hexdigit()) => (16, 2, None),
            'u' => (16, 4, None),
            'U' => (16, 8, None),
            '0'..='7' => (8, 2, c.to_digit(8)),
            other => return Ok(other),
        };
        let mut code = first.unwrap_or_default();
        let mut digits = 0;
        while digits < most
            && let Some(digit) = self.peek(0).and_then(|c| c.to_digit(radix))
        {
            code = code.wrapping_mul(radix).wrapping_add(digit);
            self.at += 1;
            digits += 1;
        }
        let is_whole = !matches!(c, 'u' | 'U') || digits == most;
        // A byte beyond ASCII is a part of a character, and which one is not known here.
        let is_char = matches!(c, 'u' | 'U') || code < 128;
        let found = char::from_u32(code).filter(|found| is_whole && is_char && *found != '\0');
        found.ok_or_else(|| "an escape in a text is no character".to_owned())
    }

    /// `$tag$…$tag$`
    fn dollar(&mut self) -> Result<String, String> {
        self.at += 1;
        let tag = self.take_while(continues_tag);
        if self.peek(0) != Some('$') {
            return Err("a $ begins no text".to_owned());
        }
        self.at += 1;
        let end: Vec<char> = format!("${tag}$").chars().collect();
        let rest = &self.chars[self.at..];
        let Some(length) = rest.windows(end.len()).position(|window| window == end) else {
            return Err(format!("the text of ${tag}$ is not closed"));
        };
        let text = rest[..length].iter().collect();
        self.at += length + end.len();
        Ok(text)
    }

    fn number(&mut self) -> String {
        let mut text = self.take_while(|c| c.is_ascii_digit());
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            text.push('.');
            text.push_str(&self.take_while(|c| c.is_ascii_digit()));
        }
        text
    }

    fn word(&mut self) -> Result<Token, String> {
        let word = self.take_while(continues_word).to_ascii_lowercase();
        if self.peek(0) == Some('\'') {
            return Err(format!("texts that begin with {word}' are not taken"));
        }
        if word == "u" && self.peek(0) == Some('&') {
            return Err("texts and names that begin with U& are not taken".to_owned());
        }
        Ok(Token::Word(word))
    }

    fn symbol(&mut self, first: char) -> Result<&'static str, String> {
        if first == ':' && self.peek(1) == Some(':') {
            self.at += 2;
            return Ok("::");
        }
        let mut known = SYMBOLS.iter();
        let found = known.find(|symbol| symbol.starts_with(first));
        self.at += 1;
        found.copied().ok_or_else(|| format!("'{}' is not expected", first.escape_default()))
    }
}

fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn continues_tag(c: char) -> bool {
    begins_word(c) || c.is_ascii_digit()
}

fn continues_word(c: char) -> bool {
    continues_tag(c) || c == '$'
}

/// Tokens, taken from the front.
pub(crate) struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    pub(crate) fn of(text: &str) -> Result<Self, String> {
        Ok(Self { tokens: tokens(text)?, at: 0 })
    }

    pub(crate) fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    pub(crate) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    pub(crate) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    pub(crate) fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Word(found)) if found == word)
    }

    pub(crate) fn is_symbol(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Symbol(found)) if *found == symbol)
    }

    /// Take these words if they come next, all of them or none.
    pub(crate) fn words(&mut self, words: &[&str]) -> bool {
        let come = words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word));
        if come {
            self.at += words.len();
        }
        come
    }

    pub(crate) fn symbol(&mut self, symbol: &str) -> bool {
        let comes = self.is_symbol(0, symbol);
        if comes {
            self.at += 1;
        }
        comes
    }

    pub(crate) fn expect_words(&mut self, words: &'static [&'static str]) -> Result<(), String> {
        if self.words(words) {
            return Ok(());
        }
        Err(format!("{} is expected {}", words.join(" ").to_uppercase(), self.place()))
    }

    pub(crate) fn expect(&mut self, symbol: &'static str) -> Result<(), String> {
        if self.symbol(symbol) {
            return Ok(());
        }
        Err(format!("'{symbol}' is expected {}", self.place()))
    }

    /// Where reading stands, in words.
    pub(crate) fn place(&self) -> String {
        match self.peek(0) {
            None => "at the end".to_owned(),
            Some(Token::Word(text) | Token::Quoted(text) | Token::Number(text)) => {
                format!("at '{}'", crate::error::shown(text))
            }
            Some(Token::Text(_)) => "at a text".to_owned(),
            Some(Token::Symbol(symbol)) => format!("at '{symbol}'"),
        }
    }

    pub(crate) fn finish(&self) -> Result<(), String> {
        match self.peek(0) {
            None => Ok(()),
            Some(_) => Err(format!("nothing more is expected {}", self.place())),
        }
    }
}
