//! A body that may hold a secret: it is taken out before anything else sees the rest.

use datasources::Invalid;
use gateway::admin::clients::{ClientsError, SecretInput};
use secrets::Cleartext;
use serde_json::{Map, Value};

/// What was sent, without its secret.
pub(crate) struct Draft {
    pub(crate) members: Map<String, Value>,
    pub(crate) secret: Option<SecretInput>,
}

const LONGEST: usize = 8 << 10;
const LONGEST_PLACE: usize = 128;

pub(crate) fn draft(body: &[u8]) -> Result<Draft, ClientsError> {
    let mut members = object(body)?;
    let secret = members.shift_remove("secret").map(secret).transpose()?.flatten();
    Ok(Draft { members, secret })
}

/// The position is told, the text is not: it may hold a secret.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, ClientsError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Invalid::at("body", "must be an object").into()),
        Err(error) => {
            let place = format!("is no JSON: line {}, column {}", error.line(), error.column());
            Err(Invalid::at("body", place).into())
        }
    }
}

/// A text, or an object with a value and the place it shall have.
fn secret(sent: Value) -> Result<Option<SecretInput>, Invalid> {
    let mut members = match sent {
        Value::Null => return Ok(None),
        Value::String(text) => return Ok(Some(SecretInput::new(value(text)?))),
        Value::Object(members) => members,
        _ => return Err(Invalid::at("secret", "must be a text, or an object with a value")),
    };
    let Some(Value::String(text)) = members.shift_remove("value") else {
        return Err(Invalid::at("secret.value", "must be a text"));
    };
    let value = value(text)?;
    let namespace = place(&mut members, "namespace")?;
    let key = place(&mut members, "key")?;
    if let Some((name, _)) = members.into_iter().next() {
        return Err(Invalid::at(format!("secret.{name}"), "is not known"));
    }
    Ok(Some(SecretInput { value, namespace, key }))
}

fn value(text: String) -> Result<Cleartext, Invalid> {
    let value = Cleartext::new(text);
    if value.is_empty() {
        return Err(Invalid::at("secret", "is empty; leave it out, and the stored one is kept"));
    }
    if value.expose().len() > LONGEST || value.expose().contains('\0') {
        return Err(Invalid::at("secret", format!("has at most {LONGEST} bytes, and no NUL")));
    }
    Ok(value)
}

fn place(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Invalid> {
    match members.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=LONGEST_PLACE).contains(&text.len()) => Ok(Some(text)),
        Some(_) => Err(Invalid::at(
            format!("secret.{name}"),
            format!("must be a text of at most {LONGEST_PLACE} bytes"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        draft(body.as_bytes()).err().unwrap_or_else(|| panic!("{body} was taken")).to_string()
    }

    #[test]
    fn a_secret_is_taken_out_of_the_body_in_both_its_forms() {
        let Draft { members, secret } = draft(br#"{"name":"a","secret":"hunter2"}"#).ok().unwrap();
        assert_eq!(secret.unwrap().value.expose(), "hunter2");
        assert!(!Value::Object(members).to_string().contains("hunter2"));
        let body = br#"{"secret":{"value":"hunter2","namespace":"n","key":"k"}}"#;
        let secret = draft(body).ok().unwrap().secret.unwrap();
        assert_eq!((secret.namespace.as_deref(), secret.key.as_deref()), (Some("n"), Some("k")));
        assert!(draft(br#"{"secret":null}"#).ok().unwrap().secret.is_none());
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_repeated() {
        for body in [
            r#"{"secret":"hunter2""#,
            r#"["hunter2"]"#,
            r#"{"secret":["hunter2"]}"#,
            r#"{"secret":{"value":"hunter2","valu":1}}"#,
            r#"{"secret":{"value":7,"key":"hunter2"}}"#,
            r#"{"secret":""}"#,
        ] {
            assert!(!refusal(body).contains("hunter2"), "{body}");
        }
    }
}
