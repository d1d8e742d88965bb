//! Who is signed in, which theme, and the way out: a page so that it works without scripts.

mod organizations;
mod password;
mod second_step;
mod sessions;
pub mod setup;

use crate::{
    components::{icon::Icon, problem::ProblemPage},
    frame::TopBar,
    serverfns::{
        frame::load_shell,
        session::{SetTheme, SignOut},
    },
    theme::Theme,
};
use api_types::console::Shell;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use organizations::Organizations;
use password::PasswordForm;
use second_step::SecondStepSection;
use sessions::Sessions;

#[component]
pub fn AccountPage() -> impl IntoView {
    let shell = Resource::new(|| (), |()| load_shell());
    view! {
        <Title text="Account" />
        <Suspense>
            {move || Suspend::new(async move {
                match shell.await {
                    Ok(shell) => account(shell),
                    Err(error) => view! { <main id="main" class="lone"><ProblemPage error /></main> }
                        .into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn account(shell: Shell) -> AnyView {
    let sign_out = ServerAction::<SignOut>::new();
    let viewer = shell.viewer.clone();
    let version = shell.version.clone();
    view! {
        <div class="app bare">
            <TopBar shell client=None />
            <main id="main" class="main sheet-page">
                <h1>"Account"</h1>
                <dl class="facts">
                    <div class="kv">
                        <dt>"Name"</dt>
                        <dd>{viewer.display_name}</dd>
                    </div>
                    <div class="kv">
                        <dt>"Email"</dt>
                        <dd>{viewer.email}</dd>
                    </div>
                    <div class="kv">
                        <dt>"Athena"</dt>
                        <dd>{version}</dd>
                    </div>
                </dl>
                <Organizations />
                <h2>"Theme"</h2>
                <Themes />
                <h2>"Password"</h2>
                <PasswordForm />
                <h2>"Second step"</h2>
                <SecondStepSection />
                <h2>"Sessions"</h2>
                <Sessions />
                <ActionForm action=sign_out>
                    <button class="btn lg">
                        <Icon name="log-out" />
                        "Sign out"
                    </button>
                </ActionForm>
            </main>
        </div>
    }
    .into_any()
}

#[component]
fn Themes() -> impl IntoView {
    let set = ServerAction::<SetTheme>::new();
    let current = RwSignal::new(Theme::current());
    Effect::new(move |_| {
        if let Some(asked) = set.input().get() {
            asked.theme.apply();
            current.set(asked.theme);
        }
    });
    let choices = [Theme::System, Theme::Light, Theme::Dark].into_iter().map(move |theme| {
        view! {
            <button
                name="theme"
                value=theme.word()
                aria-pressed=move || (current.get() == theme).to_string()
            >
                {crate::words::prettify(theme.word())}
            </button>
        }
    });
    view! {
        <ActionForm action=set>
            <div class="seg" role="group" aria-label="Theme">
                {choices.collect_view()}
            </div>
        </ActionForm>
    }
    .into_any()
}
