//! Conditions in every spelling, as one tree. Nothing is dropped: what is not understood is refused by its place.

use super::{
    Condition, Filter, Operator, ParseOptions, error::RequestError, expression, fields::Fields,
};
use crate::request::operator::{known, split_negation, takes_no_value};
use serde_json::{Map, Value};

const COLUMN: &[&str] = &["column", "eq_column"];
const OPERATOR: &[&str] = &["operator", "op"];
const VALUE: &[&str] = &["value", "values", "eq_value"];
const NEGATED: &[&str] = &["negated", "negate"];
const CASTS: &[&str] = &["column_cast", "value_cast", "eq_column_cast", "eq_value_cast"];

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
        match object {
            None => {}
            Some(Value::Object(members)) => filters.extend(self.members(members, "where", 0)?),
            Some(_) => return Err(invalid("where", "an object is expected")),
        }
        Ok(if filters.is_empty() { Filter::All } else { Filter::And(filters) })
    }

    pub(super) fn max_depth(&self) -> usize {
        self.options.max_depth
    }

    /// A leaf of the tree.
    pub(super) fn leaf(
        &mut self,
        path: &str,
        column: &str,
        operator: Operator,
        value: Value,
    ) -> Result<Filter, RequestError> {
        self.seen += 1;
        if self.seen > self.options.max_conditions {
            let limit = self.options.max_conditions;
            return Err(RequestError::TooMany { what: "conditions", limit });
        }
        if column.is_empty() {
            return Err(invalid(path, "the column's name is empty"));
        }
        self.check_value(path, operator, &value)?;
        let (path, column) = (path.to_owned(), column.to_owned());
        Ok(Filter::Condition(Condition { path, column, operator, value }))
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

    fn items(
        &mut self,
        items: Vec<Value>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Filter>, RequestError> {
        let item = |(at, item): (usize, Value)| {
            let path = format!("{path}[{at}]");
            match item {
                Value::Object(members) => self.item(members, &path, depth),
                _ => Err(invalid(&path, "a condition is an object")),
            }
        };
        items.into_iter().enumerate().map(item).collect()
    }

    /// One member of a list: a branch of the tree, or a condition.
    fn item(
        &mut self,
        mut members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        for word in ["and", "or", "not"] {
            if let Some(value) = members.get_mut(word).filter(|value| !value.is_boolean()) {
                let value = value.take();
                return match members.keys().find(|name| *name != word) {
                    Some(other) => {
                        Err(RequestError::UnknownField { field: format!("{path}.{other}") })
                    }
                    None => self.branch(word, value, &format!("{path}.{word}"), depth),
                };
            }
        }
        self.condition(Fields::of(members, path), path)
    }

    fn branch(
        &mut self,
        word: &str,
        value: Value,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        let depth = self.deeper(path, depth)?;
        let filters = match value {
            Value::Array(items) => self.items(items, path, depth)?,
            Value::Object(members) if word == "not" => vec![self.inner(members, path, depth)?],
            Value::Object(members) => self.members(members, path, depth)?,
            _ => return Err(invalid(path, "an array or an object of conditions is expected")),
        };
        match (word, filters.is_empty()) {
            (_, true) => Err(invalid(path, "at least one condition is expected")),
            ("or", false) => Ok(Filter::Or(filters)),
            ("and", false) => Ok(Filter::And(filters)),
            (_, false) => Ok(Filter::Not(Box::new(one_or_all(filters)))),
        }
    }

    /// What `not` holds: a condition in its long form, or an object by columns.
    fn inner(
        &mut self,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Filter, RequestError> {
        let is_long = COLUMN
            .iter()
            .chain(OPERATOR)
            .any(|name| members.get(*name).is_some_and(|value| !value.is_object()));
        if is_long {
            return self.item(members, path, depth);
        }
        let filters = self.members(members, path, depth)?;
        if filters.is_empty() {
            return Err(invalid(path, "at least one condition is expected"));
        }
        Ok(one_or_all(filters))
    }

    /// `{column: value}`, `{column: {operator: value}}`, and the three words for branches.
    fn members(
        &mut self,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Filter>, RequestError> {
        let mut filters = Vec::new();
        for (name, value) in members {
            let path = format!("{path}.{name}");
            match (name.as_str(), value) {
                ("and" | "or" | "not", value @ (Value::Array(_) | Value::Object(_))) => {
                    filters.push(self.branch(&name, value, &path, depth)?);
                }
                (column, Value::Object(operators)) => {
                    if operators.is_empty() {
                        return Err(invalid(&path, "at least one operator is expected"));
                    }
                    for (word, value) in operators {
                        filters.push(self.spoken(&path, column, &word, value)?);
                    }
                }
                (column, value) => filters.push(self.leaf(&path, column, Operator::Eq, value)?),
            }
        }
        Ok(filters)
    }

    /// A condition in its long form, or the legacy pair of `eq_column` and `eq_value`.
    fn condition(&mut self, mut fields: Fields, path: &str) -> Result<Filter, RequestError> {
        fields.refuse_unknown(&[COLUMN, OPERATOR, VALUE, NEGATED, CASTS, &["not"]])?;
        let is_legacy = fields.has(&["eq_column", "eq_value"]);
        let negated = fields.take_bool(NEGATED)? | fields.take_bool(&["not"])?;
        let casts = self.casts(&mut fields)?;
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
            let filter = expression::parse(self, &text, operator, path)?;
            return Ok(negate_if(not | negated, filter));
        }
        let column = column.ok_or_else(|| invalid(path, "the column is missing"))?;
        let value = match value {
            Some(value) => value,
            None if takes_no_value(operator) => Value::Null,
            None => return Err(invalid(path, "the value is missing")),
        };
        if casts
            && !matches!(
                known(operator),
                Some(Operator::Eq | Operator::Neq | Operator::In | Operator::NotIn)
            )
        {
            return Err(RequestError::NotSupported { field: fields.named(CASTS[0]) });
        }
        Ok(negate_if(negated, self.spoken(path, &column, &word, value)?))
    }

    /// Values are compared in their column's type, so these two casts ask for what happens anyway.
    fn casts(&self, fields: &mut Fields) -> Result<bool, RequestError> {
        let mut any = false;
        for name in CASTS {
            match fields.take(&[name])? {
                None | Some(Value::Null) => {}
                Some(Value::String(cast)) if matches!(cast.as_str(), "text" | "uuid") => any = true,
                Some(_) => return Err(RequestError::NotSupported { field: fields.named(name) }),
            }
        }
        Ok(any)
    }

    /// A condition whose operator is still a word.
    pub(super) fn spoken(
        &mut self,
        path: &str,
        column: &str,
        word: &str,
        value: Value,
    ) -> Result<Filter, RequestError> {
        let (not, operator) = split_negation(word);
        let Some(operator) = known(operator) else {
            let (path, operator) = (path.to_owned(), word.to_owned());
            return Err(RequestError::UnknownOperator { path, operator });
        };
        Ok(negate_if(not, self.leaf(path, column, operator, value)?))
    }
}

fn one_or_all(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            Filter::And(filters)
        }
        None => Filter::All,
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
