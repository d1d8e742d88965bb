//! A statement's text in pieces, by a reader that shares nothing with ours.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// `"…"`, unquoted.
    Name(String),
    /// `'…'`, unquoted.
    Text(String),
    /// `$1`
    Param(usize),
    Word(String),
    Symbol(char),
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        match c {
            ' ' => {}
            '"' | '\'' => {
                let inner = quoted(&chars, &mut at, c);
                found.push(if c == '"' { Token::Name(inner) } else { Token::Text(inner) });
            }
            '$' => {
                let digits = run(&chars, &mut at, |c| c.is_ascii_digit());
                found.push(Token::Param(digits.parse().expect("a parameter has a number")));
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                at -= 1;
                let word = run(&chars, &mut at, |c| c.is_ascii_alphanumeric() || c == '_');
                found.push(Token::Word(word));
            }
            c => found.push(Token::Symbol(c)),
        }
    }
    found
}

fn run(chars: &[char], at: &mut usize, fits: impl Fn(char) -> bool) -> String {
    let start = *at;
    while chars.get(*at).is_some_and(|c| fits(*c)) {
        *at += 1;
    }
    chars[start..*at].iter().collect()
}

/// Up to the quote that is not doubled.
fn quoted(chars: &[char], at: &mut usize, quote: char) -> String {
    let mut inner = String::new();
    loop {
        let c = *chars.get(*at).expect("what is quoted has an end");
        *at += 1;
        if c == quote {
            if chars.get(*at) != Some(&quote) {
                return inner;
            }
            *at += 1;
        }
        inner.push(c);
    }
}
