//! Reading text character by character, remembering how far it could be understood.
//!
//! Errors are told as Parsec tells them, since callers read its words: the furthest place that
//! anything failed at, what stood there, and all that could have stood there instead.

use crate::RestError;

/// The text could not be read on; the cursor knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed;

pub(super) type Read<T> = Result<T, Failed>;

#[derive(Debug, Clone, Default)]
struct Trouble {
    at: usize,
    /// What stood there, as a parser of single characters saw it; empty at the end.
    seen: Vec<String>,
    /// What stood there, said by a parser that wanted it not to.
    unwanted: Vec<String>,
    expected: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Cursor {
    text: Vec<char>,
    at: usize,
    /// Whether trouble is remembered; what is read does not depend on it.
    tells: bool,
    trouble: Trouble,
}

impl Cursor {
    fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0, tells: false, trouble: Trouble::default() }
    }

    /// Most texts are understood, though half of what is tried on the way fails: only one that was
    /// not is read again to say why.
    pub(super) fn over<T>(
        text: &str,
        read: impl Fn(&mut Self) -> Result<T, RestError>,
    ) -> Result<T, RestError> {
        let mut cursor = Self::new(text);
        read(&mut cursor).or_else(|_untold| {
            (cursor.at, cursor.tells) = (0, true);
            read(&mut cursor)
        })
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// How far it has been read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_start(&self) -> bool {
        self.at == 0
    }

    pub(super) fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn trouble_at(&mut self, at: usize) -> Option<&mut Trouble> {
        if at > self.trouble.at {
            self.trouble = Trouble { at, ..Trouble::default() };
        }
        (at == self.trouble.at).then_some(&mut self.trouble)
    }

    fn saw(&mut self, seen: Option<char>, expected: Option<&str>) {
        if !self.tells {
            return;
        }
        let seen = seen.map(|seen| format!("\"{}\"", shown(seen))).unwrap_or_default();
        if let Some(trouble) = self.trouble_at(self.at) {
            trouble.seen.push(seen);
            trouble.expected.extend(expected.map(str::to_owned));
        }
    }

    fn unwanted(&mut self, seen: char, expected: Option<&str>) {
        if !self.tells {
            return;
        }
        if let Some(trouble) = self.trouble_at(self.at) {
            trouble.unwanted.push(format!("'{}'", shown(seen)));
            trouble.expected.extend(expected.map(str::to_owned));
        }
    }

    pub(super) fn satisfy(
        &mut self,
        label: Option<&str>,
        wanted: impl Fn(char) -> bool,
    ) -> Read<char> {
        match self.peek() {
            Some(seen) if wanted(seen) => {
                self.at += 1;
                Ok(seen)
            }
            seen => {
                self.saw(seen, label);
                Err(Failed)
            }
        }
    }

    pub(super) fn char(&mut self, wanted: char) -> Read<()> {
        let label = self.tells.then(|| format!("\"{}\"", shown(wanted)));
        self.satisfy(label.as_deref(), |seen| seen == wanted).map(drop)
    }

    /// `.`, named as what it is for.
    pub(super) fn delimiter(&mut self) -> Read<()> {
        self.satisfy(Some("delimiter (.)"), |seen| seen == '.').map(drop)
    }

    /// The whole word or nothing of it.
    pub(super) fn word(&mut self, word: &str) -> Read<()> {
        let mut at = self.at;
        for wanted in word.chars() {
            match self.text.get(at) {
                Some(&seen) if seen == wanted => at += 1,
                seen => {
                    let seen = seen.copied();
                    if self.tells {
                        self.saw(seen, Some(&format!("\"{word}\"")));
                    }
                    return Err(Failed);
                }
            }
        }
        self.at = at;
        Ok(())
    }

    /// The word in either case.
    pub(super) fn word_in_any_case(&mut self, word: &str) -> Read<()> {
        self.attempt(|cursor| {
            for wanted in word.chars() {
                cursor
                    .satisfy(None, |seen| seen == wanted || seen == wanted.to_ascii_uppercase())?;
            }
            Ok(())
        })
    }

    pub(super) fn end(&mut self) -> Read<()> {
        match self.peek() {
            None => Ok(()),
            Some(seen) => {
                self.unwanted(seen, Some("end of input"));
                Err(Failed)
            }
        }
    }

    pub(super) fn not_followed_by(&mut self, unwanted: impl Fn(char) -> bool) -> Read<()> {
        match self.peek() {
            Some(seen) if unwanted(seen) => {
                self.unwanted(seen, None);
                Err(Failed)
            }
            _ => Ok(()),
        }
    }

    /// Nothing was read where it fails.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let start = self.at;
        let result = read(self);
        if result.is_err() {
            self.at = start;
        }
        result
    }

    /// One or the other. Where the other reads on, nobody is told why the first was not taken.
    pub(super) fn either<T>(
        &mut self,
        one: impl FnOnce(&mut Self) -> Read<T>,
        other: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        let (start, known) = (self.at, self.trouble.clone());
        let first = self.attempt(one);
        if first.is_ok() {
            return first;
        }
        let mut trouble = std::mem::replace(&mut self.trouble, known);
        let second = other(self);
        if self.at == start && trouble.at >= self.trouble.at {
            if trouble.at == self.trouble.at {
                trouble.seen.append(&mut self.trouble.seen);
                trouble.unwanted.append(&mut self.trouble.unwanted);
                trouble.expected.append(&mut self.trouble.expected);
            }
            self.trouble = trouble;
        }
        second
    }

    /// Nothing was read where it fails, and nobody is told why. For a choice
    /// whose last alternative reads something in any case.
    pub(super) fn quietly<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let known = self.trouble.clone();
        let result = self.attempt(read);
        if result.is_err() {
            self.trouble = known;
        }
        result
    }

    /// Whether it would be there; nothing is read either way.
    pub(super) fn ahead<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<()> {
        let start = self.at;
        let result = read(self);
        self.at = start;
        result.map(drop)
    }

    /// Where nothing of it could be read, say what it is instead of what it begins with.
    pub(super) fn named<T>(
        &mut self,
        label: &str,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        let (start, known) = (self.at, self.trouble.clone());
        let result = read(self);
        if self.tells && self.at == start && self.trouble.at == start {
            let before = if known.at == start { known.expected } else { Vec::new() };
            if self.trouble.expected.len() > before.len() || result.is_err() {
                self.trouble.expected = before;
                self.trouble.expected.push(label.to_owned());
            }
        }
        result
    }

    pub(super) fn while_(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    pub(super) fn rest(&mut self) -> String {
        self.while_(|_| true)
    }

    pub(super) fn blanks(&mut self) {
        self.while_(|seen| seen == ' ' || seen == '\t');
    }

    pub(super) fn lexeme<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.blanks();
        let result = read(self)?;
        self.blanks();
        Ok(result)
    }

    /// The error of a text whose source is named.
    pub(super) fn error(&self, source: &str) -> RestError {
        let (line, column) = self.place();
        RestError::QueryParameter {
            message: format!("\"{source}\" (line {line}, column {column})"),
            details: self.details(),
        }
    }

    fn place(&self) -> (usize, usize) {
        let (mut line, mut column) = (1, 1);
        for seen in &self.text[..self.trouble.at.min(self.text.len())] {
            match seen {
                '\n' => (line, column) = (line + 1, 1),
                '\t' => column += 8 - (column - 1) % 8,
                _ => column += 1,
            }
        }
        (line, column)
    }

    fn details(&self) -> String {
        let Trouble { seen, unwanted, expected, .. } = &self.trouble;
        let unexpected = match (unwanted.is_empty(), seen.first()) {
            (false, _) => format!("unexpected {}", either(unwanted)),
            (true, Some(seen)) if seen.is_empty() => "unexpected end of input".to_owned(),
            (true, Some(seen)) => format!("unexpected {seen}"),
            (true, None) => String::new(),
        };
        let expecting = match either(expected) {
            none if none.is_empty() => none,
            some => format!("expecting {some}"),
        };
        match (unexpected.is_empty(), expecting.is_empty()) {
            (true, true) => "unknown parse error".to_owned(),
            (false, false) => format!("{unexpected} {expecting}"),
            _ => unexpected + &expecting,
        }
    }
}

/// As a literal of one character shows it.
fn shown(seen: char) -> String {
    match seen {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        ' '..='~' => seen.to_string(),
        other => format!("\\{}", u32::from(other)),
    }
}

/// `a, b or c`, each once.
fn either(words: &[String]) -> String {
    let mut once: Vec<&str> = Vec::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        if !once.contains(&word.as_str()) {
            once.push(word);
        }
    }
    match once.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}
