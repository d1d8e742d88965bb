//! Whether signing in asks for a code, and the way to have it otherwise.

use crate::{
    components::problem::{ErrorNotice, failure},
    error::ConsoleError,
    serverfns::second_step::{BeginSecondStep, EndSecondStep, load_second_step},
};
use api_types::account::SecondStep;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

#[component]
pub fn SecondStepSection() -> impl IntoView {
    let (begin, end) =
        (ServerAction::<BeginSecondStep>::new(), ServerAction::<EndSecondStep>::new());
    let state = Resource::new(move || end.version().get(), |_| load_second_step());
    view! {
        <Told />
        <ErrorNotice problem=failure(begin) />
        <ErrorNotice problem=failure(end) />
        <Suspense>
            {move || Suspend::new(async move {
                match state.await {
                    Ok(SecondStep::Off) => off(begin),
                    Ok(SecondStep::On { recovery_left }) => on(recovery_left, end),
                    Err(error) => {
                        let problem: Option<ConsoleError> = Some(error);
                        view! { <ErrorNotice problem=Signal::stored(problem) /> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// What was just done, after the page came back.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    move || {
        let text = match query.with(|query| query.get("second_step"))?.as_str() {
            "on" => "Signing in asks for a code from now on. Every other session has ended.",
            "off" => "Signing in asks for no code any more.",
            _ => return None,
        };
        Some(view! { <p role="status">{text}</p> })
    }
}

fn off(begin: ServerAction<BeginSecondStep>) -> AnyView {
    view! {
        <p class="dim">
            "Signing in can ask for a code of an authenticator app after your password or link."
        </p>
        <ActionForm action=begin>
            <button class="btn lg" aria-busy=move || begin.pending().get().to_string()>
                "Set up a second step"
            </button>
        </ActionForm>
    }
    .into_any()
}

fn on(recovery_left: u32, end: ServerAction<EndSecondStep>) -> AnyView {
    let left = match recovery_left {
        0 => "No recovery code is left; set the second step up anew to get more.".to_owned(),
        1 => "1 recovery code is left.".to_owned(),
        left => format!("{left} recovery codes are left."),
    };
    let is_open = failure(end).get_untracked().is_some();
    view! {
        <p class="dim">"Signing in asks for a code of your authenticator app. " {left}</p>
        <details class="unfold" open=is_open>
            <summary class="btn lg">"Switch off…"</summary>
            <ActionForm action=end>
                <p class="dim">"Fill in one of the two."</p>
                <div class="field">
                    <label class="lab" for="end-code">
                        "Code of the app, or a recovery code"
                    </label>
                    <div class="input tall">
                        <input
                            id="end-code"
                            name="code"
                            class="mono"
                            autocomplete="one-time-code"
                            autocapitalize="off"
                            spellcheck="false"
                            maxlength="40"
                        />
                    </div>
                </div>
                <div class="field">
                    <label class="lab" for="end-password">
                        "Password"
                    </label>
                    <div class="input tall">
                        <input
                            id="end-password"
                            name="password"
                            type="password"
                            autocomplete="current-password"
                        />
                    </div>
                </div>
                <button class="btn danger lg" aria-busy=move || end.pending().get().to_string()>
                    "Switch off the second step"
                </button>
            </ActionForm>
        </details>
    }
    .into_any()
}
