//! `${NAME}` and `${NAME:-instead}` in connection strings.

use crate::Environment;

/// The text with every variable put in, or the name of the first that is not set.
pub(crate) fn expand(text: &str, environment: &Environment) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once('}') else {
            return Err("a `${` has no `}`".to_owned());
        };
        let (name, instead) = match inside.split_once(":-") {
            Some((name, instead)) => (name, Some(instead)),
            None => (inside, None),
        };
        if !is_name(name) {
            return Err("between `${` and `}` must stand the name of a variable".to_owned());
        }
        match environment.get(name).or(instead) {
            Some(value) => out.push_str(value),
            None => return Err(format!("the environment variable {name} is not set")),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_put_in_wherever_it_stands() {
        let environment = Environment::of([("PASSWORD", "hunter2"), ("EMPTY", "")]);
        let expanded = |text: &str| expand(text, &environment);
        assert_eq!(expanded("a:${PASSWORD}@b").unwrap(), "a:hunter2@b");
        assert_eq!(expanded("${PASSWORD}").unwrap(), "hunter2");
        assert_eq!(expanded("${NOT_SET:-x}${EMPTY:-y}").unwrap(), "xy");
        assert_eq!(expanded("no $variable {at} all").unwrap(), "no $variable {at} all");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let refusal = expand("a${NOT_SET}", &Environment::default()).unwrap_err();
        assert!(refusal.contains("NOT_SET"), "{refusal}");
        for text in ["${", "${}", "${1A}", "${A B}"] {
            assert!(expand(text, &Environment::of([("A", "x")])).is_err(), "{text}");
        }
    }
}
