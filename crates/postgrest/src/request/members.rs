//! The names that a JSON body gives, read past its values: those are for the database.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, collections::BTreeSet, fmt};

/// What a body is, as far as its names matter.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Members {
    Object(BTreeSet<String>),
    /// Objects with the same names, and at least one.
    Rows(BTreeSet<String>),
    /// Rows that differ in their names, or are no objects.
    Mixed,
    /// Neither an object nor any rows.
    Other,
}

/// `None` when it is no JSON.
pub(super) fn of(body: &[u8]) -> Option<Members> {
    // Values are skipped, so nobody else looks at their characters.
    let text = std::str::from_utf8(body).ok()?;
    let members = serde_json::from_str(text).ok()?;
    // An object that plays a number is neither.
    let plays = members == Members::Other && text.trim_start().starts_with('{');
    (!plays).then_some(members)
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Body)
    }
}

/// Everything that is neither an object nor an array.
macro_rules! scalars {
    ($other:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($other)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($other)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($other)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($other)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($other)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($other)
        }
    };
}

/// What the parser calls the one member of a number that it keeps as text.
const NUMBER: &str = "$serde_json::private::Number";

struct Body;

impl<'de> Visitor<'de> for Body {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(Members::Other);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, IgnoredAny)) = map.next_entry::<Cow<'de, str>, _>()? {
            names.insert(name.into_owned());
        }
        Ok(if names.contains(NUMBER) { Members::Other } else { Members::Object(names) })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Members, A::Error> {
        let Some(first) = rows.next_element::<Members>()? else { return Ok(Members::Other) };
        let Members::Object(names) = first else {
            while rows.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Members::Mixed);
        };
        let mut are_same = true;
        let mut seen = vec![0; names.len()];
        let order: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut number = 0;
        while let Some(is_same) = {
            number += 1;
            rows.next_element_seed(Row { order: &order, seen: &mut seen, number })?
        } {
            are_same &= is_same;
        }
        Ok(if are_same { Members::Rows(names) } else { Members::Mixed })
    }
}

/// A row after the first: has it the same names?
struct Row<'a> {
    /// Of the first row, sorted.
    order: &'a [&'a str],
    /// In which row each was seen last.
    seen: &'a mut [usize],
    number: usize,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(false);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut are_known = true;
        while let Some((name, IgnoredAny)) = map.next_entry::<Cow<'de, str>, _>()? {
            match self.order.binary_search(&name.as_ref()) {
                Ok(at) => self.seen[at] = self.number,
                Err(_) => are_known = false,
            }
        }
        Ok(are_known && self.seen.iter().all(|last| *last == self.number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<bool, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_names_of_an_object_and_of_equal_rows_are_those_of_the_body() {
        let nested = br#"{"b":{"c":[1,{"d":2}]},"a":1.5e3,"b":"x","\u00e9":null}"#;
        assert_eq!(of(nested), Some(Members::Object(names(&["a", "b", "é"]))));
        let rows = br#"[{"a":1,"b":[]},{"b":true,"a":"]"},{"a":0,"a":1,"b":2}]"#;
        assert_eq!(of(rows), Some(Members::Rows(names(&["a", "b"]))));
        assert_eq!(of(b"[{},{}]"), Some(Members::Rows(BTreeSet::new())));
    }

    #[test]
    fn rows_that_differ_are_told() {
        for body in [
            r#"[{"a":1},{"b":1}]"#,
            r#"[{"a":1},{"a":1,"b":1}]"#,
            r#"[{"a":1,"b":1},{"a":1}]"#,
            r#"[{"a":1,"b":1},{"a":1,"a":2}]"#,
            r#"[{"a":1},[]]"#,
            r#"[{"a":1},null]"#,
            r#"[{"a":1},1.5]"#,
            "[1.5,1.5]",
            "[1,1]",
            r#"[1,{"a":1}]"#,
            "[[1],{}]",
        ] {
            assert_eq!(of(body.as_bytes()), Some(Members::Mixed), "{body}");
        }
    }

    #[test]
    fn anything_else_is_no_row_and_what_is_no_json_is_nothing() {
        for body in ["[]", "null", "1", "-1", "1.5", "true", "\"a\""] {
            assert_eq!(of(body.as_bytes()), Some(Members::Other), "{body}");
        }
        for body in ["", "{", "[{\"a\":1}", "[{\"a\":1},{]", "{} {}", "{a:1}", "[{\"a\":tru}]"] {
            assert_eq!(of(body.as_bytes()), None, "{body}");
        }
        assert_eq!(of(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(of(format!("{{\"{NUMBER}\":\"1\"}}").as_bytes()), None);
    }
}
