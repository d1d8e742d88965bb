//! The way in, and who is kept out.

use crate::browser::{Browser, By, encode};
use http::header;

const SIGN_IN: &str = "/console/fn/sign_in";

fn typed<'a>(password: &'a str, return_to: &'a str) -> [(&'a str, &'a str); 3] {
    [("email", "desk@hesper.example"), ("password", password), ("return_to", return_to)]
}

#[tokio::test]
async fn a_deep_link_leads_to_sign_in_and_back_with_its_filters() {
    let browser = Browser::stranger();
    let wanted = "/console/c/demo/invoices?status=paid&sortby=-amount";
    let asked = browser.get(wanted).await;
    let page = asked.leads_to().to_owned();
    assert_eq!(page, format!("/console/sign-in?return_to={}", encode_path(wanted)));
    let sign_in = browser.get(&page).await;
    let html = sign_in.html();
    assert!(html.text().contains("Then straight back to Invoices"), "{}", html.text());
    let inputs = html.all("input");
    let kept = inputs.iter().find(|input| input.get("name").as_deref() == Some("return_to"));
    assert_eq!(kept.unwrap().get("value").as_deref(), Some(wanted));
    let entered = browser.post(By::Form, SIGN_IN, &typed("right", wanted)).await;
    assert_eq!(entered.leads_to(), wanted);
    let cookie = entered.header(header::SET_COOKIE);
    for part in ["athena_session=fake", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

/// As the console writes an address into another.
fn encode_path(path: &str) -> String {
    encode(path).replace("%2D", "-").replace("%2E", ".").replace("%5F", "_").replace("%7E", "~")
}

#[tokio::test]
async fn sign_in_refuses_posts_from_other_sites() {
    let browser = Browser::stranger();
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        for path in [SIGN_IN, "/console/fn/redeem_link", "/console/fn/set_theme"] {
            let pairs = [&typed("right", "")[..], &[("link", "open"), ("theme", "dark")]].concat();
            let refused = browser.post_with(By::Script, path, &pairs, &headers).await;
            assert_eq!(refused.status, 403, "{path} {headers:?}: {}", refused.body);
            assert_eq!(refused.problem("code"), "cross_site_request", "{path} {headers:?}");
            assert_eq!(refused.header(header::SET_COOKIE), "", "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_comes_back_to_the_page_with_words_and_trace() {
    let browser = Browser::stranger();
    let from =
        [("sec-fetch-site", "same-origin"), ("referer", "http://console.example/console/sign-in")];
    let refused = browser.post_with(By::Form, SIGN_IN, &typed("wrong", ""), &from).await;
    assert_eq!(refused.header(header::SET_COOKIE), "");
    let back = refused.leads_to().to_owned();
    assert!(!back.contains("wrong&") && !back.contains("password="), "{back}");
    let text = browser.get(&back).await.html().text();
    assert!(text.contains("Email and password do not belong together."), "{text}");
    assert!(text.contains("wrong_password · 9a6e03fd"), "{text}");
}

#[tokio::test]
async fn a_way_back_to_another_site_leads_home() {
    let browser = Browser::stranger();
    for foreign in
        ["https://evil.example/console/", "//evil.example", "/console//evil.example", "/elsewhere"]
    {
        let entered = browser.post(By::Form, SIGN_IN, &typed("right", foreign)).await;
        assert_eq!(entered.leads_to(), "/console", "{foreign}");
        let page = browser.get(&format!("/console/sign-in?return_to={}", encode(foreign))).await;
        assert!(!page.html().text().contains("Then straight back"), "{foreign}");
    }
}

#[tokio::test]
async fn a_one_time_link_opens_the_console_and_a_spent_one_says_so() {
    let browser = Browser::stranger();
    let opened = browser.get("/console/sign-in?link=open").await;
    assert_eq!(opened.leads_to(), "/console");
    assert!(opened.header(header::SET_COOKIE).contains("athena_session=fake"));
    let spent = browser.get("/console/sign-in?link=spent").await;
    assert_eq!(spent.header(header::SET_COOKIE), "");
    assert!(spent.html().text().contains("This link was used or has expired."));
}

#[tokio::test]
async fn signing_out_clears_the_cookie_even_when_the_session_is_gone() {
    for browser in [Browser::signed_in(), Browser::stranger()] {
        let left = browser.post(By::Form, "/console/fn/sign_out", &[]).await;
        assert_eq!(left.leads_to(), "/console/sign-in");
        assert!(left.header(header::SET_COOKIE).starts_with("athena_session=; Max-Age=0"));
    }
}

#[tokio::test]
async fn over_https_the_cookie_is_marked_secure() {
    let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-proto", "https")];
    let entered =
        Browser::stranger().post_with(By::Form, SIGN_IN, &typed("right", ""), &headers).await;
    assert!(entered.header(header::SET_COOKIE).ends_with("; Secure"));
}
