//! The second step of signing in, setting one up and doing without, all with plain forms.

use crate::browser::{Answer, Browser, By};
use http::header;

const FINISH: &str = "/console/fn/finish_sign_in";
const WANTED: &str = "/console/c/demo/invoices?status=paid";

fn hidden(answer: &Answer, name: &str) -> Option<String> {
    let inputs = answer.html().all("input");
    let found = inputs.iter().find(|input| input.get("name").as_deref() == Some(name));
    found.and_then(|input| input.get("value"))
}

#[tokio::test]
async fn a_right_password_leads_to_the_code_and_only_that_to_a_session() {
    let stranger = Browser::stranger();
    let typed = [("email", "a@b"), ("password", "half"), ("return_to", WANTED)];
    let half = stranger.post(By::Form, "/console/fn/sign_in", &typed).await;
    let page = half.leads_to().to_owned();
    assert!(page.starts_with("/console/sign-in/code?return_to=%2Fconsole%2Fc%2Fdemo"), "{page}");
    let cookie = half.header(header::SET_COOKIE);
    for part in ["athena_sign_in=half", "HttpOnly", "SameSite=Lax", "Path=/console", "Max-Age=600"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("athena_session"), "{cookie}");
    let browser = Browser::half_signed_in();
    let step = browser.get(&page).await;
    assert!(step.html().text().contains("One more step"), "{}", step.html().text());
    assert_eq!(hidden(&step, "return_to").as_deref(), Some(WANTED));
    let code = step.html().by_id("code").unwrap();
    assert_eq!(code.get("autocomplete").as_deref(), Some("one-time-code"));
    assert_eq!(code.get("inputmode").as_deref(), Some("numeric"));
    let entered =
        browser.post(By::Form, FINISH, &[("code", "123456"), ("return_to", WANTED)]).await;
    assert_eq!(entered.leads_to(), WANTED);
    let cookies: Vec<_> = entered.headers.get_all(header::SET_COOKIE).iter().collect();
    assert!(cookies[0].to_str().unwrap().starts_with("athena_session=fake"), "{cookies:?}");
    assert!(cookies[1].to_str().unwrap().starts_with("athena_sign_in=; Max-Age=0"), "{cookies:?}");
}

#[tokio::test]
async fn a_link_leads_to_the_code_as_well() {
    let opened = Browser::stranger().get("/console/sign-in?link=half").await;
    assert_eq!(opened.leads_to(), "/console/sign-in/code");
    let cookie = opened.header(header::SET_COOKIE);
    assert!(cookie.starts_with("athena_sign_in=half"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_code_comes_back_to_the_page_without_a_session() {
    let browser = Browser::half_signed_in();
    let from = "http://console.example/console/sign-in/code?recovery=1";
    let headers = [("sec-fetch-site", "same-origin"), ("referer", from)];
    let refused = browser.post_with(By::Form, FINISH, &[("code", "654321")], &headers).await;
    assert_eq!(refused.header(header::SET_COOKIE), "");
    let back = refused.leads_to().to_owned();
    assert!(back.starts_with("/console/sign-in/code?") && !back.contains("654321"), "{back}");
    let page = browser.get(&back).await;
    assert!(page.html().text().contains("The code is wrong, or was used before."));
    let code = page.html().by_id("code").unwrap();
    assert_eq!(code.get("inputmode").as_deref(), Some("text"), "still a recovery code");
    let scripted = browser.post(By::Script, FINISH, &[("code", "654321")]).await;
    assert_eq!((scripted.status.as_u16(), scripted.problem("code")), (401, "wrong_code".into()));
}

#[tokio::test]
async fn without_a_first_step_there_is_no_second() {
    for browser in [Browser::stranger(), Browser::signed_in()] {
        let page = browser.get("/console/sign-in/code").await;
        assert_eq!(page.leads_to(), "/console/sign-in");
    }
    let refused = Browser::stranger().post(By::Script, FINISH, &[("code", "123456")]).await;
    assert_eq!((refused.status.as_u16(), refused.problem("code")), (410, "sign_in_expired".into()));
    assert_eq!(refused.header(header::SET_COOKIE), "");
    let foreign = [("sec-fetch-site", "cross-site")];
    let refused = Browser::half_signed_in();
    let refused = refused.post_with(By::Script, FINISH, &[("code", "123456")], &foreign).await;
    assert_eq!((refused.status.as_u16(), refused.header(header::SET_COOKIE)), (403, ""));
    let account = Browser::half_signed_in().get("/console/account").await;
    assert!(account.leads_to().starts_with("/console/sign-in"), "half a sign-in opens nothing");
}

#[tokio::test]
async fn a_second_step_is_set_up_and_switched_off_with_plain_forms() {
    let browser = Browser::signed_in();
    let nothing = browser.get("/console/account/second-step").await;
    assert_eq!(nothing.leads_to(), "/console/account");
    let begun = browser.post(By::Form, "/console/fn/begin_second_step", &[]).await;
    let page = browser.get(begun.leads_to()).await;
    let text = page.html().text();
    assert!(text.contains("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"), "{text}");
    assert!(text.contains("otpauth://totp/Athena:desk?secret="), "{text}");
    assert_eq!(text.matches("aaaa-bbbb-cccc-dddd").count(), 10, "{text}");
    assert!(
        page.html().all("path").iter().any(|path| path.get("d").as_deref() == Some("M4 4h1v1h-1z"))
    );
    let confirm = async |code: &str| {
        browser.post(By::Form, "/console/fn/confirm_second_step", &[("code", code)]).await
    };
    assert!(!confirm("000000").await.leads_to().contains("second_step=on"));
    let confirmed = confirm("123456").await;
    assert_eq!(confirmed.leads_to(), "/console/account?second_step=on");
    let text = browser.get(confirmed.leads_to()).await.html().text();
    assert!(text.contains("Signing in asks for a code from now on."), "{text}");
    assert!(text.contains("9 recovery codes are left."), "{text}");
    let end = "/console/fn/end_second_step";
    let wrong = browser.post(By::Script, end, &[("code", ""), ("password", "wrong")]).await;
    assert_eq!(wrong.status, 401, "{}", wrong.body);
    let ended = browser.post(By::Form, end, &[("code", ""), ("password", "right")]).await;
    assert_eq!(ended.leads_to(), "/console/account?second_step=off");
    let text = browser.get(ended.leads_to()).await.html().text();
    assert!(text.contains("Set up a second step"), "{text}");
}

#[tokio::test]
async fn a_member_of_several_organizations_chooses_for_whom_they_work() {
    let browser = Browser::signed_in();
    let text = browser.get("/console/account").await.html().text();
    assert!(text.contains("Hesper Trading You work for it"), "{text}");
    let chosen = browser.post(By::Form, "/console/fn/work_for", &[("organization", "1")]).await;
    let text = browser.get(chosen.leads_to()).await.html().text();
    assert!(text.contains("Nordlicht Energie You work for it"), "{text}");
    let refused = browser.post(By::Script, "/console/fn/work_for", &[("organization", "7")]).await;
    assert_eq!((refused.status.as_u16(), refused.problem("code")), (404, "unknown_member".into()));
    let stranger = Browser::stranger();
    let refused = stranger.post(By::Script, "/console/fn/work_for", &[("organization", "1")]).await;
    assert_eq!(refused.status, 401);
}
