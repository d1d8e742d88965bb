//! For whom a member works, and a way to work for another one. Every choice is a plain form.

use crate::{
    components::problem::{ErrorNotice, failure},
    error::ConsoleError,
    serverfns::account::{WorkFor, load_organizations},
};
use api_types::account::OwnOrganization;
use leptos::{form::ActionForm, prelude::*};

#[component]
pub fn Organizations() -> impl IntoView {
    let choose = ServerAction::<WorkFor>::new();
    let mine = Resource::new(move || choose.version().get(), |_| load_organizations());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match mine.await {
                    // Administrators work for nobody in particular.
                    Ok(mine) if mine.is_empty() => ().into_any(),
                    Ok(mine) => listed(mine, choose),
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

fn listed(mine: Vec<OwnOrganization>, choose: ServerAction<WorkFor>) -> AnyView {
    let rows = mine.into_iter().map(|organization| {
        let OwnOrganization { id, name, is_chosen } = organization;
        let label = format!("Choose {name}");
        let choice = if is_chosen {
            view! { <span class="status">"You work for it"</span> }.into_any()
        } else {
            view! {
                <ActionForm action=choose>
                    <input type="hidden" name="organization" value=id />
                    <button class="btn sm" aria-label=label>
                        "Choose"
                    </button>
                </ActionForm>
            }
            .into_any()
        };
        view! {
            <li>
                <span class="grow">{name}</span>
                {choice}
            </li>
        }
    });
    view! {
        <h2>"Organization"</h2>
        <ErrorNotice problem=failure(choose) />
        <ul class="entries">{rows.collect_view()}</ul>
    }
    .into_any()
}
