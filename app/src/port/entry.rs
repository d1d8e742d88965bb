//! How a request reaches the port: its cookie, its origin, and the door the server put in context.

use super::{Console, Door, Entered, HalfCookie, SessionCookie};
use crate::{error::ConsoleError, links};
use api_types::console::{ListQuery, ResourceSpec};
use api_types::{Problem, list_url::UrlProblem};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::sync::Arc;

const SESSION: &str = "athena_session";
/// Between the two steps of a sign-in.
const HALF: &str = "athena_sign_in";
const HALF_SECONDS: u32 = 10 * 60;

/// Where a request came from, for the sign-in log; the server may put one in context.
#[derive(Clone)]
pub struct Peer(pub String);

/// The console of the person behind this request's cookie: the only way to data.
pub async fn console() -> Result<Arc<dyn Console>, ConsoleError> {
    let parts = parts()?;
    refuse_foreign_post(&parts)?;
    let door = door()?;
    let cookie = cookie(&parts.headers, SESSION).ok_or_else(signed_out)?;
    let open = door.open(&SessionCookie(cookie.to_owned())).await?;
    Ok(open.ok_or_else(signed_out)?)
}

/// What can be done without a session.
pub fn door() -> Result<Arc<dyn Door>, ConsoleError> {
    let missing =
        || Problem::new(500, "console_fault", "The console is not connected to a gateway.");
    Ok(use_context::<Arc<dyn Door>>().ok_or_else(missing)?)
}

pub(crate) fn parts() -> Result<Parts, ConsoleError> {
    let missing =
        || Problem::new(500, "console_fault", "The console was called without a request.");
    Ok(use_context::<Parts>().ok_or_else(missing)?)
}

/// A page of another site may not write in this person's name.
pub(crate) fn refuse_foreign_post(parts: &Parts) -> Result<(), ConsoleError> {
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    if is_read || is_own_origin(&parts.headers) {
        return Ok(());
    }
    Err(Problem::new(
        403,
        "cross_site_request",
        "This request came from another site and was refused.",
    )
    .with_hint("Open the console and try there.")
    .into())
}

fn is_own_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers, &HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match text(headers, &header::ORIGIN) {
        // Browsers name the origin of every cross-site post; a client without one is no browser.
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(headers, &header::HOST)
        }
    }
}

/// On to where the person was heading, or to the second step before that.
pub(crate) fn let_in(entered: &Entered, asked: &str) {
    let way = return_to(asked);
    match entered {
        Entered::Session(cookie) => {
            keep_session(cookie);
            leptos_axum::redirect(&way);
        }
        Entered::Half(HalfCookie(value)) => {
            set_cookie(&format!(
                "{HALF}={value}; Max-Age={HALF_SECONDS}; HttpOnly; SameSite=Lax; Path=/console"
            ));
            leptos_axum::redirect(&links::sign_in_code(&way));
        }
    }
}

/// The first half of this request's sign-in.
pub(crate) fn half_cookie() -> Result<Option<HalfCookie>, ConsoleError> {
    let parts = parts()?;
    Ok(cookie(&parts.headers, HALF).map(|value| HalfCookie(value.to_owned())))
}

/// Put the session into the browser; what stood for half of it goes.
fn keep_session(cookie: &SessionCookie) {
    let value = &cookie.0;
    set_cookie(&format!("{SESSION}={value}; HttpOnly; SameSite=Lax; Path=/"));
    if matches!(half_cookie(), Ok(Some(_))) {
        set_cookie(&format!("{HALF}=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/console"));
    }
}

pub(crate) fn clear_session() {
    set_cookie(&format!("{SESSION}=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/"));
}

/// Add a cookie to the answer, marked secure when the person came by https.
pub(crate) fn set_cookie(cookie: &str) {
    let secure = parts().is_ok_and(|parts| is_https(&parts));
    let cookie = if secure { format!("{cookie}; Secure") } else { cookie.to_owned() };
    // A session value with a byte that no header may hold is not kept; the person signs in again.
    if let (Some(response), Ok(value)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie))
    {
        response.append_header(header::SET_COOKIE, value);
    }
}

/// The theme cookie of this request.
pub(crate) fn theme_word() -> Option<String> {
    let parts = parts().ok()?;
    cookie(&parts.headers, crate::theme::COOKIE).map(str::to_owned)
}

/// An address's query, understood against the columns that exist.
pub(crate) fn list_query(query: &str, spec: &ResourceSpec) -> Result<ListQuery, ConsoleError> {
    let own = links::without_returned(query);
    Ok(ListQuery::from_url(&own, &spec.columns).map_err(|all| UrlProblem::problem(&all))?)
}

/// The status of a failed server function. A plain form keeps its redirect.
pub(crate) fn answer_scripts_with(status: u16) {
    let by_form = parts().is_ok_and(|parts| {
        text(&parts.headers, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    });
    if let (false, Some(response), Ok(status)) =
        (by_form, use_context::<ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}

fn is_https(parts: &Parts) -> bool {
    let forwarded = text(&parts.headers, &HeaderName::from_static("x-forwarded-proto"));
    parts.uri.scheme_str() == Some("https") || forwarded == Some("https")
}

/// This server's address, as the person's browser has it.
pub(crate) fn own_address() -> String {
    let Ok(parts) = parts() else { return String::new() };
    let scheme = if is_https(&parts) { "https" } else { "http" };
    let forwarded = text(&parts.headers, &HeaderName::from_static("x-forwarded-host"));
    let host = forwarded.or_else(|| text(&parts.headers, &header::HOST));
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

/// Where to go after signing in: a path of this console, never another site.
fn return_to(asked: &str) -> String {
    links::own_path(asked).unwrap_or(links::HOME).to_owned()
}

/// One cookie of a request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn signed_out() -> Problem {
    Problem::new(401, "not_signed_in", "You are not signed in.")
        .with_hint("Sign in, then come back.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = http::Request::builder().method("POST").uri("/console/fn/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_post_from_another_site_is_refused() {
        for headers in [
            vec![("sec-fetch-site", "cross-site"), ("host", "a")],
            vec![("sec-fetch-site", "same-site"), ("host", "a")],
            vec![("origin", "http://evil.example"), ("host", "a.example")],
            vec![("origin", "null"), ("host", "a.example")],
        ] {
            let refused = refuse_foreign_post(&post(&headers)).unwrap_err();
            assert_eq!(refused.problem().code, "cross_site_request", "{headers:?}");
        }
    }

    #[test]
    fn a_post_from_this_site_passes() {
        for headers in [
            vec![("sec-fetch-site", "same-origin")],
            vec![("origin", "http://a.example:4052"), ("host", "a.example:4052")],
            vec![("host", "a.example")],
        ] {
            assert_eq!(refuse_foreign_post(&post(&headers)), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let parts = post(&[("cookie", "a=1; athena_session=xyz; b=2")]);
        assert_eq!(cookie(&parts.headers, SESSION), Some("xyz"));
        assert_eq!(cookie(&parts.headers, "session"), None);
    }
}
