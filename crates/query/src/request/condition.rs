//! Conditions in every spelling, as one tree. Nothing is dropped: what is not understood is refused by its place.

mod entry;
mod tree;

use super::{
    CastType, Casts, Condition, Filter, Operator, ParseOptions, error::RequestError, expression,
    to_snake,
};
use crate::request::operator::{known, split_negation};
use serde_json::Value;

/// Reads conditions and counts them.
pub(super) struct Conditions<'a> {
    options: &'a ParseOptions,
    seen: usize,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(options: &'a ParseOptions) -> Self {
        Self { options, seen: 0 }
    }

    /// `conditions` and `where` together; all must hold.
    pub(super) fn all(
        &mut self,
        list: Option<Value>,
        object: Option<Value>,
    ) -> Result<Filter, RequestError> {
        let mut filters = match list {
            None => Vec::new(),
            Some(Value::Array(items)) => self.items(items, "conditions", 0)?,
            Some(_) => return Err(invalid("conditions", "an array of conditions is expected")),
        };
        if let Filter::And(more) = self.object(object, "where")? {
            filters.extend(more);
        }
        Ok(if filters.is_empty() { Filter::All } else { Filter::And(filters) })
    }

    /// Conditions by column, all of which must hold.
    pub(super) fn object(
        &mut self,
        object: Option<Value>,
        path: &str,
    ) -> Result<Filter, RequestError> {
        let filters = match object {
            None => Vec::new(),
            Some(Value::Object(members)) => self.members(members, path, 0)?,
            Some(_) => return Err(invalid(path, "an object is expected")),
        };
        Ok(if filters.is_empty() { Filter::All } else { Filter::And(filters) })
    }

    pub(super) fn max_depth(&self) -> usize {
        self.options.max_depth
    }

    /// A leaf of the tree.
    fn leaf(
        &mut self,
        path: &str,
        column: &str,
        operator: Operator,
        value: Value,
        casts: Casts,
    ) -> Result<Filter, RequestError> {
        self.seen += 1;
        if self.seen > self.options.max_conditions {
            let limit = self.options.max_conditions;
            return Err(RequestError::TooMany { what: "conditions", limit });
        }
        if column.is_empty() {
            return Err(invalid(path, "the column's name is empty"));
        }
        self.check_numeric(path, column, operator, &value)?;
        self.check_value(path, operator, &value)?;
        let casts = self.with_automatic(casts, operator, &value);
        let (path, column) = (path.to_owned(), self.options.name(column.to_owned()));
        let condition = Condition { path, column, operator, value };
        Ok(if casts == Casts::default() {
            Filter::Condition(condition)
        } else {
            Filter::Cast(condition, casts)
        })
    }

    /// A UUID is looked for in any column, and found only where there are such.
    fn with_automatic(&self, casts: Casts, operator: Operator, value: &Value) -> Casts {
        let is_asked = casts.column.is_some() || casts.value.is_some();
        let fits = match (operator, value) {
            (Operator::Eq | Operator::Neq, value) => is_uuid(value),
            (Operator::In | Operator::NotIn, Value::Array(items)) => items.iter().any(is_uuid),
            _ => false,
        };
        if is_asked || !fits || !self.options.uuid_as_text {
            return casts;
        }
        Casts { column: Some(CastType::TEXT), value: None, is_automatic: true }
    }

    /// Some columns are asked about with whole numbers or not at all.
    pub(super) fn check_numeric(
        &self,
        path: &str,
        column: &str,
        operator: Operator,
        value: &Value,
    ) -> Result<(), RequestError> {
        let is_null_test = matches!(operator, Operator::Is | Operator::IsNull | Operator::NotNull);
        if is_null_test || self.options.numeric_columns.is_empty() {
            return Ok(());
        }
        let name = to_snake(column);
        if !self.options.numeric_columns.contains(&name) {
            return Ok(());
        }
        let fits = match value {
            Value::Array(items) => items.iter().all(is_whole),
            value => is_whole(value),
        };
        if fits {
            return Ok(());
        }
        Err(RequestError::NotNumeric { path: path.to_owned(), column: name })
    }

    fn check_value(
        &self,
        path: &str,
        operator: Operator,
        value: &Value,
    ) -> Result<(), RequestError> {
        if let Value::Array(items) = value
            && items.len() > self.options.max_values
        {
            let limit = self.options.max_values;
            return Err(RequestError::TooMany { what: "values in one condition", limit });
        }
        match operator {
            Operator::In | Operator::NotIn if !value.is_array() => {
                Err(invalid(path, "an array of values is expected"))
            }
            Operator::Like | Operator::Ilike if !value.is_string() => {
                Err(invalid(path, "a pattern is a string"))
            }
            Operator::IsNull | Operator::NotNull if !value.is_null() => {
                Err(invalid(path, "a test for null takes no value"))
            }
            _ => Ok(()),
        }
    }

    fn deeper(&self, path: &str, depth: usize) -> Result<usize, RequestError> {
        if depth >= self.options.max_depth {
            return Err(invalid(path, "the conditions stand too deep in each other"));
        }
        Ok(depth + 1)
    }

    /// A condition whose operator is still a word.
    pub(super) fn spoken(
        &mut self,
        path: &str,
        column: &str,
        word: &str,
        value: Value,
    ) -> Result<Filter, RequestError> {
        self.cast(path, column, word, value, Casts::default())
    }

    fn cast(
        &mut self,
        path: &str,
        column: &str,
        word: &str,
        value: Value,
        casts: Casts,
    ) -> Result<Filter, RequestError> {
        let (not, operator) = split_negation(word);
        let Some(operator) = known(operator) else {
            let (path, operator) = (path.to_owned(), word.to_owned());
            return Err(RequestError::UnknownOperator { path, operator });
        };
        Ok(negate_if(not, self.leaf(path, column, operator, value, casts)?))
    }
}

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| uuid::Uuid::parse_str(text.trim()).is_ok())
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::String(text) => text.trim().parse::<i64>().is_ok(),
        _ => false,
    }
}

pub(super) fn negate_if(negated: bool, filter: Filter) -> Filter {
    if negated { Filter::Not(Box::new(filter)) } else { filter }
}

pub(super) fn invalid(path: &str, reason: &'static str) -> RequestError {
    RequestError::InvalidCondition { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests;
