//! A wish in the body, in the address, or in both: clients that send no body with DELETE have a way.

use crate::{
    error::ApiError,
    extract::RawBody,
    members::{invalid, refused},
    state::ApiState,
};
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use query::RequestError;
use serde_json::{Map, Value};

/// What the body and the address say together; nothing is in both.
pub(super) struct Body(pub(super) Value);

impl FromRequest<ApiState> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let queried = Queried::of(request.uri().query())?;
        let RawBody(body) = RawBody::from_request(request, state).await?;
        let mut members = match body.trim_ascii() {
            [] => Map::new(),
            text => match serde_json::from_slice(text).map_err(RequestError::InvalidJson) {
                Ok(Value::Object(members)) => members,
                Ok(_) => return Err(refused(RequestError::NotAnObject)),
                Err(error) => return Err(refused(error)),
            },
        };
        for (name, value) in queried.into_members() {
            if members.contains_key(&name) {
                let second = format!("{name} in the address");
                return Err(refused(RequestError::ConflictingFields { first: name, second }));
            }
            members.insert(name, value);
        }
        Ok(Self(Value::Object(members)))
    }
}

/// Parameters of the address, taken out one by one; what is left over is refused by name.
pub(super) struct Queried(Vec<(String, String)>);

/// A key may stand in the address; it is no part of the wish.
const KEY: &str = "api_key";

/// What may be said several times.
const LISTS: [&str; 1] = ["arg_types"];

impl FromRequestParts<ApiState> for Queried {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        Self::of(parts.uri.query())
    }
}

impl Queried {
    fn of(query: Option<&str>) -> Result<Self, ApiError> {
        let mut found: Vec<(String, String)> = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let is_list = LISTS.contains(&name.as_str());
            if !is_list && found.iter().any(|(known, _)| *known == name) {
                return Err(ApiError::BadQuery { reason: format!("{name} is said twice") });
            }
            if name != KEY {
                found.push((name, value));
            }
        }
        Ok(Self(found))
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1).filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, ApiError> {
        match self.text(name).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(invalid(name, "true or false")),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<u32>, ApiError> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_no| invalid(name, "a whole number")),
        }
    }

    pub(super) fn needed(&mut self, name: &'static str) -> Result<String, ApiError> {
        self.text(name).ok_or(ApiError::MissingParameter { name })
    }

    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(refused(RequestError::UnknownField { field })),
        }
    }

    fn into_members(self) -> Map<String, Value> {
        let mut members = Map::new();
        for (name, value) in self.0 {
            if LISTS.contains(&name.as_str()) {
                let list = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value.into());
                }
                continue;
            }
            let value = match value.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::String(value),
            };
            members.insert(name, value);
        }
        members
    }
}

fn decoded(text: &str) -> Result<String, ApiError> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    let reason = "a parameter is not UTF-8 text".to_owned();
    decoded.map(|text| text.into_owned()).map_err(|_utf8| ApiError::BadQuery { reason })
}
