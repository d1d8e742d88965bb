//! A routine to call: its arguments, and what to make of the rows it returns.

use super::{
    Filter, OrderTerm, ParseOptions, RelationName, condition::Conditions, error::RequestError,
    fields::Fields, operator, order, relation,
};
use serde_json::{Map, Value};

const FUNCTION: &[&str] = &["function", "function_name"];
const SCHEMA: &[&str] = &["schema"];
const ARGS: &[&str] = &["args"];
const SELECT: &[&str] = &["select", "columns"];
const FILTERS: &[&str] = &["filters"];
const COUNT: &[&str] = &["count"];
const HEAD: &[&str] = &["head"];
const LIMIT: &[&str] = &["limit"];
const OFFSET: &[&str] = &["offset"];
const ORDER: &[&str] = &["order"];
const STRIP_NULLS: &[&str] = &["strip_nulls", "stripNulls"];

/// Members that make a body of `/rpc/{function}` more than the arguments themselves.
const WRAPPING: &[&str] =
    &["args", "filters", "select", "count", "limit", "offset", "order", "schema", "function"];

#[derive(Debug, Clone, PartialEq)]
pub struct CallRequest {
    /// Without a schema, `public`.
    pub routine: RelationName,
    pub args: Map<String, Value>,
    /// `None` is every column.
    pub columns: Option<Vec<String>>,
    pub filter: Filter,
    pub order: Vec<OrderTerm>,
    /// `None` is as many rows as the gateway allows.
    pub limit: Option<u64>,
    pub offset: u64,
    /// Also count all rows, before limit and offset.
    pub count: bool,
    /// Leave null members out; `None` leaves it to the header.
    pub strip_nulls: Option<bool>,
}

impl CallRequest {
    /// `POST /gateway/rpc`: the body names the routine.
    pub fn parse(body: &[u8], options: &ParseOptions) -> Result<Self, RequestError> {
        let fields = Fields::of_body(body)?;
        Self::of_fields(fields, None, options)
    }

    /// `POST /rpc/{function}`: the body is the arguments, or wraps them.
    pub fn parse_named(
        function: &str,
        body: &[u8],
        options: &ParseOptions,
    ) -> Result<Self, RequestError> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Self::bare(function, Map::new());
        }
        let fields = Fields::of_body(body)?;
        if fields.has(WRAPPING) {
            return Self::of_fields(fields, Some(function), options);
        }
        // Here null is an argument.
        let args = serde_json::from_slice(body).map_err(RequestError::InvalidJson)?;
        Self::bare(function, args)
    }

    /// `GET /rpc/{function}`: reserved words, filters (`column=operator.value`) and arguments.
    pub fn of_query(
        function: &str,
        pairs: &[(String, String)],
        options: &ParseOptions,
    ) -> Result<Self, RequestError> {
        let mut request = Self::bare(function, Map::new())?;
        let mut conditions = Conditions::new(options);
        let mut filters = Vec::new();
        for (name, text) in pairs {
            if request.take_reserved(name, text)? {
                continue;
            }
            match spoken_filter(text) {
                Some((word, value)) => {
                    filters.push(conditions.spoken(name, name, word, value)?);
                }
                None => {
                    if request.args.insert(name.clone(), argument(text)).is_some() {
                        return Err(RequestError::RepeatedField { field: name.clone() });
                    }
                }
            }
        }
        request.filter = all_of(filters);
        Ok(request)
    }

    fn bare(function: &str, args: Map<String, Value>) -> Result<Self, RequestError> {
        Ok(Self {
            routine: routine(function, None)?,
            args,
            columns: None,
            filter: Filter::All,
            order: Vec::new(),
            limit: None,
            offset: 0,
            count: false,
            strip_nulls: None,
        })
    }

    fn of_fields(
        mut fields: Fields,
        function: Option<&str>,
        options: &ParseOptions,
    ) -> Result<Self, RequestError> {
        fields.refuse_unknown(&[
            FUNCTION,
            SCHEMA,
            ARGS,
            SELECT,
            FILTERS,
            COUNT,
            HEAD,
            LIMIT,
            OFFSET,
            ORDER,
            STRIP_NULLS,
        ])?;
        let schema = fields.take_text(SCHEMA)?.filter(|schema| !schema.is_empty());
        let named = fields.take_text(FUNCTION)?;
        let name = match (function, named) {
            (Some(function), Some(named)) if function != named => {
                return Err(RequestError::ConflictingFields {
                    first: "the address".to_owned(),
                    second: FUNCTION[0].to_owned(),
                });
            }
            (Some(function), _) => function.to_owned(),
            (None, named) => named.unwrap_or_default(),
        };
        let args = match fields.take(ARGS)? {
            None => Map::new(),
            Some(Value::Object(args)) => args,
            Some(_) => return Err(fields.invalid(ARGS[0], "an object of named arguments")),
        };
        let columns = match fields.take(SELECT)? {
            None => None,
            Some(value) => columns(value).ok_or_else(|| {
                fields.invalid(SELECT[0], "column names, as a list or in an array")
            })?,
        };
        let filter = filters(fields.take(FILTERS)?, options)?;
        let order = fields.take(ORDER)?.map(|order| order::parse(order, options)).transpose()?;
        let order = order.unwrap_or_default();
        let (mut limit, offset) = (fields.take_count(LIMIT)?, fields.take_count(OFFSET)?);
        let head = fields.take_bool(HEAD)?;
        if head {
            limit = Some(0);
        }
        let count = wants_count(fields.take(COUNT)?)? || head;
        let strip_nulls = fields.take_choice(STRIP_NULLS)?;
        let (routine, offset) = (routine(&name, schema)?, offset.unwrap_or(0));
        Ok(Self { routine, args, columns, filter, order, limit, offset, count, strip_nulls })
    }

    /// Whether the pair was one of the words that say what becomes of the rows.
    fn take_reserved(&mut self, name: &str, text: &str) -> Result<bool, RequestError> {
        match name {
            "schema" => self.routine.schema = Some(text.to_owned()).filter(|text| !text.is_empty()),
            "select" => {
                self.columns = columns(Value::String(text.to_owned()))
                    .ok_or_else(|| invalid(name, "column names, parted by commas"))?;
            }
            "count" => self.count |= wants_count(Some(Value::String(text.to_owned())))?,
            "head" => match text {
                "true" => (self.limit, self.count) = (Some(0), true),
                "false" => {}
                _ => return Err(invalid(name, "true or false")),
            },
            // `head` has the last word about how many rows are sent.
            "limit" if self.limit == Some(0) => {}
            "limit" => self.limit = Some(number(name, text)?),
            "offset" => self.offset = number(name, text)?,
            "order" => self.order = spoken_order(text)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// `function`, or `schema.function` when no other schema is named.
fn routine(name: &str, schema: Option<String>) -> Result<RelationName, RequestError> {
    if name.trim().is_empty() {
        const TEXT: &str = "function is required";
        return Err(RequestError::MissingField { field: FUNCTION[0], text: TEXT });
    }
    match schema.as_deref() {
        None | Some("public") if name.contains('.') => relation::parse(name, None),
        _ => relation::parse(name, schema),
    }
}

/// `Some(None)` is every column, `None` is nonsense.
fn columns(value: Value) -> Option<Option<Vec<String>>> {
    let names: Vec<String> = match value {
        Value::String(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Value::Array(items) => {
            let name = |item| if let Value::String(name) = item { Some(name) } else { None };
            items.into_iter().map(name).collect::<Option<_>>()?
        }
        _ => return None,
    };
    match names.as_slice() {
        [] => Some(None),
        [only] if only.is_empty() || only == "*" => Some(None),
        _ if names.iter().any(String::is_empty) => None,
        _ => Some(Some(names)),
    }
}

fn wants_count(value: Option<Value>) -> Result<bool, RequestError> {
    match value {
        None | Some(Value::Bool(false)) => Ok(false),
        Some(Value::Bool(true)) => Ok(true),
        Some(Value::String(word)) if word == "exact" => Ok(true),
        Some(Value::String(word)) if word == "none" || word.is_empty() => Ok(false),
        // An estimate may always be exact.
        Some(Value::String(word)) if word == "planned" || word == "estimated" => Ok(true),
        Some(_) => Err(invalid(COUNT[0], "'exact'")),
    }
}

/// `[{column, operator, value}, …]`, all of which must hold.
fn filters(value: Option<Value>, options: &ParseOptions) -> Result<Filter, RequestError> {
    let items = match value {
        None => return Ok(Filter::All),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(invalid(FILTERS[0], "an array of conditions")),
    };
    let mut conditions = Conditions::new(options);
    let each = items.into_iter().enumerate().map(|(at, item)| {
        let path = format!("filters[{at}]");
        let Value::Object(members) = item else { return Err(invalid(&path, "an object")) };
        let mut fields = Fields::of(members, &path);
        fields.refuse_unknown(&[&["column"], &["operator", "op"], &["value"]])?;
        let column = fields.take_text(&["column"])?.unwrap_or_default();
        let word = fields.take_text(&["operator", "op"])?.unwrap_or_else(|| "eq".to_owned());
        let value = fields.take(&["value"])?.unwrap_or(Value::Null);
        conditions.spoken(&path, &column, &word, value)
    });
    Ok(all_of(each.collect::<Result<_, _>>()?))
}

fn all_of(filters: Vec<Filter>) -> Filter {
    if filters.is_empty() { Filter::All } else { Filter::And(filters) }
}

/// `in.{a,b}`: an operator and its value, when the word before the dot is one.
fn spoken_filter(text: &str) -> Option<(&str, Value)> {
    let at = match text.strip_prefix("not.") {
        Some(rest) => rest.find('.')? + "not.".len(),
        None => text.find('.')?,
    };
    let (word, value) = (&text[..at], &text[at + 1..]);
    let known = operator::known(operator::split_negation(word).1)?;
    let value = match known {
        super::Operator::In | super::Operator::NotIn => list(value),
        super::Operator::Is if value == "null" => Value::Null,
        super::Operator::IsNull | super::Operator::NotNull => Value::Null,
        super::Operator::Contains | super::Operator::Contained if value.starts_with('{') => {
            serde_json::from_str(value).unwrap_or_else(|_| list(value))
        }
        _ => Value::String(value.to_owned()),
    };
    Some((word, value))
}

/// `{a,b}` or `(a,b)` as an array; quotes keep a comma inside.
fn list(text: &str) -> Value {
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .or_else(|| text.strip_prefix('(').and_then(|text| text.strip_suffix(')')))
        .unwrap_or(text);
    if inner.is_empty() {
        return Value::Array(Vec::new());
    }
    let mut items = vec![String::new()];
    let (mut quoted, mut was_quoted) = (false, vec![false]);
    let mut letters = inner.chars();
    while let Some(c) = letters.next() {
        let last = items.len() - 1;
        match c {
            '"' => (quoted, was_quoted[last]) = (!quoted, true),
            '\\' if quoted => items[last].extend(letters.next()),
            ',' if !quoted => {
                items.push(String::new());
                was_quoted.push(false);
            }
            c => items[last].push(c),
        }
    }
    let item = |(text, quoted): (String, bool)| match text.as_str() {
        "null" | "NULL" if !quoted => Value::Null,
        _ => Value::String(text),
    };
    Value::Array(items.into_iter().zip(was_quoted).map(item).collect())
}

/// An argument's text: an array, an object, null, or what its type makes of it.
fn argument(text: &str) -> Value {
    if text == "null" {
        return Value::Null;
    }
    if text.starts_with(['{', '[']) {
        if let Ok(value) = serde_json::from_str(text) {
            return value;
        }
        if text.starts_with('{') && text.ends_with('}') {
            return list(text);
        }
    }
    Value::String(text.to_owned())
}

/// `column`, `column.desc`, `column.asc.nullslast`, parted by commas.
fn spoken_order(text: &str) -> Result<Vec<OrderTerm>, RequestError> {
    const EXPECTED: &str = "column, column.asc or column.desc";
    let term = |term: &str| {
        let mut rest = term.trim();
        let mut taken = |word: &str| match rest.strip_suffix(word) {
            Some(shorter) => {
                rest = shorter;
                true
            }
            None => false,
        };
        let nulls_first = match (taken(".nullsfirst"), taken(".nullslast")) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let descending = taken(".desc");
        if !descending {
            taken(".asc");
        }
        if rest.is_empty() {
            return Err(invalid("order", EXPECTED));
        }
        Ok(OrderTerm { column: rest.to_owned(), descending, nulls_first })
    };
    text.split(',').map(term).collect()
}

fn number(name: &str, text: &str) -> Result<u64, RequestError> {
    let number = text.parse::<u64>().ok().filter(|number| i64::try_from(*number).is_ok());
    number.ok_or_else(|| invalid(name, "a whole number of at least 0"))
}

fn invalid(field: &str, expected: &'static str) -> RequestError {
    RequestError::InvalidField { field: field.to_owned(), expected }
}

#[cfg(test)]
mod tests;
