//! What is counted of requests, read from the page.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use metrics::{Ended, Http, HttpRoute, exposition::Exposition, render};
use std::sync::Arc;

const FETCH: HttpRoute = HttpRoute { method: "POST", path: "/gateway/fetch" };

fn http() -> Arc<Http> {
    Arc::new(Http::new([FETCH, HttpRoute { method: "GET", path: "/ping" }]))
}

fn read(http: &Arc<Http>) -> Exposition {
    let http = Arc::clone(http);
    Exposition::read(&render(move |page| http.write(page)).unwrap()).unwrap()
}

fn ended(status: u16) -> Ended {
    Ended { status, request_bytes: Some(10), response_bytes: Some(100), panicked: status == 500 }
}

#[test]
fn requests_are_counted_by_route_status_and_size() {
    let http = http();
    for status in [200, 200, 404, 500] {
        http.begin(Some(0), "POST").end(ended(status));
    }
    let page = read(&http);
    let of = |family| [("method", "POST"), ("route", "/gateway/fetch"), ("status_family", family)];
    assert_eq!(page.value("athena_http_requests_total", &of("2xx")), Some(2.0));
    assert_eq!(page.value("athena_http_requests_total", &of("5xx")), Some(1.0));
    assert_eq!(page.value("athena_http_request_bytes_sum", &of("2xx")), Some(20.0));
    assert_eq!(page.value("athena_http_response_bytes_sum", &of("4xx")), Some(100.0));
    assert_eq!(page.value("athena_http_request_duration_seconds_count", &of("4xx")), Some(1.0));
    assert_eq!(page.value("athena_http_requests_observed_total", &[]), Some(4.0));
    assert_eq!(page.value("athena_http_error_rate", &[]), Some(0.5));
    assert_eq!(page.value("athena_http_handler_error_rate", &[]), Some(0.25));
    let code = [
        ("method", "POST"),
        ("route", "/gateway/fetch"),
        ("route_group", "gateway"),
        ("status_code", "404"),
        ("status_family", "4xx"),
    ];
    assert_eq!(page.value("athena_http_requests_by_status_code_total", &code), Some(1.0));
}

#[test]
fn a_request_that_is_given_up_is_in_flight_no_longer() {
    let http = http();
    let (one, other) = (http.begin(Some(1), "GET"), http.begin(Some(1), "GET"));
    assert_eq!(read(&http).value("athena_http_in_flight_requests_total", &[]), Some(2.0));
    drop(one);
    other.end(ended(200));
    let page = read(&http);
    let of = [("method", "GET"), ("route", "/ping"), ("route_group", "health")];
    assert_eq!(page.value("athena_http_in_flight_requests_total", &[]), Some(0.0));
    assert_eq!(page.value("athena_http_in_flight_requests", &of), Some(0.0));
    assert_eq!(page.value("athena_http_in_flight_requests_max", &of), Some(2.0));
    assert_eq!(page.value("athena_http_requests_abandoned_total", &of), Some(1.0));
    assert_eq!(page.value("athena_http_requests_observed_total", &[]), Some(1.0));
}

#[test]
fn whatever_is_asked_for_there_are_no_more_series_than_routes_allow() {
    let http = http();
    for odd in 0..5_000_u16 {
        http.begin(None, &format!("BREW{odd}")).end(ended(odd));
    }
    let page = read(&http);
    assert!(page.len() < 250, "{} series", page.len());
    let of = [("method", "OTHER"), ("route", "unmatched"), ("status_family", "4xx")];
    assert_eq!(page.value("athena_http_requests_total", &of), Some(100.0));
}
