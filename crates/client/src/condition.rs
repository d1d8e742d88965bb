//! Conditions: one column against one value, and groups of them.

use crate::{Error, draft::to_json};
use serde::Serialize;
use serde_json::{Value, json};

/// One condition or a group of them.
#[derive(Debug)]
#[must_use]
pub struct Filter(pub(crate) Result<Value, Error>);

/// What a value can be besides equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Null,
    True,
    False,
    Unknown,
}

/// A column, about to be compared.
#[derive(Debug, Clone)]
#[must_use]
pub struct Column(String);

/// Begin a condition on a column.
pub fn column(name: impl Into<String>) -> Column {
    Column(name.into())
}

/// At least one of these holds.
pub fn any(filters: impl IntoIterator<Item = Filter>) -> Filter {
    group("or", filters)
}

/// All of these hold.
pub fn all(filters: impl IntoIterator<Item = Filter>) -> Filter {
    group("and", filters)
}

/// This does not hold. A row for which it is unknown (null) is left out, as in SQL.
pub fn not(filter: Filter) -> Filter {
    Filter(filter.0.map(|inner| json!({ "not": inner })))
}

fn group(word: &str, filters: impl IntoIterator<Item = Filter>) -> Filter {
    let members: Result<Vec<_>, _> = filters.into_iter().map(|filter| filter.0).collect();
    Filter(members.and_then(|members| {
        if members.is_empty() {
            return Err(Error::incomplete(format!("a group of conditions ({word}) is empty")));
        }
        Ok(json!({ word: members }))
    }))
}

impl Column {
    fn compare(self, operator: &str, value: impl Serialize) -> Filter {
        let value = to_json(&self.0, value);
        Filter(value.map(|value| json!({ "column": self.0, "operator": operator, "value": value })))
    }

    fn among(self, operator: &str, values: impl IntoIterator<Item = impl Serialize>) -> Filter {
        self.compare(operator, values.into_iter().collect::<Vec<_>>())
    }

    /// Equal; `None` asks for null.
    pub fn eq(self, value: impl Serialize) -> Filter {
        self.compare("eq", value)
    }

    /// Different; `None` asks for anything but null.
    pub fn neq(self, value: impl Serialize) -> Filter {
        self.compare("neq", value)
    }

    pub fn gt(self, value: impl Serialize) -> Filter {
        self.compare("gt", value)
    }

    pub fn gte(self, value: impl Serialize) -> Filter {
        self.compare("gte", value)
    }

    pub fn lt(self, value: impl Serialize) -> Filter {
        self.compare("lt", value)
    }

    pub fn lte(self, value: impl Serialize) -> Filter {
        self.compare("lte", value)
    }

    /// A pattern: `%` is anything, `_` one character.
    pub fn like(self, pattern: impl Into<String>) -> Filter {
        self.compare("like", pattern.into())
    }

    /// A pattern without regard to case.
    pub fn ilike(self, pattern: impl Into<String>) -> Filter {
        self.compare("ilike", pattern.into())
    }

    /// One of these; no row when there are none.
    pub fn in_(self, values: impl IntoIterator<Item = impl Serialize>) -> Filter {
        self.among("in", values)
    }

    /// None of these; every row when there are none.
    pub fn not_in(self, values: impl IntoIterator<Item = impl Serialize>) -> Filter {
        self.among("not_in", values)
    }

    pub fn is(self, what: Is) -> Filter {
        let value = match what {
            Is::Null => Value::Null,
            Is::True => true.into(),
            Is::False => false.into(),
            Is::Unknown => "unknown".into(),
        };
        self.compare("is", value)
    }

    pub fn is_null(self) -> Filter {
        self.is(Is::Null)
    }

    pub fn not_null(self) -> Filter {
        self.compare("not_null", Value::Null)
    }

    /// An array or a JSON document that has all of this in it.
    pub fn contains(self, value: impl Serialize) -> Filter {
        self.compare("contains", value)
    }

    /// An array or a JSON document that is wholly in this.
    pub fn contained(self, value: impl Serialize) -> Filter {
        self.compare("contained", value)
    }
}

/// The comparisons every kind of request understands, as methods. Several are joined by "and".
macro_rules! comparisons {
    ($from:ty => $to:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $from {
            /// Equal; `None` asks for null.
            pub fn eq(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).eq(value))
            }

            /// Different; `None` asks for anything but null.
            pub fn neq(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).neq(value))
            }

            pub fn gt(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).gt(value))
            }

            pub fn gte(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).gte(value))
            }

            pub fn lt(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).lt(value))
            }

            pub fn lte(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).lte(value))
            }

            /// A pattern: `%` is anything, `_` one character.
            pub fn like(self, column: impl Into<String>, pattern: impl Into<String>) -> $to {
                self.filtered($crate::column(column).like(pattern))
            }

            /// A pattern without regard to case.
            pub fn ilike(self, column: impl Into<String>, pattern: impl Into<String>) -> $to {
                self.filtered($crate::column(column).ilike(pattern))
            }

            /// One of these; no row when there are none.
            pub fn in_(
                self,
                column: impl Into<String>,
                values: impl IntoIterator<Item = impl serde::Serialize>,
            ) -> $to {
                self.filtered($crate::column(column).in_(values))
            }

            pub fn is(self, column: impl Into<String>, what: $crate::Is) -> $to {
                self.filtered($crate::column(column).is(what))
            }

            pub fn is_null(self, column: impl Into<String>) -> $to {
                self.filtered($crate::column(column).is_null())
            }
        }
    };
}

/// The comparisons that functions' results do not have, and groups.
macro_rules! more_comparisons {
    ($from:ty => $to:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $from {
            /// None of these; every row when there are none.
            pub fn not_in(
                self,
                column: impl Into<String>,
                values: impl IntoIterator<Item = impl serde::Serialize>,
            ) -> $to {
                self.filtered($crate::column(column).not_in(values))
            }

            pub fn not_null(self, column: impl Into<String>) -> $to {
                self.filtered($crate::column(column).not_null())
            }

            /// An array or a JSON document that has all of this in it.
            pub fn contains(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).contains(value))
            }

            /// An array or a JSON document that is wholly in this.
            pub fn contained(self, column: impl Into<String>, value: impl serde::Serialize) -> $to {
                self.filtered($crate::column(column).contained(value))
            }

            /// Any condition or group: [`any`](crate::any), [`all`](crate::all), [`not`](crate::not).
            pub fn filter(self, filter: $crate::Filter) -> $to {
                self.filtered(filter)
            }
        }
    };
}

pub(crate) use {comparisons, more_comparisons};
