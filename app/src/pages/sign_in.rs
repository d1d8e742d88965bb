//! The way in: a plain form, or a one-time link, and back to where the person was heading.

pub mod code;
mod picture;

use crate::{
    components::{
        icon::{Icon, Owl},
        problem::{ErrorNotice, failure},
    },
    error::ConsoleError,
    links,
    serverfns::session::{SignIn, redeem_link},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use picture::Picture;

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let param = move |name: &str| query.with_untracked(|query| query.get(name)).unwrap_or_default();
    let return_to = param("return_to");
    let link = param("link");
    let heading = heading_for(&return_to).into_any();
    let body = view! {
        {(!link.is_empty()).then(|| view! { <OneTimeLink link return_to=return_to.clone() /> })}
        <PasswordForm return_to />
    };
    entrance("Sign in", heading, body.into_any())
}

/// The frame of every page before somebody is in.
fn entrance(title: &'static str, heading: AnyView, body: AnyView) -> AnyView {
    view! {
        <Title text=title />
        <main id="main" class="login">
            <section class="login-form">
                <a class="login-mark" href=links::HOME>
                    <Owl />
                    "Athena"
                </a>
                <div class="login-box">
                    <header>
                        <h1>{title}</h1>
                        {heading}
                    </header>
                    {body}
                </div>
            </section>
            <Picture />
        </main>
    }
    .into_any()
}

/// Say where signing in leads, so that nothing asked for seems lost.
fn heading_for(return_to: &str) -> Option<AnyView> {
    let path = links::own_path(return_to).filter(|path| *path != links::HOME)?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let place = path.rsplit('/').next().map(crate::words::prettify).unwrap_or_default();
    let filter = links::pairs(query)
        .into_iter()
        .map(|(key, value)| format!("{key}:{value}"))
        .collect::<Vec<_>>()
        .join(" ");
    Some(view! {
        <p>
            "Then straight back to "
            <b>{place}</b>
            {(!filter.is_empty()).then(|| view! { ", with " <span class="mono">{filter}</span> })}
            "."
        </p>
    }.into_any())
}

/// Spend the link while the page is made; success redirects before anything is seen.
#[component]
fn OneTimeLink(link: String, return_to: String) -> impl IntoView {
    let redeemed = Resource::new(
        move || (link.clone(), return_to.clone()),
        |(link, return_to)| redeem_link(link, return_to),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let failed = redeemed.await.err();
                view! { <ErrorNotice problem=Signal::stored(failed) /> }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn PasswordForm(return_to: String) -> impl IntoView {
    let sign_in = ServerAction::<SignIn>::new();
    let failed: Signal<Option<ConsoleError>> = failure(sign_in);
    let invalid = move || failed.get().is_some().then_some("true");
    view! {
        <ErrorNotice problem=failed />
        <ActionForm action=sign_in>
            <input type="hidden" name="return_to" value=return_to />
            <div class="field">
                <label class="lab" for="email">
                    "Email"
                </label>
                <div class="input tall" aria-invalid=invalid>
                    <input
                        id="email"
                        name="email"
                        type="email"
                        autocomplete="username"
                        required
                        autofocus
                        aria-invalid=invalid
                    />
                </div>
            </div>
            <div class="field">
                <label class="lab" for="password">
                    "Password"
                </label>
                <div class="input tall" aria-invalid=invalid>
                    <input
                        id="password"
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        required
                        aria-invalid=invalid
                    />
                </div>
            </div>
            <button class="btn primary tall" aria-busy=move || sign_in.pending().get().to_string()>
                {move || if sign_in.pending().get() { "Signing in…" } else { "Sign in" }}
                <Icon name="arrow-right" class="dir" />
            </button>
        </ActionForm>
    }
    .into_any()
}
