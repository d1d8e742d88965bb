//! A body's members, taken out one by one; what is left over is refused by name.

use crate::error::ApiError;
use gateway::GatewayError;
use query::RequestError;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn of(body: &[u8]) -> Result<Self, ApiError> {
        let value = serde_json::from_slice(body).map_err(RequestError::InvalidJson);
        match value.map_err(refused)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(refused(RequestError::NotAnObject)),
        }
    }

    pub(crate) fn of_value(value: Value, path: &str) -> Result<Self, ApiError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(invalid(path, "an object")),
        }
    }

    /// Null is the same as nothing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name).filter(|value| !value.is_null())
    }

    /// Absent, or a value of this kind; null is neither.
    pub(crate) fn take_present<T: Kind>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(value) = self.0.shift_remove(name) else { return Ok(None) };
        T::deserialize(value).map(Some).map_err(|_other| invalid(name, T::EXPECTED))
    }

    /// Absent, null to empty it, or a value of this kind.
    pub(crate) fn take_nullable<T: Kind>(
        &mut self,
        name: &str,
    ) -> Result<Option<Option<T>>, ApiError> {
        let Some(value) = self.0.shift_remove(name) else { return Ok(None) };
        Option::<T>::deserialize(value).map(Some).map_err(|_other| invalid(name, T::EXPECTED))
    }

    pub(crate) fn take_text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(name, "a text")),
        }
    }

    pub(crate) fn take_flag(&mut self, name: &str) -> Result<bool, ApiError> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(invalid(name, "true or false")),
        }
    }

    pub(crate) fn take_array(&mut self, name: &str) -> Result<Vec<Value>, ApiError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(invalid(name, "an array")),
        }
    }

    /// Whatever is left, for somebody who knows it.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }

    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(refused(RequestError::UnknownField { field })),
        }
    }
}

/// A kind of value, in the words of a refusal.
pub(crate) trait Kind: DeserializeOwned {
    const EXPECTED: &str;
}

impl Kind for String {
    const EXPECTED: &str = "a text";
}

impl Kind for bool {
    const EXPECTED: &str = "true or false";
}

impl Kind for u64 {
    const EXPECTED: &str = "a whole number, not below zero";
}

impl Kind for Vec<String> {
    const EXPECTED: &str = "an array of texts";
}

pub(crate) fn invalid(field: &str, expected: &'static str) -> ApiError {
    refused(RequestError::InvalidField { field: field.to_owned(), expected })
}

pub(crate) fn refused(error: RequestError) -> ApiError {
    ApiError::Gateway(GatewayError::Request(error))
}
