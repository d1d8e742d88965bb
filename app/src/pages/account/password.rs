//! A new password, with the old one beside it. It is a plain form, so it needs no scripts.

use crate::{
    components::problem::{ErrorNotice, failure},
    error::ConsoleError,
    serverfns::account::ChangePassword,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

#[component]
pub fn PasswordForm() -> impl IntoView {
    let change = ServerAction::<ChangePassword>::new();
    let failed: Signal<Option<ConsoleError>> = failure(change);
    let query = use_query_map();
    let done = move || {
        query.with(|query| query.get("changed").is_some()).then(|| {
            view! { <p role="status">"Your password is changed, and every other session has ended."</p> }
        })
    };
    view! {
        {done}
        <ErrorNotice problem=failed />
        <ActionForm action=change>
            <Field id="current" label="Current password" complete="current-password" />
            <Field id="new" label="New password" complete="new-password" />
            <button class="btn lg" aria-busy=move || change.pending().get().to_string()>
                "Change password"
            </button>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Field(id: &'static str, label: &'static str, complete: &'static str) -> impl IntoView {
    // Whoever came by an invitation has no current one yet.
    let is_needed = id == "new";
    view! {
        <div class="field">
            <label class="lab" for=id>
                {label}
            </label>
            <div class="input tall">
                <input id=id name=id type="password" autocomplete=complete required=is_needed />
            </div>
        </div>
    }
    .into_any()
}
