//! Server functions are public addresses: what scripts and plain forms get from them.

use crate::browser::{Browser, By};

#[tokio::test]
async fn a_list_is_read_with_the_query_of_its_address() {
    let browser = Browser::signed_in();
    let answer = browser
        .call("/console/fn/list?client=demo&resource=invoices&query=status%3Dpaid%26per_page%3D5")
        .await;
    assert_eq!(answer.status, 200);
    let page: api_types::console::ListPage = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((page.rows.len(), page.query.page_size), (5, 5));
    let at = page.columns.iter().position(|name| name == "status").unwrap();
    assert!(page.rows.iter().all(|row| row.cells[at].value.as_deref() == Some("paid")));
}

#[tokio::test]
async fn a_script_gets_a_problems_own_status_and_words() {
    let browser = Browser::signed_in();
    let cases = [
        ("list?client=demo&resource=nowhere", 404, "unknown_table"),
        ("list?client=elsewhere&resource=invoices", 400, "unknown_client"),
        ("record?client=demo&resource=invoices&key=9999", 404, "unknown_record"),
        ("list?client=demo&resource=invoices&query=colour%3Dred", 400, "unknown_column"),
        ("list?client=demo", 400, "unreadable_form"),
        ("list?client=no+name&resource=invoices", 400, "unreadable_form"),
    ];
    for (call, status, code) in cases {
        let answer = browser.call(&format!("/console/fn/{call}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem("code")),
            (status, code.into()),
            "{call}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_cell_is_changed_and_what_is_stored_comes_back() {
    let browser = Browser::signed_in();
    let body = |value: &str| {
        format!(
            r#"{{"client":"demo","resource":"invoices","key":"1","column":"amount","value":{value}}}"#
        )
    };
    let saved = browser
        .post_json("/console/fn/update_cell", &body(r#"{"kind":"text","text":"77.70"}"#))
        .await;
    assert_eq!((saved.status.as_u16(), saved.body.as_str()), (200, r#"{"v":"77.70"}"#));
    let refused = browser.post_json("/console/fn/update_cell", &body(r#"{"kind":"null"}"#)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.problem("fields")[0]["message"], "Amount needs a value.");
    assert!(browser.get("/console/c/demo/invoices/1").await.html().text().contains("77.70"));
}

#[tokio::test]
async fn nothing_is_written_for_another_site_or_a_stranger() {
    let pairs = [("client", "demo"), ("resource", "invoices"), ("key", "1")];
    let browser = Browser::signed_in();
    let foreign = [("sec-fetch-site", "cross-site")];
    let refused = browser.post_with(By::Script, "/console/fn/delete", &pairs, &foreign).await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem("code")),
        (403, "cross_site_request".into())
    );
    let stranger = Browser::stranger().post(By::Script, "/console/fn/delete", &pairs).await;
    assert_eq!((stranger.status.as_u16(), stranger.problem("code")), (401, "not_signed_in".into()));
    assert_eq!(browser.get("/console/c/demo/invoices/1").await.status, 200, "it is still there");
}

#[tokio::test]
async fn a_deleted_record_leads_back_to_its_list() {
    let browser = Browser::signed_in();
    let pairs = [("client", "demo"), ("resource", "invoices"), ("key", "1")];
    let gone = browser.post(By::Form, "/console/fn/delete", &pairs).await;
    assert_eq!(gone.leads_to(), "/console/c/demo/invoices");
    assert_eq!(browser.get("/console/c/demo/invoices/1").await.status, 404);
}

#[tokio::test]
async fn a_plain_form_that_is_refused_comes_back_to_its_page() {
    let pairs = [("client", "demo"), ("resource", "invoices"), ("key", "9999")];
    let from = [
        ("sec-fetch-site", "same-origin"),
        ("referer", "http://console.example/console/c/demo/invoices/1"),
    ];
    let browser = Browser::signed_in();
    let refused = browser.post_with(By::Form, "/console/fn/delete", &pairs, &from).await;
    let back = refused.leads_to();
    assert!(back.starts_with("/console/c/demo/invoices/1?"), "{back}");
    let text = browser.get(back).await.html().text();
    assert!(text.contains("There is no invoice “9999”."), "{text}");
}

#[tokio::test]
async fn the_theme_is_kept_for_the_next_page() {
    let browser = Browser::stranger();
    let set = browser.post(By::Form, "/console/fn/set_theme", &[("theme", "dark")]).await;
    let cookie = set.header(http::header::SET_COOKIE);
    assert!(cookie.contains("dark") && cookie.contains("Max-Age"), "{cookie} {}", set.body);
}
