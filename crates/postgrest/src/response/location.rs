//! Where a new row can be read.

use crate::request::encoded;

pub(super) fn address(name: &str, key: &[(String, String)]) -> String {
    let parameters = key.iter().map(|(column, is)| format!("{}={}", encoded(column), encoded(is)));
    format!("/{name}?{}", parameters.collect::<Vec<_>>().join("&"))
}
