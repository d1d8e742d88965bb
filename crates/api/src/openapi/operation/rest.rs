//! What is the same for every operation of the PostgREST surface.

use super::{content, schemas};
use crate::routes::Route;
use http::Method;
use utoipa::openapi::{
    RefOr, Required, Response, ResponseBuilder, Responses, ResponsesBuilder,
    request_body::{RequestBody, RequestBodyBuilder},
};

/// What a caller may be answered in; functions of the database may add more.
const MEDIA: [&str; 7] = [
    "application/json",
    "application/vnd.pgrst.object+json",
    "application/vnd.pgrst.array+json",
    "application/openapi+json",
    "application/geo+json",
    "text/csv",
    "application/octet-stream",
];

const GOOD: [(&str, &str); 4] = [
    ("200", "Rows, or what a function answered"),
    ("201", "Rows were made"),
    ("204", "It was done, and there is nothing to tell"),
    ("206", "A part of the rows there are"),
];

/// Errors have the members code, message, details and hint, and PostgREST's codes.
const BAD: [(&str, &str); 15] = [
    ("300", "Several relationships or functions fit"),
    ("400", "The request is not understood, or the database refused it"),
    ("401", "Nobody, or a token that does not count"),
    ("403", "This caller or this role may not"),
    ("404", "There is no such relation, function or path"),
    ("405", "This cannot be done with it"),
    ("406", "None of the accepted forms can be answered, or there is not exactly one row"),
    ("408", "The request did not arrive in time"),
    ("409", "It contradicts what is there"),
    ("413", "The body or the answer is too large"),
    ("416", "The range lies outside of the rows there are"),
    ("500", "The database failed"),
    ("501", "This client's kind of database has no such surface"),
    ("503", "The database cannot be reached"),
    ("504", "It took too long"),
];

pub(super) fn responses(mut responses: ResponsesBuilder) -> Responses {
    for (status, what) in GOOD.into_iter().chain(BAD) {
        responses = responses.response(status, response(what));
    }
    responses.build()
}

fn response(what: &str) -> Response {
    let response = ResponseBuilder::new().description(what);
    let with = |response: ResponseBuilder, media: &&str| {
        response.content(*media, content(schemas::anything()))
    };
    MEDIA.iter().fold(response, with).build()
}

pub(super) fn body(route: &Route) -> Option<RequestBody> {
    if route.method == Method::DELETE {
        return None;
    }
    let anything: RefOr<_> = schemas::anything();
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    Some(body.content("application/json", content(anything)).build())
}
