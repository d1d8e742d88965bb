//! What holds for every page, whatever it shows.

use crate::{browser::Browser, serve};
use http::header;

const PAGES: [&str; 28] = [
    "/console/sign-in",
    "/console/sign-in?return_to=%2Fconsole%2Fc%2Fdemo%2Finvoices%3Fstatus%3Dpaid",
    "/console/sign-in?link=spent",
    "/console/sign-in/code",
    "/console/sign-in/code?return_to=%2Fconsole%2Fc%2Fdemo%2Finvoices&recovery=1",
    "/console/account",
    "/console/account/second-step",
    "/console/c/demo",
    "/console/c/demo?q=inv",
    "/console/c/demo?q=zzzz",
    "/console/c/legacy",
    "/console/c/elsewhere",
    "/console/c/demo/invoices",
    "/console/c/demo/invoices?status=paid&sortby=-amount,number&page=2",
    "/console/c/demo/invoices?q=zzzz",
    "/console/c/demo/invoices?page=99",
    "/console/c/demo/invoices?colour=red",
    "/console/c/demo/customers",
    "/console/c/demo/payments",
    "/console/c/demo/totals_by_region",
    "/console/c/demo/nowhere",
    "/console/c/demo/invoices/1",
    "/console/c/demo/customers/1",
    "/console/c/demo/payments/1",
    "/console/c/demo/invoices/9999",
    "/console/c/demo/invoices/new",
    "/console/c/demo/totals_by_region/new",
    "/console/lost",
];

#[tokio::test]
async fn every_page_has_a_heading_a_title_and_ids_that_are_there_once() {
    let browser = Browser::everywhere().await;
    let mut faults = Vec::new();
    for path in PAGES {
        let answer = browser.get(path).await;
        let found = answer.html().faults();
        faults.extend(found.into_iter().map(|fault| format!("{path}: {fault}")));
        let title = answer.body.split("<title>").nth(1).and_then(|rest| rest.split('<').next());
        if !title.is_some_and(|title| title.ends_with("Athena")) {
            faults.push(format!("{path}: the title is {title:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn no_page_is_kept_by_a_cache_or_runs_foreign_scripts() {
    let browser = Browser::everywhere().await;
    for path in PAGES {
        let answer = browser.get(path).await;
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        let nonce = nonce.unwrap_or_else(|| panic!("{path}: {policy}"));
        for script in answer.html().all("script") {
            assert_eq!(script.get("nonce").as_deref(), Some(nonce), "{path}: {script:?}");
        }
        assert!(
            !policy.contains("'unsafe-inline' 'self'") && policy.contains("default-src 'self'")
        );
    }
}

#[tokio::test]
async fn home_leads_to_the_first_table_of_the_first_client_that_answers() {
    let answer = Browser::signed_in().get("/console").await;
    assert_eq!(answer.leads_to(), "/console/c/demo/invoices");
}

#[tokio::test]
async fn every_route_has_a_page_among_those_looked_at() {
    let pages = PAGES.map(|page| page.split('?').next().unwrap_or_default());
    for route in serve::routes() {
        let pattern: Vec<_> = route.trim_matches('/').split('/').collect();
        let fits = |page: &&str| {
            let parts: Vec<_> = page.trim_matches('/').split('/').collect();
            let rest =
                pattern.last().is_some_and(|last| last.starts_with("{*") || last.starts_with('*'));
            let same = |(part, pattern): (&&str, &&str)| {
                pattern.starts_with(['{', ':', '*']) || part == pattern
            };
            (parts.len() == pattern.len() || rest && parts.len() >= pattern.len())
                && parts.iter().zip(&pattern).all(same)
        };
        assert!(route == "/console" || pages.iter().any(fits), "no page stands for {route}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_pages_asked_for_at_once_are_all_answered() {
    let browser = std::sync::Arc::new(Browser::everywhere().await);
    let mut all = tokio::task::JoinSet::new();
    for path in PAGES.iter().cycle().take(PAGES.len() * 16) {
        let browser = std::sync::Arc::clone(&browser);
        all.spawn(async move { browser.get(path).await.status.is_server_error() });
    }
    let failed = all.join_all().await.into_iter().filter(|failed| *failed).count();
    assert_eq!(failed, 0);
}
