//! A person's own page: their password and where they are signed in.

use crate::browser::{Browser, By};

#[tokio::test]
async fn the_account_page_shows_where_somebody_is_signed_in_and_a_way_out_of_the_others() {
    let browser = Browser::signed_in();
    let page = browser.get("/console/account").await;
    let html = page.html();
    let text = html.text();
    assert!(text.contains("192.0.2.1") && text.contains("198.51.100.7"), "{text}");
    assert!(text.contains("This session") && text.contains("2031-01-01 08:30 UTC"), "{text}");
    let ids: Vec<_> = html
        .all("input")
        .into_iter()
        .filter(|input| input.get("name").as_deref() == Some("id"))
        .map(|input| input.get("value").unwrap())
        .collect();
    assert_eq!(ids, ["2"], "the session that asks has no button");
    let ended = browser.post(By::Form, "/console/fn/end_session", &[("id", "2")]).await;
    assert_eq!(ended.leads_to(), "/console/account");
}

#[tokio::test]
async fn a_password_is_changed_with_a_plain_form_and_a_wrong_one_is_said_to_be() {
    let browser = Browser::signed_in();
    let path = "/console/fn/change_password";
    let typed = [("current", "right"), ("new", "correct horse")];
    let changed = browser.post(By::Form, path, &typed).await;
    assert_eq!(changed.leads_to(), "/console/account?changed=password");
    let page = browser.get(changed.leads_to()).await;
    assert!(page.html().text().contains("Your password is changed"));
    let wrong = [("current", "wrong"), ("new", "correct horse")];
    let from = "http://console.example/console/account";
    let headers = [("sec-fetch-site", "same-origin"), ("referer", from)];
    let refused = browser.post_with(By::Form, path, &wrong, &headers).await;
    let back = refused.leads_to().to_owned();
    assert!(back.starts_with("/console/account?"), "{back}");
    assert!(!back.contains("horse"), "what was typed is not in an address: {back}");
    let page = browser.get(&back).await;
    let text = page.html().text();
    assert!(text.contains("The current password is wrong."), "{text}");
    let scripted = browser.post(By::Script, path, &wrong).await;
    assert_eq!(
        (scripted.status.as_u16(), scripted.problem("code")),
        (401, "wrong_password".into())
    );
    let stranger = Browser::stranger().post(By::Script, path, &typed).await;
    assert_eq!(stranger.status, 401, "{}", stranger.body);
}
