//! A person without scripts, or a script: one request, one answer.

use crate::{html::Html, serve};
use axum::{Router, body::Body};
use http::{Request, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::Duration;
use tower::ServiceExt;

/// Far more than any page of the console has.
const MOST_BYTES: usize = 8 << 20;
/// Far longer than any page takes, even when hundreds are asked for at once on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Browser {
    console: Router,
    cookie: Option<&'static str>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

/// How a post is sent, which decides how it is answered.
#[derive(Clone, Copy)]
pub enum By {
    Form,
    Script,
}

impl Browser {
    pub fn signed_in() -> Self {
        Self { console: serve::router(""), cookie: Some("athena_session=fake") }
    }

    /// Somebody who has come to every page there is, with a second step that waits for its code.
    pub async fn everywhere() -> Self {
        let cookie = Some("athena_session=fake; athena_sign_in=half");
        let browser = Self { console: serve::router(""), cookie };
        browser.post(By::Form, "/console/fn/begin_second_step", &[]).await;
        browser
    }

    /// Somebody whose password or link was right and whose code is missing.
    pub fn half_signed_in() -> Self {
        Self { console: serve::router(""), cookie: Some("athena_sign_in=half") }
    }

    pub fn stranger() -> Self {
        Self { console: serve::router(""), cookie: None }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, "text/html"), String::new()).await
    }

    /// Call a server function that reads.
    pub async fn call(&self, path: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, "application/json"), String::new())
            .await
    }

    pub async fn post(&self, by: By, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.post_with(by, path, pairs, &[("sec-fetch-site", "same-origin")]).await
    }

    pub async fn post_with(
        &self,
        by: By,
        path: &str,
        pairs: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let accept = match by {
            By::Form => "text/html,application/xhtml+xml",
            By::Script => "application/json",
        };
        let mut request = Request::post(path)
            .header(header::ACCEPT, accept)
            .header(header::HOST, "console.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        self.send(request, pairs.collect::<Vec<_>>().join("&")).await
    }

    pub async fn post_json(&self, path: &str, json: &str) -> Answer {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request, json.to_owned()).await
    }

    async fn send(&self, mut request: http::request::Builder, body: String) -> Answer {
        if let Some(cookie) = self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Body::from(body)).unwrap();
        let path = request.uri().to_string();
        let read = async {
            let (parts, body) = self.console.clone().oneshot(request).await.unwrap().into_parts();
            (parts, axum::body::to_bytes(body, MOST_BYTES).await.unwrap())
        };
        let answer = tokio::time::timeout(PATIENCE, read).await;
        let (parts, body) = answer.unwrap_or_else(|_| panic!("{path} is never answered"));
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Answer {
    pub fn html(&self) -> Html<'_> {
        Html::new(&self.body)
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The path and query that the answer leads to.
    pub fn leads_to(&self) -> &str {
        assert!(self.status.is_redirection(), "{} {}", self.status, self.body);
        let location = self.header(header::LOCATION);
        location.strip_prefix("http://console.example").unwrap_or(location)
    }

    /// One member of a problem's JSON.
    pub fn problem(&self, member: &str) -> serde_json::Value {
        let problem: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body));
        problem[member].clone()
    }
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
