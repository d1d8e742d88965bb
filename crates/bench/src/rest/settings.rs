//! What a request tells its transaction, as the surface tells it.

use super::ROLE;
use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

/// How many there are.
pub const COUNT: usize = 9;

/// In one statement, as `$1` to `$9`.
pub const SET: &str = "SELECT set_config('search_path', $1, true), set_config('role', $2, true), \
     set_config('request.jwt.claims', $3, true), set_config('request.method', $4, true), \
     set_config('request.path', $5, true), set_config('request.headers', $6, true), \
     set_config('request.cookies', $7, true), set_config('response.headers', $8, true), \
     set_config('response.status', $9, true)";

pub fn of(method: &Method, relation: &str, headers: &HeaderMap) -> [String; COUNT] {
    let told = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), Value::from(value))
    });
    [
        r#""public", "public""#.to_owned(),
        ROLE.to_owned(),
        json!({ "role": ROLE }).to_string(),
        method.to_string(),
        format!("/{relation}"),
        Value::Object(told.collect::<Map<_, _>>()).to_string(),
        "{}".to_owned(),
        String::new(),
        String::new(),
    ]
}
