//! What a SQL type is to the console: how it filters and which input edits it.

use api_types::console::{DataType, FieldType};

/// A type's text taken apart: `numeric(10, 2)[]` is `numeric`, scale 2, one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlType {
    /// Lower case, without length, precision or brackets.
    pub base: String,
    pub dimensions: u8,
    pub precision: Option<i32>,
    pub scale: Option<i32>,
}

impl SqlType {
    pub fn parse(text: &str) -> Self {
        let mut rest = text.trim();
        let mut dimensions = 0u8;
        while let Some(open) = rest.strip_suffix(']').and_then(|inner| inner.rfind('[')) {
            dimensions = dimensions.saturating_add(1);
            rest = rest[..open].trim_end();
        }
        let (name, arguments) = match (rest.find('('), rest.rfind(')')) {
            (Some(open), Some(close)) if open < close => {
                let name = format!("{} {}", &rest[..open], &rest[close + 1..]);
                (name, &rest[open + 1..close])
            }
            _ => (rest.to_owned(), ""),
        };
        let words: Vec<_> = name.split_whitespace().collect();
        let mut numbers = arguments.split(',').map(|number| number.trim().parse().ok());
        let precision = numbers.next().flatten();
        let scale = numbers.next().flatten();
        Self { base: words.join(" ").to_lowercase(), dimensions, precision, scale }
    }

    /// How a value of this type is filtered, sorted and edited. Unknown types are shown as text.
    pub fn fields(&self) -> (DataType, FieldType) {
        let element = of_base(&self.base);
        match self.dimensions {
            0 => element,
            // A comma list cannot say where an inner list, an object or bytes begin.
            1 if !matches!(element.0, DataType::Json | DataType::Other) => {
                (DataType::Json, FieldType::List)
            }
            _ => (DataType::Json, FieldType::Json),
        }
    }

    /// Digits after the point that people expect to see.
    pub fn digits(&self) -> Option<u8> {
        match self.base.as_str() {
            _ if self.dimensions > 0 => None,
            "money" => Some(2),
            "numeric" | "decimal" => u8::try_from(self.scale.or(self.precision.map(|_| 0))?).ok(),
            _ => None,
        }
    }

    /// An integer that a sequence fills, as snapshots spell it.
    pub fn is_serial(&self) -> bool {
        matches!(self.base.as_str(), "serial" | "bigserial" | "smallserial")
    }

    pub fn is_numeric(&self) -> bool {
        self.dimensions == 0 && of_base(&self.base).0 == DataType::Number
    }
}

fn of_base(base: &str) -> (DataType, FieldType) {
    match base {
        "text" | "varchar" | "character varying" | "citext" | "char" | "character" | "bpchar"
        | "\"char\"" | "name" | "inet" | "cidr" | "macaddr" | "macaddr8" | "interval" | "ltree" => {
            (DataType::String, FieldType::Text)
        }
        "uuid" => (DataType::Uuid, FieldType::Text),
        "smallint" | "integer" | "int" | "bigint" | "tinyint" | "int2" | "int4" | "int8"
        | "serial" | "bigserial" | "smallserial" | "numeric" | "decimal" | "real" | "float4"
        | "float8" | "double" | "double precision" | "float" | "money" => {
            (DataType::Number, FieldType::Number)
        }
        "boolean" | "bool" => (DataType::Boolean, FieldType::Boolean),
        "date" => (DataType::Date, FieldType::Date),
        "timestamp"
        | "timestamptz"
        | "timestamp with time zone"
        | "timestamp without time zone" => (DataType::Timestamp, FieldType::DateTime),
        "time" | "time without time zone" | "time with time zone" | "timetz" => {
            (DataType::String, FieldType::Time)
        }
        "json" | "jsonb" => (DataType::Json, FieldType::Json),
        // `interval year to month` and its kin.
        _ if base.starts_with("interval ") => (DataType::String, FieldType::Text),
        _ => (DataType::Other, FieldType::ReadOnly),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart_however_they_are_spelled() {
        let cases = [
            ("numeric(10, 2)", "numeric", 0, Some(10), Some(2)),
            ("numeric(5, -2)", "numeric", 0, Some(5), Some(-2)),
            ("timestamp (3) with time zone", "timestamp with time zone", 0, Some(3), None),
            ("timestamp(6) with time zone", "timestamp with time zone", 0, Some(6), None),
            ("VARCHAR(12)", "varchar", 0, Some(12), None),
            ("varchar(10)[][3]", "varchar", 2, Some(10), None),
            ("geometry(point)", "geometry", 0, None, None),
            ("", "", 0, None, None),
            ("]", "]", 0, None, None),
            (")(", ")(", 0, None, None),
        ];
        for (text, base, dimensions, precision, scale) in cases {
            let expected = SqlType { base: base.into(), dimensions, precision, scale };
            assert_eq!(SqlType::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn arrays_are_lists_unless_their_members_are_not_plain() {
        assert_eq!(SqlType::parse("uuid[]").fields(), (DataType::Json, FieldType::List));
        assert_eq!(SqlType::parse("integer[][]").fields(), (DataType::Json, FieldType::Json));
        assert_eq!(SqlType::parse("jsonb[]").fields(), (DataType::Json, FieldType::Json));
    }

    #[test]
    fn money_has_two_digits_and_a_whole_numeric_none() {
        assert_eq!(SqlType::parse("money").digits(), Some(2));
        assert_eq!(SqlType::parse("numeric(12,3)").digits(), Some(3));
        assert_eq!(SqlType::parse("numeric(10)").digits(), Some(0));
        assert_eq!(SqlType::parse("numeric").digits(), None);
        assert_eq!(SqlType::parse("numeric(5, -2)").digits(), None);
    }
}
