//! Text of a statement. Only fixed words, quoted names and the catalog's own type names get in.

use crate::sql::SqlStatement;
use catalog::{DataType, Ident, QualifiedName};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlText(String);

impl Default for SqlText {
    /// With room for most statements, so that they do not move while they grow.
    fn default() -> Self {
        Self(String::with_capacity(256))
    }
}

impl From<SqlText> for Arc<str> {
    fn from(text: SqlText) -> Self {
        text.0.into()
    }
}

impl SqlText {
    /// A text that was finished before, as a part of this one.
    pub(crate) fn all_of(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// A whole statement of a caller who may write SQL: the one text that comes from outside, and
    /// then it is all of it. Never a part.
    pub(crate) fn written_by_caller(statement: &SqlStatement) -> Option<Self> {
        statement.is_plain_read().then(|| Self(statement.text().to_owned()))
    }

    /// Words that stand in our sources.
    pub(crate) fn syntax(&mut self, words: &'static str) -> &mut Self {
        self.0.push_str(words);
        self
    }

    /// A quoted name.
    pub(crate) fn ident(&mut self, ident: &Ident) -> &mut Self {
        self.0.push('"');
        for (at, part) in ident.as_str().split('"').enumerate() {
            if at > 0 {
                self.0.push_str("\"\"");
            }
            self.0.push_str(part);
        }
        self.0.push('"');
        self
    }

    /// A number of ours.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.0.push_str(itoa::Buffer::new().format(number));
        self
    }

    pub(crate) fn qualified(&mut self, name: &QualifiedName) -> &mut Self {
        self.ident(&name.schema).syntax(".").ident(&name.name)
    }

    /// The place of a parameter: `sign` and its number.
    pub(crate) fn bind(&mut self, sign: &'static str, number: usize) -> &mut Self {
        self.0.push_str(sign);
        self.0.push_str(itoa::Buffer::new().format(number));
        self
    }

    /// A type as the catalog spells it, without its modifier: a cast to `varchar(3)` would cut a
    /// value to fit, silently.
    pub(crate) fn type_name(&mut self, data_type: &DataType) -> &mut Self {
        let (mut is_quoted, mut depth) = (false, 0_usize);
        for c in data_type.sql.chars() {
            match c {
                '"' => is_quoted = !is_quoted,
                '(' if !is_quoted => depth += 1,
                ')' if !is_quoted => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                self.0.push(c);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::TypeKind;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        for (name, expected) in [
            ("plain", r#""plain""#),
            (r#"a"b"#, r#""a""b""#),
            (r#""; drop table x; --"#, r#""""; drop table x; --""#),
            ("名前", r#""名前""#),
        ] {
            let mut text = SqlText::default();
            text.ident(&Ident::parse(name).unwrap());
            assert_eq!(text.0, expected);
        }
    }

    #[test]
    fn a_type_loses_its_modifier_and_nothing_else() {
        for (sql, expected) in [
            ("numeric(12,2)", "numeric"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("billing.status", "billing.status"),
            (r#""odd (type)"."x""#, r#""odd (type)"."x""#),
            ("geometry(Point,4326)", "geometry"),
        ] {
            let mut text = SqlText::default();
            text.type_name(&DataType { oid: 0, sql: sql.to_owned(), kind: TypeKind::Other });
            assert_eq!(text.0, expected);
        }
    }
}
