//! The form for a new row, as a plain form sends it.

use crate::browser::{Answer, Browser, By};

const CREATE: &str = "/console/fn/create";
const FROM: [(&str, &str); 2] = [
    ("sec-fetch-site", "same-origin"),
    ("referer", "http://console.example/console/c/demo/invoices/new"),
];

/// The fields of a form: column, choice, text.
async fn send(browser: &Browser, by: By, fields: &[(&str, &str, &str)]) -> Answer {
    let mut pairs = vec![("client".to_owned(), "demo"), ("resource".to_owned(), "invoices")];
    for (index, (column, kind, text)) in fields.iter().enumerate() {
        pairs.push((format!("fields[{index}][column]"), column));
        pairs.push((format!("fields[{index}][kind]"), kind));
        pairs.push((format!("fields[{index}][text]"), text));
    }
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    browser.post_with(by, CREATE, &pairs, &FROM).await
}

#[tokio::test]
async fn the_form_is_made_of_the_resource() {
    let answer = Browser::signed_in().get("/console/c/demo/invoices/new").await;
    assert_eq!(answer.status, 200);
    let html = answer.html();
    let text = html.text();
    assert!(text.contains("New invoice") && text.contains("Printed on the first page."), "{text}");
    let columns: Vec<_> = html
        .all("input")
        .into_iter()
        .filter(|input| input.get("name").is_some_and(|name| name.ends_with("[column]")))
        .filter_map(|input| input.get("value"))
        .collect();
    // Required ones lead, those with defaults come last, the database's own is left out.
    assert_eq!(columns[..3], ["number", "customer_id", "amount"]);
    assert_eq!(columns[columns.len() - 2..], ["status", "created_at"]);
    assert!(!columns.contains(&"invoice_id".to_owned()), "{columns:?}");
}

#[tokio::test]
async fn a_new_row_is_made_by_a_plain_form_and_opened() {
    let browser = Browser::signed_in();
    let fields = [
        ("number", "text", "INV-2027-00001"),
        ("customer_id", "text", "2"),
        ("amount", "text", "12.50"),
        ("note", "null", ""),
        ("status", "default", ""),
    ];
    let made = send(&browser, By::Form, &fields).await;
    assert_eq!(made.leads_to(), "/console/c/demo/invoices/241");
    let text = browser.get(made.leads_to()).await.html().text();
    assert!(text.contains("INV-2027-00001") && text.contains("Fjordline Marine"), "{text}");
    assert!(text.contains("Draft"), "{text}");
}

#[tokio::test]
async fn every_refused_field_is_named_at_the_field_at_once() {
    let browser = Browser::signed_in();
    let fields = [("number", "text", ""), ("customer_id", "text", "2"), ("amount", "text", "12,5")];
    let refused = send(&browser, By::Form, &fields).await;
    let back = refused.leads_to().to_owned();
    assert!(back.starts_with("/console/c/demo/invoices/new?"), "{back}");
    let answer = browser.get(&back).await;
    let html = answer.html();
    let text = html.text();
    for told in ["Number needs a value.", "“12,5” is not a number.", "fields to fix"] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    let wrong: Vec<_> = html
        .elements()
        .into_iter()
        .filter(|element| element.name == "input" && element.get("aria-invalid").is_some())
        .collect();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    for input in wrong {
        let error = input.get("aria-describedby").unwrap();
        assert_eq!(html.by_id(&error).unwrap().get("role").as_deref(), Some("alert"));
    }
    let rows = browser.get("/console/c/demo/invoices").await;
    assert!(rows.html().text().contains("240 rows"), "nothing was written");
}

#[tokio::test]
async fn a_script_reads_the_same_refusal_as_json() {
    let refused = send(&Browser::signed_in(), By::Script, &[("amount", "text", "x")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.problem("code"), "invalid_fields");
    assert_eq!(refused.problem("trace_id"), "c41077de");
    let fields = refused.problem("fields");
    let named: Vec<_> =
        fields.as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect();
    assert!(named.contains(&"amount") && named.contains(&"number"), "{named:?}");
}

#[tokio::test]
async fn what_takes_no_rows_has_no_form_and_says_why() {
    let answer = Browser::signed_in().get("/console/c/demo/totals_by_region/new").await;
    let html = answer.html();
    assert!(html.text().contains("A view cannot be changed."));
    let has_fields = html
        .all("input")
        .iter()
        .any(|input| input.get("name").is_some_and(|name| name.starts_with("fields[")));
    assert!(!has_fields);
}
