//! Setting up a second step: the secret for an app, the recovery codes, and a first code.

use crate::{
    components::problem::{ErrorNotice, ProblemPage, failure},
    error::ConsoleError,
    frame::TopBar,
    links,
    serverfns::{
        frame::load_shell,
        second_step::{ConfirmSecondStep, load_setup},
    },
};
use api_types::{
    account::{QrPicture, SecondStepSetup},
    console::Shell,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::components::Redirect;

#[component]
pub fn SetupPage() -> impl IntoView {
    let loaded = Resource::new(
        || (),
        |()| async { Ok::<_, ConsoleError>((load_shell().await?, load_setup().await?)) },
    );
    view! {
        <Title text="Second step" />
        <Suspense>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((shell, Some(setup))) => page(shell, setup),
                    // It is on, or was never begun.
                    Ok((_, None)) => view! { <Redirect path=links::ACCOUNT /> }.into_any(),
                    Err(error) => view! { <main id="main" class="lone"><ProblemPage error /></main> }
                        .into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn page(shell: Shell, setup: SecondStepSetup) -> AnyView {
    let SecondStepSetup { secret, uri, picture, recovery_codes } = setup;
    let address = uri.clone();
    let codes = recovery_codes.into_iter().map(|code| view! { <li>{code}</li> });
    view! {
        <div class="app bare">
            <TopBar shell client=None />
            <main id="main" class="main sheet-page">
                <h1>"Set up a second step"</h1>
                <h2>"1. Add Athena to your authenticator app"</h2>
                <div class="qr-beside">
                    {qr(picture)}
                    <dl>
                        <div class="kv">
                            <dt>"Secret, to type instead"</dt>
                            <dd class="mono whole">{grouped(&secret)}</dd>
                        </div>
                        <div class="kv">
                            <dt>"Address, for an app on this device"</dt>
                            <dd class="mono whole">
                                <a href=address rel="external">
                                    {uri}
                                </a>
                            </dd>
                        </div>
                    </dl>
                </div>
                <h2>"2. Keep the recovery codes"</h2>
                <p class="dim">
                    "Each signs you in once when you do not have the app. They are not shown again."
                </p>
                <ul class="recovery mono">{codes.collect_view()}</ul>
                <h2>"3. Type the code that the app shows"</h2>
                <ConfirmForm />
            </main>
        </div>
    }
    .into_any()
}

#[component]
fn ConfirmForm() -> impl IntoView {
    let confirm = ServerAction::<ConfirmSecondStep>::new();
    let failed: Signal<Option<ConsoleError>> = failure(confirm);
    let invalid = move || failed.get().is_some().then_some("true");
    view! {
        <ErrorNotice problem=failed />
        <ActionForm action=confirm>
            <div class="field">
                <label class="lab" for="code">
                    "Code"
                </label>
                <div class="input tall" aria-invalid=invalid>
                    <input
                        id="code"
                        name="code"
                        class="mono"
                        inputmode="numeric"
                        autocomplete="one-time-code"
                        maxlength="10"
                        required
                        aria-invalid=invalid
                    />
                </div>
                <p class="help">"Every other session of yours ends then."</p>
            </div>
            <div class="acts">
                <button class="btn primary lg" aria-busy=move || confirm.pending().get().to_string()>
                    "Switch on"
                </button>
                <a class="btn quiet lg" href=links::ACCOUNT>
                    "Not now"
                </a>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// Dark on light in either theme, as scanners want it.
fn qr(picture: QrPicture) -> AnyView {
    let QrPicture { side, path } = picture;
    view! {
        <svg
            class="qr"
            viewBox=format!("0 0 {side} {side}")
            role="img"
            aria-label="QR code of the address"
            shape-rendering="crispEdges"
        >
            <path d=path />
        </svg>
    }
    .into_any()
}

/// In fours, for whoever types it.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
