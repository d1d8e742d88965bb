//! One condition in its long form.

use super::{Conditions, expression, invalid, negate_if};
use crate::request::{
    CastType, Casts, Filter, Operator,
    error::RequestError,
    fields::Fields,
    operator::{split_negation, takes_no_value},
};
use serde_json::Value;

pub(super) const COLUMN: &[&str] = &["column", "eq_column"];
pub(super) const OPERATOR: &[&str] = &["operator", "op"];
const VALUE: &[&str] = &["value", "values", "eq_value"];
const NEGATED: &[&str] = &["negated", "negate"];
const COLUMN_CAST: &[&str] = &["column_cast", "eq_column_cast"];
const VALUE_CAST: &[&str] = &["value_cast", "eq_value_cast"];

impl Conditions<'_> {
    /// A condition in its long form, or the legacy pair of `eq_column` and `eq_value`.
    pub(super) fn condition(
        &mut self,
        mut fields: Fields,
        path: &str,
    ) -> Result<Filter, RequestError> {
        fields.refuse_unknown(&[
            COLUMN,
            OPERATOR,
            VALUE,
            NEGATED,
            COLUMN_CAST,
            VALUE_CAST,
            &["not"],
        ])?;
        let is_legacy = fields.has(&["eq_column", "eq_value"]);
        let negated = fields.take_bool(NEGATED)? | fields.take_bool(&["not"])?;
        let casts = Casts {
            column: cast(&mut fields, COLUMN_CAST)?,
            value: cast(&mut fields, VALUE_CAST)?,
            is_automatic: false,
        };
        let column = fields.take_text(COLUMN)?;
        let word = match fields.take(OPERATOR)? {
            Some(Value::String(word)) => word,
            None if is_legacy => "eq".to_owned(),
            None => return Err(invalid(path, "the operator is missing")),
            Some(_) => return Err(invalid(path, "the operator is not a string")),
        };
        let value = fields.take(VALUE)?;
        let (not, operator) = split_negation(&word);
        if column.is_none() && matches!(operator, "or" | "and" | "not") {
            let Some(Value::String(text)) = value else {
                return Err(invalid(path, "an expression in a string is expected"));
            };
            if casts != Casts::default() {
                return Err(invalid(path, "an expression has no type to be cast to"));
            }
            let filter = expression::parse(self, &text, operator, path)?;
            return Ok(negate_if(not | negated, filter));
        }
        let column = column.ok_or_else(|| invalid(path, "the column is missing"))?;
        let value = match value {
            Some(value) => value,
            None if takes_no_value(operator) => Value::Null,
            None => {
                self.check_numeric(path, &column, Operator::Eq, &Value::Null)?;
                return Err(invalid(path, "the value is missing"));
            }
        };
        Ok(negate_if(negated, self.cast(path, &column, &word, value, casts)?))
    }
}

fn cast(fields: &mut Fields, names: &[&'static str]) -> Result<Option<CastType>, RequestError> {
    let word = match fields.take(names)? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(word)) => word,
        Some(_) => return Err(fields.invalid(names[0], "the name of a type")),
    };
    match CastType::parse(&word) {
        Some(cast) => Ok(Some(cast)),
        None => Err(RequestError::UnknownCast { path: fields.named(names[0]), cast: word }),
    }
}
