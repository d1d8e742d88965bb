//! How names are read and spelled, where a client may say otherwise than the gateway.

use crate::Gateway;
use api_types::ClientName;
use query::request::ParseOptions;
use std::borrow::Cow;

impl Gateway {
    /// How requests to this client are read. A client nobody knows is refused later.
    pub fn parse_options(&self, client: &ClientName) -> Cow<'_, ParseOptions> {
        let own = &self.settings().parse;
        let Ok(upstream) = self.registry().get(client) else { return Cow::Borrowed(own) };
        let info = upstream.info();
        let uuid_as_text = info.tuning.uuid_as_text;
        if info.snake_case.is_none() && info.response_case.is_none() && uuid_as_text.is_none() {
            return Cow::Borrowed(own);
        }
        Cow::Owned(ParseOptions {
            snake_case: info.snake_case.unwrap_or(own.snake_case),
            response_case: info.response_case.unwrap_or(own.response_case),
            uuid_as_text: uuid_as_text.unwrap_or(own.uuid_as_text),
            ..own.clone()
        })
    }
}
