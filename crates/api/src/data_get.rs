//! `GET /data`: a fetch whose body stands in the address.

use crate::{
    answer::Freshness,
    error::ApiError,
    extract::{Admitted, Profile, StripNulls},
    state::ApiState,
};
use axum::{
    Router,
    extract::{FromRequestParts, Query, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use gateway::Gateway;
use http::{Uri, request::Parts};
use query::Operation;
use serde_json::{Map, Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new().route("/data", get(data))
}

async fn data(
    State(gateway): State<Gateway>,
    Admitted(visitor): Admitted,
    StripNulls(strip_nulls): StripNulls,
    profile: Profile,
    freshness: Freshness,
    Asked(body): Asked,
) -> Result<Response, ApiError> {
    let raw = profile.raw(Operation::Fetch, body, strip_nulls, freshness.directive);
    Ok(freshness.respond(gateway.serve(visitor, raw).await?))
}

/// The address as the body that `POST /gateway/fetch` takes.
struct Asked(Bytes);

impl FromRequestParts<ApiState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        let body = Value::Object(body_of(&parts.uri)?);
        Ok(Self(Bytes::from(body.to_string())))
    }
}

fn body_of(uri: &Uri) -> Result<Map<String, Value>, ApiError> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    let mut asked = Parameters::default();
    for (name, value) in pairs {
        asked.take(&name, value)?;
    }
    asked.body()
}

#[derive(Default)]
struct Parameters {
    body: Map<String, Value>,
    eq: (Option<String>, Option<String>),
    sort: (Option<String>, Option<String>),
}

impl Parameters {
    fn take(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        match name {
            "view" | "table_name" => self.set(name, "table_name", value.into()),
            "schema"
            | "columns"
            | "group_by"
            | "time_granularity"
            | "aggregation_column"
            | "aggregation_strategy"
            | "count" => self.set(name, name, value.into()),
            "limit" | "offset" | "current_page" | "page_size" | "total_pages" => {
                let number = value.parse::<u64>().map_err(|_text| bad(name, "is no number"))?;
                self.set(name, name, number.into())
            }
            "strip_nulls" | "aggregation_dedup" | "head" => {
                let flag = value.parse::<bool>().map_err(|_| bad(name, "is not true or false"))?;
                self.set(name, name, flag.into())
            }
            "eq_column" => once(&mut self.eq.0, name, value),
            "eq_value" => once(&mut self.eq.1, name, value),
            "sort_by" => once(&mut self.sort.0, name, value),
            "sort_direction" => once(&mut self.sort.1, name, value),
            // Keys are read elsewhere.
            "api_key" | "apikey" => Ok(()),
            _ => Err(bad(name, "is not known here")),
        }
    }

    fn set(&mut self, name: &str, field: &str, value: Value) -> Result<(), ApiError> {
        match self.body.insert(field.to_owned(), value) {
            None => Ok(()),
            Some(_earlier) => Err(bad(name, "is given twice")),
        }
    }

    fn body(mut self) -> Result<Map<String, Value>, ApiError> {
        if self.body.get("table_name").and_then(Value::as_str).unwrap_or_default().is_empty() {
            return Err(ApiError::MissingParameter { name: "view" });
        }
        match self.eq {
            (None, None) => {}
            (Some(column), Some(value)) => {
                let condition = json!([{ "column": column, "operator": "eq", "value": value }]);
                self.body.insert("conditions".to_owned(), condition);
            }
            (None, Some(_)) => return Err(ApiError::MissingParameter { name: "eq_column" }),
            (Some(_), None) => return Err(ApiError::MissingParameter { name: "eq_value" }),
        }
        match self.sort {
            (None, None) => {}
            (Some(field), direction) => {
                let direction = direction.unwrap_or_else(|| "asc".to_owned());
                let sort = json!({ "field": field, "direction": direction });
                self.body.insert("sort_by".to_owned(), sort);
            }
            (None, Some(_)) => return Err(ApiError::MissingParameter { name: "sort_by" }),
        }
        Ok(self.body)
    }
}

fn once(place: &mut Option<String>, name: &str, value: String) -> Result<(), ApiError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_earlier) => Err(bad(name, "is given twice")),
    }
}

fn bad(name: &str, what: &str) -> ApiError {
    let name: String = name.chars().take(64).collect();
    ApiError::BadQuery { reason: format!("{name} {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(query: &str) -> Result<Value, ApiError> {
        body_of(&format!("/data?{query}").parse().unwrap()).map(Value::Object)
    }

    #[test]
    fn the_address_becomes_the_body_of_a_fetch() {
        let query = "view=ships&eq_column=id&eq_value=7&columns=id,name&limit=5&sort_by=id&sort_direction=desc&strip_nulls=true";
        assert_eq!(
            body(query).unwrap(),
            json!({
                "table_name": "ships", "columns": "id,name", "limit": 5, "strip_nulls": true,
                "conditions": [{ "column": "id", "operator": "eq", "value": "7" }],
                "sort_by": { "field": "id", "direction": "desc" },
            })
        );
    }

    #[test]
    fn half_a_condition_is_no_condition() {
        for (query, missing) in [
            ("", "view"),
            ("view=", "view"),
            ("view=a&eq_column=id", "eq_value"),
            ("view=a&eq_value=1", "eq_column"),
            ("view=a&sort_direction=desc", "sort_by"),
        ] {
            let refused = body(query).err().unwrap();
            assert!(
                matches!(refused, ApiError::MissingParameter { name } if name == missing),
                "{query}: {refused}"
            );
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for query in ["view=a&limit=x", "view=a&limit=-1", "view=a&colums=b", "view=a&view=b"] {
            assert!(matches!(body(query), Err(ApiError::BadQuery { .. })), "{query}");
        }
    }
}
