//! `CREATE OR REPLACE FUNCTION` as it is typed. What is not understood is refused, never passed on.

use super::definition::{Argument, Function, Returns};
use crate::{
    error::shown,
    expression::{Expression, Scope},
    fields::public,
    lexer::{Reader, Token},
    type_name::TypeName,
};
use catalog::{Ident, QualifiedName};

const LONGEST: usize = 256 * 1024;
const MOST_ARGUMENTS: usize = 100;

/// Traits that are only words, as typed and as written.
const TRAITS: [(&[&str], &str); 12] = [
    (&["immutable"], "IMMUTABLE"),
    (&["stable"], "STABLE"),
    (&["volatile"], "VOLATILE"),
    (&["strict"], "STRICT"),
    (&["called", "on", "null", "input"], "CALLED ON NULL INPUT"),
    (&["returns", "null", "on", "null", "input"], "STRICT"),
    (&["parallel", "safe"], "PARALLEL SAFE"),
    (&["parallel", "restricted"], "PARALLEL RESTRICTED"),
    (&["parallel", "unsafe"], "PARALLEL UNSAFE"),
    (&["not", "leakproof"], "NOT LEAKPROOF"),
    (&["security", "invoker"], "SECURITY INVOKER"),
    (&["external", "security", "invoker"], "SECURITY INVOKER"),
];

/// Settings that a function may make for itself.
const SETTINGS: [&str; 6] =
    ["search_path", "statement_timeout", "lock_timeout", "timezone", "datestyle", "work_mem"];

impl Function {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("it is longer than 256 KiB".to_owned());
        }
        if text.contains('\0') {
            return Err("it holds a NUL character".to_owned());
        }
        let mut reader = Reader::of(text)?;
        reader.expect_words(&["create", "or", "replace", "function"])?;
        let name = qualified(&mut reader)?;
        let arguments = arguments(&mut reader)?;
        let mut parts = Parts::default();
        while reader.peek(0).is_some() && !reader.is_symbol(0, ";") {
            parts.option(&mut reader)?;
        }
        while reader.symbol(";") {}
        reader.finish().map_err(|reason| format!("one statement is taken: {reason}"))?;
        Ok(Self {
            name,
            arguments,
            returns: parts.returns,
            language: parts.language.ok_or("LANGUAGE is missing")?,
            body: parts.body.ok_or("the body, as a text behind AS, is missing")?,
            traits: parts.traits,
            estimates: parts.estimates,
            is_security_definer: parts.is_security_definer,
            settings: parts.settings,
        })
    }
}

#[derive(Default)]
struct Parts {
    returns: Option<Returns>,
    language: Option<Ident>,
    body: Option<String>,
    traits: Vec<&'static str>,
    estimates: Vec<(&'static str, i64)>,
    is_security_definer: bool,
    settings: Vec<(Ident, Vec<String>)>,
}

impl Parts {
    fn option(&mut self, reader: &mut Reader) -> Result<(), String> {
        for (words, text) in TRAITS {
            if reader.words(words) {
                return once(self.traits.contains(&text), text).map(|()| self.traits.push(text));
            }
        }
        if reader.words(&["security", "definer"])
            || reader.words(&["external", "security", "definer"])
        {
            self.is_security_definer = true;
            return Ok(());
        }
        if reader.words(&["returns"]) {
            once(self.returns.is_some(), "RETURNS")?;
            self.returns = Some(returns(reader)?);
            return Ok(());
        }
        if reader.words(&["language"]) {
            once(self.language.is_some(), "LANGUAGE")?;
            self.language = Some(language(reader)?);
            return Ok(());
        }
        if reader.words(&["as"]) {
            once(self.body.is_some(), "AS")?;
            let place = reader.place();
            return match reader.next() {
                Some(Token::Text(text)) => {
                    self.body = Some(text);
                    Ok(())
                }
                _ => Err(format!("the body is expected as a text {place}")),
            };
        }
        for (word, text) in [("cost", " COST "), ("rows", " ROWS ")] {
            if reader.words(&[word]) {
                once(self.estimates.iter().any(|(known, _)| *known == text), word)?;
                self.estimates.push((text, whole(reader)?));
                return Ok(());
            }
        }
        if reader.words(&["set"]) {
            self.settings.push(setting(reader)?);
            return Ok(());
        }
        Err(format!("this part of a function is not taken {}", reader.place()))
    }
}

fn once(is_there: bool, what: &str) -> Result<(), String> {
    if is_there { Err(format!("{what} is said twice")) } else { Ok(()) }
}

fn word(reader: &mut Reader) -> Result<Ident, String> {
    let place = reader.place();
    match reader.next() {
        Some(Token::Word(text) | Token::Quoted(text)) => {
            Ident::parse(&text).map_err(|error| error.to_string())
        }
        _ => Err(format!("a name is expected {place}")),
    }
}

fn qualified(reader: &mut Reader) -> Result<QualifiedName, String> {
    let first = word(reader)?;
    if reader.symbol(".") {
        return Ok(QualifiedName::new(first, word(reader)?));
    }
    Ok(QualifiedName::new(public(), first))
}

fn language(reader: &mut Reader) -> Result<Ident, String> {
    if let Some(Token::Text(text)) = reader.peek(0) {
        let found = Ident::parse(&text.to_ascii_lowercase()).map_err(|error| error.to_string());
        reader.skip(1);
        return found;
    }
    word(reader)
}

fn whole(reader: &mut Reader) -> Result<i64, String> {
    let place = reader.place();
    match reader.next() {
        Some(Token::Number(digits)) => {
            let number: i32 =
                digits.parse().map_err(|_no| format!("{digits} is no whole number"))?;
            Ok(i64::from(number))
        }
        _ => Err(format!("a number is expected {place}")),
    }
}

fn arguments(reader: &mut Reader) -> Result<Vec<Argument>, String> {
    reader.expect("(")?;
    let mut found = Vec::new();
    if reader.symbol(")") {
        return Ok(found);
    }
    loop {
        found.push(argument(reader)?);
        if found.len() > MOST_ARGUMENTS {
            return Err("a function has at most 100 arguments".to_owned());
        }
        if reader.symbol(")") {
            return Ok(found);
        }
        reader.expect(",")?;
    }
}

const MODES: [(&[&str], &str); 5] = [
    (&["in", "out"], "INOUT "),
    (&["in"], "IN "),
    (&["out"], "OUT "),
    (&["inout"], "INOUT "),
    (&["variadic"], "VARIADIC "),
];

fn argument(reader: &mut Reader) -> Result<Argument, String> {
    let mode = MODES.iter().find(|(words, _)| reader.words(words)).map_or("IN ", |(_, text)| text);
    let name = if is_named(reader) { Some(word(reader)?) } else { None };
    let data_type = TypeName::read(reader)?;
    let has_default = reader.words(&["default"]) || reader.symbol("=");
    let default = match has_default {
        true => Some(Expression::read(reader, Scope::Constants, 0)?),
        false => None,
    };
    Ok(Argument { mode, name, data_type, default })
}

/// Whether a name comes before the type: two words in a row that are not one type.
fn is_named(reader: &Reader) -> bool {
    let is_name = |ahead| matches!(reader.peek(ahead), Some(Token::Word(_) | Token::Quoted(_)));
    let belongs = |first: &str, second: &str| reader.is_word(0, first) && reader.is_word(1, second);
    let is_one_type = belongs("double", "precision")
        || ["character", "char", "bit"].iter().any(|first| belongs(first, "varying"))
        || ["time", "timestamp"]
            .iter()
            .any(|first| ["with", "without"].iter().any(|second| belongs(first, second)));
    let ends = reader.is_word(1, "default") || reader.is_word(1, "array");
    is_name(0) && is_name(1) && !is_one_type && !ends
}

fn returns(reader: &mut Reader) -> Result<Returns, String> {
    if reader.words(&["setof"]) {
        return Ok(Returns::Set(TypeName::read(reader)?));
    }
    if !(reader.is_word(0, "table") && reader.is_symbol(1, "(")) {
        return Ok(Returns::One(TypeName::read(reader)?));
    }
    reader.skip(2);
    let mut columns = Vec::new();
    loop {
        columns.push((word(reader)?, TypeName::read(reader)?));
        if columns.len() > MOST_ARGUMENTS {
            return Err("a function returns at most 100 columns".to_owned());
        }
        if reader.symbol(")") {
            return Ok(Returns::Table(columns));
        }
        reader.expect(",")?;
    }
}

fn setting(reader: &mut Reader) -> Result<(Ident, Vec<String>), String> {
    let name = word(reader)?;
    if !SETTINGS.contains(&name.as_str()) {
        return Err(format!("a function may not set '{}'", shown(name.as_str())));
    }
    if !reader.words(&["to"]) {
        reader.expect("=")?;
    }
    let mut values = Vec::new();
    loop {
        let place = reader.place();
        match reader.next() {
            Some(Token::Word(text) | Token::Quoted(text) | Token::Text(text)) => values.push(text),
            Some(Token::Number(text)) => values.push(text),
            _ => return Err(format!("a value is expected {place}")),
        }
        if values.len() > MOST_ARGUMENTS {
            return Err("a setting has too many values".to_owned());
        }
        if !reader.symbol(",") {
            return Ok((name, values));
        }
    }
}
