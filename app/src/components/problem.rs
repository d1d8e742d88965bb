//! A problem as a person reads it: what happened, what to do, code and trace.

use super::{
    empty::{Empty, Eyes},
    icon::Icon,
};
use crate::{error::ConsoleError, links, words};
use api_types::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_query_map},
};
use server_fn::{ServerFn, error::ServerFnUrlError};

/// A whole page's problem. A signed-out person goes to sign-in and comes back.
#[component]
pub fn ProblemPage(
    error: ConsoleError,
    /// Buttons under the text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    if error.is_signed_out() {
        return view! { <Redirect path=links::sign_in_from(&here()) /> }.into_any();
    }
    let problem = error.problem();
    answer_with(problem.status);
    let (eyes, title) = match problem.status {
        401 | 403 => (Eyes::Down, "Not allowed"),
        404 | 410 => (Eyes::Shut, "Not here"),
        400 | 422 => (Eyes::Aside, "This address cannot be read"),
        _ => (Eyes::Down, "This could not be read"),
    };
    let text = [Some(problem.message.as_str()), problem.hint.as_deref()].into_iter().flatten();
    let text = text.map(words::sentence).collect::<Vec<_>>().join(" ");
    view! {
        <Title text=title />
        <div class="page-state" role="alert">
            <Empty eyes title text>
                <div class="act">{children.map(|children| children())}</div>
                <p class="tr">{trace_line(&problem)}</p>
            </Empty>
        </div>
    }
    .into_any()
}

/// A problem beside something that still stands: a form, rows that were kept.
#[component]
pub fn ErrorNotice(
    #[prop(into)] problem: Signal<Option<ConsoleError>>,
    /// What a person can do about it.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    move || {
        {
            let action = children.clone();
            problem.get().map(|error| {
                let problem = error.problem();
                let trace = trace_line(&problem);
                view! {
                    <div class="note bad" role="alert">
                        <Icon name="circle-alert" />
                        <div class="grow">
                            <p>
                                <b>{words::sentence(&problem.message)}</b>
                                {problem.hint.map(|hint| format!(" {}", words::sentence(&hint)))}
                            </p>
                            <p class="trace">{trace}</p>
                        </div>
                        {action.map(|action| action())}
                    </div>
                }
            })
        }
        .into_any()
    }
}

/// `unknown_column · 9a6e03fd`
pub fn trace_line(problem: &Problem) -> String {
    match &problem.trace_id {
        Some(trace) => format!("{} · {trace}", problem.code),
        None => problem.code.clone(),
    }
}

/// What a form's last submission failed with, whether it was sent with scripts or without.
pub fn failure<S>(action: ServerAction<S>) -> Signal<Option<ConsoleError>>
where
    S: ServerFn<Error = ConsoleError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let query = use_query_map();
    // Both sides read it from the address, so that hydration meets the same page.
    let returned = Memo::new(move |_| {
        query.with(|query| {
            let err = query.get_str("__err")?;
            (query.get_str("__path")? == S::PATH)
                .then(|| ServerFnUrlError::<ConsoleError>::decode_err(err))
        })
    });
    let version = action.version();
    Signal::derive(move || match action.value().get() {
        Some(Err(error)) => Some(error),
        Some(Ok(_)) => None,
        None => (version.get() == 0).then(|| returned.get()).flatten(),
    })
}

/// The path and query of this page.
pub fn here() -> String {
    let location = use_location();
    let path = location.pathname.get_untracked();
    let query = links::without_returned(&location.search.get_untracked());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Give the document the problem's own status, so that a missing record is a 404.
#[cfg(feature = "ssr")]
fn answer_with(status: u16) {
    let response = use_context::<leptos_axum::ResponseOptions>();
    if let (Some(response), Ok(status)) = (response, http::StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

#[cfg(not(feature = "ssr"))]
fn answer_with(_status: u16) {}
