//! A JSON value against its column's type, in the form it is bound in.

use super::{BoundValue, PlanError, array};
use catalog::{Column, DataType, SchemaCache, TypeKind};
use serde_json::Value;

/// In which form values of a type are bound. Every value of one column has the same, null included,
/// so that a statement's text never depends on its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Bool,
    Int2,
    Int4,
    Int8,
    Float8,
    Uuid,
    Text,
}

impl Carrier {
    pub(crate) fn of(data_type: &DataType) -> Self {
        match data_type.base_name() {
            "bool" => Self::Bool,
            "int2" => Self::Int2,
            "int4" => Self::Int4,
            "int8" => Self::Int8,
            "float8" => Self::Float8,
            "uuid" => Self::Uuid,
            _ => Self::Text,
        }
    }

    /// What is written behind a parameter of this form.
    pub(crate) fn cast(self) -> &'static str {
        match self {
            Self::Bool => "::bool",
            Self::Int2 => "::int2",
            Self::Int4 => "::int4",
            Self::Int8 => "::int8",
            Self::Float8 => "::float8",
            Self::Uuid => "::uuid",
            Self::Text => "::text",
        }
    }
}

/// Checks values for one column, and names it when one does not fit.
#[derive(Clone, Copy)]
pub(super) struct Binder<'a> {
    pub(super) column: &'a Column,
    pub(super) cache: &'a SchemaCache,
    /// Where the value stood in the request.
    pub(super) path: &'a str,
}

impl Binder<'_> {
    pub(super) fn bind(self, value: &Value) -> Result<BoundValue, PlanError> {
        self.bind_as(&self.column.data_type, value)
    }

    /// A value of any type, `column` being what it is for.
    fn bind_as(self, data_type: &DataType, value: &Value) -> Result<BoundValue, PlanError> {
        let data_type = data_type.underlying();
        // In a JSON column null is no value, as everywhere else.
        if value.is_null() {
            return Ok(BoundValue::Null);
        }
        match &data_type.kind {
            TypeKind::Array(element) => self.array(element, value),
            TypeKind::Enum(name) => self.enum_value(name, value),
            TypeKind::Range | TypeKind::Composite | TypeKind::Other => match value {
                Value::String(text) => self.text(text.clone()),
                _ => Err(self.invalid(format!("a string that reads as {}", data_type.sql))),
            },
            TypeKind::Base(_) if data_type.is_json() => self.json(value),
            TypeKind::Base(_) | TypeKind::Domain(_) => self.scalar(data_type, value),
        }
    }

    fn scalar(self, data_type: &DataType, value: &Value) -> Result<BoundValue, PlanError> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(self.invalid(format!("one value of {}", data_type.sql)));
            }
        };
        match Carrier::of(data_type) {
            Carrier::Bool => self.boolean(value, &text),
            Carrier::Int2 => self.integer(&text).map(BoundValue::Int2),
            Carrier::Int4 => self.integer(&text).map(BoundValue::Int4),
            Carrier::Int8 => self.integer(&text).map(BoundValue::Int8),
            Carrier::Float8 => float(&text)
                .map(BoundValue::Float8)
                .ok_or_else(|| self.invalid("a number".to_owned())),
            Carrier::Uuid => uuid::Uuid::parse_str(text.trim())
                .map(BoundValue::Uuid)
                .map_err(|_not_a_uuid| self.invalid("a uuid".to_owned())),
            Carrier::Text => match data_type.base_name() {
                "numeric" | "float4" if !is_decimal(text.trim()) => {
                    Err(self.invalid("a number".to_owned()))
                }
                // A column without a type keeps numbers as numbers.
                "any" => match (value.as_i64(), value.as_f64()) {
                    (Some(number), _) => Ok(BoundValue::Int8(number)),
                    (None, Some(number)) => Ok(BoundValue::Float8(number)),
                    (None, None) => self.text(text),
                },
                _ => self.text(text),
            },
        }
    }

    fn boolean(self, value: &Value, text: &str) -> Result<BoundValue, PlanError> {
        let known = match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        };
        known
            .filter(|_| !value.is_number())
            .map(BoundValue::Bool)
            .ok_or_else(|| self.invalid("true or false".to_owned()))
    }

    fn integer<T: TryFrom<i64>>(self, text: &str) -> Result<T, PlanError> {
        let number = text.trim().parse::<i64>().ok().and_then(|number| T::try_from(number).ok());
        let sql = &self.column.data_type.underlying().sql;
        number.ok_or_else(|| self.invalid(format!("a whole number that fits {sql}")))
    }

    fn enum_value(
        self,
        name: &catalog::QualifiedName,
        value: &Value,
    ) -> Result<BoundValue, PlanError> {
        let Value::String(text) = value else {
            return Err(self.invalid(format!("a value of {name}")));
        };
        match self.cache.enum_type(name) {
            Some(known) if !known.values.contains(text) => Err(PlanError::UnknownEnumValue {
                column: self.column.name.as_str().to_owned(),
                path: self.path.to_owned(),
                type_name: name.to_string(),
                available: known.values.iter().take(100).cloned().collect(),
            }),
            // The database decides about an enum that was made since the schema was read.
            Some(_) | None => self.text(text.clone()),
        }
    }

    /// Any JSON value. A string is a JSON string.
    fn json(self, value: &Value) -> Result<BoundValue, PlanError> {
        if holds_nul(value) {
            return Err(self.nul());
        }
        Ok(BoundValue::Text(value.to_string()))
    }

    fn array(self, element: &DataType, value: &Value) -> Result<BoundValue, PlanError> {
        match value {
            Value::Array(items) => self.array_of(element, items).map(BoundValue::Text),
            // PostgreSQL's own form: `{a,b}`.
            Value::String(text) if text.starts_with(['{', '[']) => self.text(text.clone()),
            _ => Err(self.invalid(format!("an array of {}", element.sql))),
        }
    }

    fn array_of(self, element: &DataType, items: &[Value]) -> Result<String, PlanError> {
        let is_nested = |item: &Value| item.is_array() && !element.is_json();
        let items = items.iter().map(|item| match item {
            Value::Array(inner) if is_nested(item) => self.array_of(element, inner),
            _ => self.bind_as(element, item).map(|bound| array::element(&bound)),
        });
        Ok(array::join(items.collect::<Result<Vec<_>, _>>()?))
    }

    fn text(self, text: String) -> Result<BoundValue, PlanError> {
        if text.contains('\0') { Err(self.nul()) } else { Ok(BoundValue::Text(text)) }
    }

    fn nul(self) -> PlanError {
        let column = self.column.name.as_str().to_owned();
        PlanError::NulInText { column, path: self.path.to_owned() }
    }

    pub(super) fn invalid(self, expected: String) -> PlanError {
        let column = self.column.name.as_str().to_owned();
        PlanError::InvalidValue { column, path: self.path.to_owned(), expected }
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A number a float8 can hold; too large is refused rather than made infinite.
fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let number: f64 = text.parse().ok()?;
    (number.is_finite() || is_special(text)).then_some(number)
}

fn is_special(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word))
}

/// `12`, `-1.50`, `.5`, `1e-7`, `NaN`: kept as written, so that no digit is lost.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && are_digits(digits)
    });
    let is_number = are_digits(whole)
        && are_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && has_exponent;
    is_number || is_special(text)
}

#[cfg(test)]
mod tests;
