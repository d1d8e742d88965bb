//! The second step: a code of an authenticator app, or a recovery code.

use super::entrance;
use crate::{
    components::{
        icon::Icon,
        problem::{ErrorNotice, failure},
    },
    error::ConsoleError,
    links,
    serverfns::second_step::{FinishSignIn, awaits_code},
};
use leptos::{form::ActionForm, html::Input, prelude::*};
use leptos_router::{components::Redirect, hooks::use_query_map};

#[component]
pub fn CodePage() -> impl IntoView {
    let awaits = Resource::new(|| (), |()| awaits_code());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match awaits.await {
                    Ok(true) => view! { <CodeStep /> }.into_any(),
                    // There is nothing to add a second step to.
                    _ => view! { <Redirect path=links::SIGN_IN /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn CodeStep() -> impl IntoView {
    let query = use_query_map();
    let return_to =
        Memo::new(move |_| query.with(|query| query.get("return_to")).unwrap_or_default());
    let is_recovery = Memo::new(move |_| query.with(|query| query.get("recovery").is_some()));
    let text = move || match is_recovery.get() {
        true => "Type one of the recovery codes that you kept. It works once.",
        false => "Type the code that your authenticator app shows for Athena.",
    };
    let other = move || match is_recovery.get() {
        true => (links::sign_in_code(&return_to.get()), "Use the app instead"),
        false => (links::sign_in_recovery(&return_to.get()), "Use a recovery code instead"),
    };
    let body = view! {
        <CodeForm return_to is_recovery />
        <p class="login-ways">
            <a href=move || other().0>{move || other().1}</a>
            <a href=links::SIGN_IN>"Sign in as somebody else"</a>
        </p>
    };
    entrance("One more step", view! { <p>{text}</p> }.into_any(), body.into_any())
}

#[component]
fn CodeForm(return_to: Memo<String>, is_recovery: Memo<bool>) -> impl IntoView {
    let finish = ServerAction::<FinishSignIn>::new();
    let failed: Signal<Option<ConsoleError>> = failure(finish);
    let invalid = move || failed.get().is_some().then_some("true");
    // A phone shows digits for the one and letters for the other.
    let mode = move || if is_recovery.get() { "text" } else { "numeric" };
    let field = NodeRef::<Input>::new();
    // `autofocus` counts only on a page that came whole from the server.
    Effect::new(move |_| {
        is_recovery.track();
        if let Some(input) = field.get() {
            // By the next frame it is in the document, and takes the focus.
            request_animation_frame(move || {
                let _focused = input.focus();
            });
        }
    });
    let label = move || if is_recovery.get() { "Recovery code" } else { "Code" };
    view! {
        <ErrorNotice problem=failed />
        <ActionForm action=finish>
            <input type="hidden" name="return_to" value=move || return_to.get() />
            <div class="field">
                <label class="lab" for="code">
                    {label}
                </label>
                <div class="input tall" aria-invalid=invalid>
                    <input
                        id="code"
                        name="code"
                        class="mono"
                        inputmode=mode
                        autocomplete="one-time-code"
                        autocapitalize="off"
                        spellcheck="false"
                        maxlength="40"
                        required
                        autofocus
                        node_ref=field
                        aria-invalid=invalid
                    />
                </div>
            </div>
            <button class="btn primary tall" aria-busy=move || finish.pending().get().to_string()>
                {move || if finish.pending().get() { "Signing in…" } else { "Sign in" }}
                <Icon name="arrow-right" class="dir" />
            </button>
        </ActionForm>
    }
    .into_any()
}
