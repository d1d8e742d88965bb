//! Lists as HTML: rows before scripts, and addresses that hold everything.

use crate::browser::{Browser, encode};

/// Every address that a page links to, to find a neighbour among them.
async fn link(browser: &Browser, page: &str, wanted: &[(&str, &str)]) -> String {
    let answer = browser.get(page).await;
    let html = answer.html();
    let all = html.all("a");
    let found = all
        .iter()
        .find(|link| wanted.iter().all(|(name, value)| link.get(name).as_deref() == Some(*value)));
    found.unwrap_or_else(|| panic!("{page} has no link {wanted:?}")).get("href").unwrap()
}

#[tokio::test]
async fn rows_are_in_the_first_html() {
    let answer = Browser::signed_in().get("/console/c/demo/invoices").await;
    assert_eq!(answer.status, 200);
    let html = answer.html();
    let text = html.text();
    assert!(text.contains("INV-2026-05112") && text.contains("INV-2026-05088"), "{text}");
    assert!(!text.contains("INV-2026-05087"), "the 26th row belongs to the next page");
    assert!(text.contains("240 rows") && text.contains("1 – 25"), "{text}");
    // A header and 25 rows.
    assert_eq!(html.all("tr").len(), 26);
    assert_eq!(html.all("table")[0].get("aria-rowcount").as_deref(), Some("241"));
}

#[tokio::test]
async fn a_deep_link_keeps_its_filters_its_order_and_its_page() {
    let browser = Browser::signed_in();
    let page = "/console/c/demo/invoices?status=paid&amount=%3E%3D%201000&sortby=-amount&per_page=10&page=2";
    let answer = browser.get(page).await;
    assert_eq!(answer.status, 200);
    let text = answer.html().text();
    assert!(text.contains("Status is Paid"), "{text}");
    assert!(text.contains("Amount at least 1,000"), "{text}");
    assert!(text.contains("11 – 20"), "{text}");
    assert!(!answer.body.contains("status overdue"), "only paid ones");
    for rel in ["prev", "next"] {
        let neighbour = link(&browser, page, &[("rel", rel)]).await;
        for kept in ["status=paid", "amount=", "1000", "sortby=-amount", "per_page=10"] {
            assert!(neighbour.contains(kept), "{rel}: {neighbour} lost {kept}");
        }
    }
    let dropped = link(&browser, page, &[("aria-label", "Remove filter Status")]).await;
    assert!(!dropped.contains("status") && dropped.contains("sortby=-amount"), "{dropped}");
    assert!(!dropped.contains("page=2"), "another selection begins at its first page: {dropped}");
}

#[tokio::test]
async fn a_filter_added_with_the_form_alone_is_spelled_as_an_address() {
    let browser = Browser::signed_in();
    let sent = "sortby=number&~column=status&~op=in&~value=paid%2C+open";
    let answer = browser.get(&format!("/console/c/demo/invoices?{sent}")).await;
    let to = answer.leads_to().to_owned();
    assert!(!to.contains('~') && to.contains("sortby=number"), "{to}");
    let text = browser.get(&to).await.html().text();
    assert!(text.contains("Status is any of Paid, Open"), "{text}");
}

#[tokio::test]
async fn null_and_the_empty_text_look_different() {
    let browser = Browser::signed_in();
    let nulls = browser.get("/console/c/demo/invoices?note=is_null").await;
    assert!(nulls.body.contains(r#"class="null""#) && !nulls.body.contains(r#"class="nil""#));
    let empty = browser.get("/console/c/demo/invoices?filters=").await;
    let terms = encode(r#"[{"column":"note","op":"eq","value":""}]"#);
    let named = browser.get(&format!("/console/c/demo/invoices?filters={terms}")).await;
    assert_eq!(named.status, 200, "{}", empty.status);
    assert!(named.body.contains(r#"class="nil""#), "{}", named.html().text());
}

#[tokio::test]
async fn an_address_that_cannot_be_understood_is_a_400_that_names_it() {
    let answer = Browser::signed_in().get("/console/c/demo/invoices?colour=red").await;
    assert_eq!(answer.status, 400);
    let text = answer.html().text();
    assert!(text.contains("colour") && text.contains("Clear filters"), "{text}");
    assert!(!text.contains("INV-2026"), "a filter is never dropped silently: {text}");
}

#[tokio::test]
async fn a_list_without_a_fitting_row_says_so_and_how_to_go_on() {
    let browser = Browser::signed_in();
    let none = browser.get("/console/c/demo/invoices?q=zzzz").await;
    assert_eq!(none.status, 200);
    assert!(none.html().text().contains("No invoice fits what was asked"));
    let past = browser.get("/console/c/demo/invoices?page=99").await;
    assert!(past.html().text().contains("Past the last page"));
    for page in ["/console/c/demo/invoices?q=zzzz", "/console/c/demo/invoices?page=99"] {
        let all = link(&browser, page, &[("class", "btn"), ("href", "/console/c/demo/invoices")]);
        assert_eq!(all.await, "/console/c/demo/invoices");
    }
}

#[tokio::test]
async fn a_view_offers_nothing_that_would_change_it() {
    let answer = Browser::signed_in().get("/console/c/demo/totals_by_region").await;
    let text = answer.html().text();
    assert!(text.contains("A view cannot be changed.") && text.contains("APAC"), "{text}");
    assert!(!text.contains("New total") && !answer.body.contains("totals_by_region/new"), "{text}");
}

#[tokio::test]
async fn a_list_can_be_copied_as_code_under_the_address_it_was_asked_at() {
    let page = "/console/c/demo/invoices?status=paid&sortby=-amount&cols=number,status&per_page=10";
    let answer = Browser::signed_in().get(page).await;
    let text = answer.html().text();
    let address = "'http://localhost/rest/v1/invoices?select=number,status&status=eq.paid&order=amount.desc.nullslast,";
    assert!(text.contains(&format!("curl {address}")), "{text}");
    assert!(
        text.contains(
            ".eq('status', 'paid') .order('amount', { ascending: false, nullsFirst: false })"
        ),
        "{text}"
    );
    assert!(
        text.contains(".eq(\"status\", \"paid\") .order_by(\"amount\") .descending()"),
        "{text}"
    );
    assert!(text.contains("-H \"apikey: $ATHENA_KEY\""), "{text}");
    // Without scripts there is nothing to press, only something to read.
    let buttons = answer.html().all("button");
    let copies = buttons.iter().filter(|button| button.get("class").as_deref() == Some("btn sm"));
    assert!(
        copies.clone().count() >= 3 && copies.clone().all(|button| button.get("hidden").is_some())
    );
}
