//! Arrays in PostgreSQL's text form, which one text parameter carries whatever their length.

use super::BoundValue;

/// `{"a","b\"c",NULL}`
pub(crate) fn array_text<'a>(values: impl IntoIterator<Item = &'a BoundValue>) -> String {
    join(values.into_iter().map(element))
}

/// Elements that are in their array form already.
pub(super) fn join(elements: impl IntoIterator<Item = String>) -> String {
    let mut text = String::from("{");
    for element in elements {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&element);
    }
    text.push('}');
    text
}

pub(super) fn element(value: &BoundValue) -> String {
    match value {
        BoundValue::Null => "NULL".to_owned(),
        BoundValue::Bool(value) => value.to_string(),
        BoundValue::Int2(value) => value.to_string(),
        BoundValue::Int4(value) => value.to_string(),
        BoundValue::Int8(value) => value.to_string(),
        BoundValue::Float8(value) => format!("{value:?}"),
        BoundValue::Uuid(value) => value.to_string(),
        BoundValue::Text(value) => quoted(value),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_leave_its_element() {
        let values = ["", "NULL", "a,b", r#"q"}',{"#, r"back\slash", "名前"]
            .map(|text| BoundValue::Text(text.to_owned()));
        let expected = r#"{"","NULL","a,b","q\"}',{","back\\slash","名前"}"#;
        assert_eq!(array_text(&values), expected);
        let values = [BoundValue::Null, BoundValue::Int8(-1), BoundValue::Float8(0.1)];
        assert_eq!(array_text(&values), "{NULL,-1,0.1}");
        assert_eq!(array_text(&[]), "{}");
    }
}
