//! Any request of the gateway that has no method of its own here.

use crate::{
    Athena, Error,
    draft::{Draft, call_options, to_row, write_options},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

/// A request by its path.
#[derive(Debug)]
#[must_use]
pub struct Raw {
    draft: Draft,
}

call_options!(Raw);
write_options!(Raw);

impl Raw {
    pub(crate) fn new(athena: Athena, method: Method, path: String) -> Self {
        let is_rooted = path.starts_with('/');
        let mut draft = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => Draft::read(athena, method, path),
            _ => Draft::write(athena, method, path),
        };
        if !is_rooted {
            draft.fail(Error::incomplete("a path begins with a slash"));
        }
        Self { draft }
    }

    /// The body: anything that serialises to an object.
    pub fn body(mut self, body: impl Serialize) -> Self {
        match to_row(body) {
            Ok(body) => self.draft.body = Some(body),
            Err(fault) => self.draft.fail(fault),
        }
        self
    }

    /// Send it, and read the member `data`, or the whole answer where there is none.
    ///
    /// # Errors
    /// As every call.
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.draft.send().await?.data()
    }
}
