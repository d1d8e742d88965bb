//! Where a person is signed in, with a way out of each other place.

use crate::{
    components::problem::{ErrorNotice, failure},
    error::ConsoleError,
    serverfns::account::{EndSession, load_sessions},
};
use api_types::console::SessionInfo;
use leptos::{form::ActionForm, prelude::*};

#[component]
pub fn Sessions() -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let sessions = Resource::new(move || end.version().get(), |_| load_sessions());
    view! {
        <ErrorNotice problem=failure(end) />
        <Suspense>
            {move || Suspend::new(async move {
                match sessions.await {
                    Ok(sessions) => listed(sessions, end),
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

fn listed(sessions: Vec<SessionInfo>, end: ServerAction<EndSession>) -> AnyView {
    let rows = sessions.into_iter().map(|session| {
        let since = moment(&session.created_at);
        let place = session.remote_addr.unwrap_or_else(|| "Unknown address".to_owned());
        let label = format!("End the session from {place} since {since}");
        let way_out = if session.is_this {
            view! { <span class="status">"This session"</span> }.into_any()
        } else {
            view! {
                <ActionForm action=end>
                    <input type="hidden" name="id" value=session.id />
                    <button class="btn sm" aria-label=label>
                        "End"
                    </button>
                </ActionForm>
            }
            .into_any()
        };
        view! {
            <li>
                <span class="grow">
                    {place}
                    <small>{format!("since {since}")}</small>
                </span>
                {way_out}
            </li>
        }
    });
    view! { <ul class="entries">{rows.collect_view()}</ul> }.into_any()
}

/// To the minute; seconds help nobody to recognise a session.
fn moment(text: &str) -> String {
    let minutes: String = text.chars().take(16).collect();
    format!("{} UTC", minutes.replace('T', " "))
}
