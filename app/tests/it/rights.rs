//! Nothing shows that a person may not read.

use crate::{browser::Browser, data};

/// Every value, column and label of the withheld table.
fn secrets() -> Vec<String> {
    let table = data::tables().into_iter().find(|table| table.spec.key == data::WITHHELD).unwrap();
    let values = table.rows.into_iter().flatten().flatten().filter(|text| text.len() > 3);
    let names = table.spec.columns.into_iter().flat_map(|column| [column.name, column.label]);
    values.chain(names).chain([table.spec.label]).collect()
}

#[tokio::test]
async fn nothing_of_what_may_not_be_read_is_rendered() {
    let browser = Browser::signed_in();
    let secrets = secrets();
    assert!(secrets.contains(&"Wilhelmina Quill".to_owned()), "{secrets:?}");
    for path in [
        "/console/c/demo/salaries",
        "/console/c/demo/salaries?person=x&sortby=-gross_pay",
        "/console/c/demo/salaries/1",
        "/console/c/demo/salaries/new",
    ] {
        let answer = browser.get(path).await;
        let text = answer.html().text();
        assert_eq!(answer.status, 403, "{path}: {text}");
        assert!(text.contains("You may not read this table."), "{path}: {text}");
        assert!(text.contains("not_permitted · 5be0c2f7"), "{path}: {text}");
        // The address itself is the person's own, so the page may repeat that.
        let body = answer
            .body
            .replace("person=x", "")
            .replace("-gross_pay", "")
            .replace("%2Dgross_pay", "");
        let told: Vec<_> = secrets.iter().filter(|secret| body.contains(secret.as_str())).collect();
        assert!(told.is_empty(), "{path} tells {told:?}");
    }
}

#[tokio::test]
async fn scripts_read_no_more_than_pages_do() {
    let browser = Browser::signed_in();
    for path in [
        "/console/fn/list?client=demo&resource=salaries",
        "/console/fn/resource?client=demo&resource=salaries",
        "/console/fn/record?client=demo&resource=salaries&key=1",
        "/console/fn/options?client=demo&resource=salaries&column=person",
    ] {
        let answer = browser.call(path).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        assert_eq!(answer.problem("code"), "not_permitted", "{path}");
        let told: Vec<_> = secrets().into_iter().filter(|it| answer.body.contains(it)).collect();
        assert!(told.is_empty(), "{path} tells {told:?}");
    }
    let navigation = browser.call("/console/fn/navigation?client=demo").await;
    assert!(navigation.body.contains("invoices") && !navigation.body.contains("salaries"));
}

#[tokio::test]
async fn a_stranger_gets_no_row_and_no_name_of_a_table() {
    let browser = Browser::stranger();
    for path in [
        "/console",
        "/console/account",
        "/console/c/demo",
        "/console/c/demo/invoices?status=paid",
        "/console/c/demo/invoices/1",
        "/console/c/demo/invoices/new",
    ] {
        let answer = browser.get(path).await;
        assert!(answer.leads_to().starts_with("/console/sign-in"), "{path}");
        for told in ["INV-2026", "Customers", "desk@hesper.example"] {
            assert!(!answer.body.contains(told), "{path} tells {told}");
        }
    }
    for call in [
        "/console/fn/shell",
        "/console/fn/home",
        "/console/fn/navigation?client=demo",
        "/console/fn/list?client=demo&resource=invoices",
        "/console/fn/resource?client=demo&resource=invoices",
        "/console/fn/record?client=demo&resource=invoices&key=1",
        "/console/fn/options?client=demo&resource=invoices&column=customer_id",
    ] {
        let answer = browser.call(call).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem("code")),
            (401, "not_signed_in".into()),
            "{call}"
        );
    }
}
