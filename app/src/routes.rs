//! Every address of the console. Data pages render whole, so rows are in the first HTML.

use crate::{
    frame::Frame,
    pages::{
        account::{AccountPage, setup::SetupPage},
        client::ClientPage,
        create::CreatePage,
        home::HomePage,
        list::ListPage,
        not_found::NotFoundPage,
        record::RecordPage,
        sign_in::{SignInPage, code::CodePage},
    },
    ready::Ready,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The console.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Ready::provide();
    view! {
        <Title formatter=|page: String| {
            if page.is_empty() { "Athena".to_owned() } else { format!("{page} · Athena") }
        } />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/console") view=HomePage ssr=SsrMode::Async />
                <Route path=path!("/console/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/console/sign-in/code") view=CodePage ssr=SsrMode::Async />
                <Route
                    path=path!("/console/account/second-step")
                    view=SetupPage
                    ssr=SsrMode::Async
                />
                <Route path=path!("/console/account") view=AccountPage ssr=SsrMode::Async />
                <ParentRoute path=path!("/console/c/:client") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=ClientPage ssr=SsrMode::Async />
                    <Route path=path!(":resource") view=ListPage ssr=SsrMode::Async />
                    <Route path=path!(":resource/new") view=CreatePage ssr=SsrMode::Async />
                    <Route path=path!(":resource/:key") view=RecordPage ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/console/*rest") view=NotFoundPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
    .into_any()
}
