//! Records as HTML, and the words for one that is not there.

use crate::browser::Browser;

#[tokio::test]
async fn a_record_shows_its_fields_and_what_hangs_on_it() {
    let answer = Browser::signed_in().get("/console/c/demo/customers/3").await;
    assert_eq!(answer.status, 200);
    let html = answer.html();
    let text = html.text();
    assert!(text.contains("Vega Lumière") && text.contains("ap@vega.example"), "{text}");
    assert!(text.contains("INV-2026-"), "its invoices are there: {text}");
    let all = html.all("a");
    let all =
        all.iter().find(|link| link.get("aria-label").as_deref() == Some("Open all Invoices"));
    let href = all.unwrap().get("href").unwrap();
    assert_eq!(href, "/console/c/demo/invoices?customer_id=3");
}

#[tokio::test]
async fn a_foreign_key_reads_as_its_label_and_leads_to_the_record() {
    let answer = Browser::signed_in().get("/console/c/demo/invoices/1").await;
    let html = answer.html();
    assert!(html.text().contains("Nordlicht Energie"));
    let chips = html.all("a");
    assert!(chips.iter().any(|link| {
        link.get("class").as_deref() == Some("fk")
            && link.get("href").as_deref() == Some("/console/c/demo/customers/1")
    }));
}

#[tokio::test]
async fn a_problem_page_shows_the_problem_with_its_trace_and_its_status() {
    let browser = Browser::signed_in();
    let cases = [
        (
            "/console/c/demo/nowhere",
            404,
            "There is no table “nowhere” in demo.",
            "unknown_table · 7f3ca91e",
        ),
        (
            "/console/c/demo/nowhere/1",
            404,
            "There is no table “nowhere” in demo.",
            "unknown_table · 7f3ca91e",
        ),
        (
            "/console/c/demo/nowhere/new",
            404,
            "There is no table “nowhere” in demo.",
            "unknown_table · 7f3ca91e",
        ),
        (
            "/console/c/demo/invoices/9999",
            404,
            "There is no invoice “9999”.",
            "unknown_record · 0b7d93ac",
        ),
        ("/console/c/demo/invoices/%7E9", 404, "is no record's key", "unknown_record"),
        ("/console/c/elsewhere/invoices", 400, "There is no client “elsewhere”.", "unknown_client"),
        ("/console/c/no%20name/invoices", 400, "is no client name", "unknown_client"),
        ("/console/lost", 404, "There is no page at this address.", "unknown_page"),
    ];
    for (path, status, message, code) in cases {
        let answer = browser.get(path).await;
        let text = answer.html().text();
        assert_eq!(answer.status, status, "{path}: {text}");
        assert!(text.contains(message), "{path}: {message:?} is not in {text}");
        assert!(text.contains(code), "{path}: {code:?} is not in {text}");
    }
}

#[tokio::test]
async fn a_client_that_is_down_says_why_and_the_others_stay_reachable() {
    let answer = Browser::signed_in().get("/console/c/legacy").await;
    assert_eq!(answer.status, 200);
    let html = answer.html();
    let text = html.text();
    assert!(text.contains("legacy cannot be reached"), "{text}");
    assert!(text.contains("connection refused at db:5432"), "{text}");
    let demo = html
        .all("a")
        .into_iter()
        .any(|link| link.get("href").as_deref() == Some("/console/c/demo"));
    assert!(demo, "the switcher leads to the client that answers");
}
