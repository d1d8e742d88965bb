//! The top bar: mark, client switcher, table search, theme, user menu.

use crate::{
    components::icon::{Icon, Owl},
    links,
    serverfns::session::{SetTheme, SignOut},
    theme::Theme,
};
use api_types::console::{ClientSummary, Readiness, Shell, Viewer};
use leptos::{form::ActionForm, prelude::*};

#[component]
pub fn TopBar(
    shell: Shell,
    /// The client of this page, when it has one.
    client: Option<ClientSummary>,
) -> impl IntoView {
    let jump = client.as_ref().map(|client| links::client(&client.name));
    view! {
        <header class="top">
            <a class="brand" href=links::HOME aria-label="Athena, home">
                <Owl />
                <span class="wide">"Athena"</span>
            </a>
            <span class="slash wide">"/"</span>
            {switcher(&shell, client.as_ref())}
            <span class="grow"></span>
            {jump
                .map(|href| {
                    view! {
                        <a class="jump wide" href=href>
                            <Icon name="search" class="s14" />
                            "Find a table…"
                        </a>
                        <span class="grow wide"></span>
                    }
                })}
            <ThemeSwitch />
            {account(&shell.viewer, &shell.version)}
        </header>
    }
    .into_any()
}

/// All clients, by name; one that is not ready says why.
fn switcher(shell: &Shell, client: Option<&ClientSummary>) -> AnyView {
    let current = client.map(|client| client.name.clone());
    let label = client.map_or_else(
        || "Choose a client".to_owned(),
        |client| format!("Client, {}", client.backend),
    );
    let shown = client.map(|client| {
        view! {
            {swatch(client)}
            {client.name.to_string()}
            {environment(client)}
        }
    });
    let entries = shell.clients.iter().map(|client| {
        let is_current = current.as_ref() == Some(&client.name);
        view! {
            <a
                class="mi"
                href=links::client(&client.name)
                aria-current=is_current.then_some("true")
            >
                {swatch(client)}
                <span>{client.name.to_string()}</span>
                <span class="end">{readiness(client)}</span>
            </a>
        }
    });
    view! {
        <details class="drop" data-menu>
            <summary class="switcher">
                {shown}
                <span class="sr">{label}</span>
                <Icon name="chevrons-up-down" />
            </summary>
            <div class="pop menu">
                <div class="mh">"Clients"</div>
                {entries.collect_view()}
            </div>
        </details>
    }
    .into_any()
}

/// The dot in a client's colour.
pub fn swatch(client: &ClientSummary) -> AnyView {
    let class = if is_production(client) { "swatch c2" } else { "swatch" };
    view! { <span class=class aria-hidden="true"></span> }.into_any()
}

/// Production is always clay.
pub fn is_production(client: &ClientSummary) -> bool {
    client.environment.as_deref() == Some("production")
}

/// What the client is for, `production` in clay.
pub fn environment(client: &ClientSummary) -> AnyView {
    let class = if is_production(client) { "badge clay sm" } else { "badge sm" };
    client.environment.clone().map(|name| view! { <span class=class>{name}</span> }).into_any()
}

fn readiness(client: &ClientSummary) -> String {
    match &client.readiness {
        Readiness::Ready => client.backend.clone(),
        Readiness::Connecting => "connecting".to_owned(),
        Readiness::Unavailable { .. } => "unavailable".to_owned(),
    }
}

/// Steps through system, light and dark. A plain form, so it works before scripts.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let set = ServerAction::<SetTheme>::new();
    let theme = RwSignal::new(Theme::current());
    let label =
        move || format!("Theme: {}. Change to {}", theme.get().word(), theme.get().next().word());
    Effect::new(move |_| {
        if let Some(asked) = set.input().get() {
            asked.theme.apply();
            theme.set(asked.theme);
        }
    });
    view! {
        <ActionForm action=set>
            <input type="hidden" name="theme" value=move || theme.get().next().word() />
            <button class="btn quiet sq" aria-label=label title=label>
                <Icon name="sun-moon" />
            </button>
        </ActionForm>
    }
    .into_any()
}

fn account(viewer: &Viewer, version: &str) -> AnyView {
    let sign_out = ServerAction::<SignOut>::new();
    let name = viewer.display_name.clone();
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    view! {
        <details class="drop end" data-menu>
            <summary class="btn quiet sq">
                <span class="avatar" aria-hidden="true">{initials}</span>
                <span class="sr">{format!("Account, {name}")}</span>
            </summary>
            <div class="pop menu">
                <div class="mh">{viewer.email.clone()}</div>
                <a class="mi" href=links::ACCOUNT>
                    <Icon name="user-round" />
                    "Account"
                </a>
                <ActionForm action=sign_out>
                    <button class="mi">
                        <Icon name="log-out" />
                        "Sign out"
                    </button>
                </ActionForm>
                <div class="msep"></div>
                <div class="mh">{format!("Athena {version}")}</div>
            </div>
        </details>
    }
    .into_any()
}
