//! `/console`: straight on to the first thing worth seeing.

use crate::{
    components::{
        empty::{Empty, Eyes},
        problem::ProblemPage,
    },
    serverfns::frame::load_home,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

#[component]
pub fn HomePage() -> impl IntoView {
    let home = Resource::new(|| (), |()| load_home());
    view! {
        <main id="main" class="lone">
            <Suspense>
                {move || Suspend::new(async move {
                    match home.await {
                        Ok(Some(path)) => view! { <Redirect path /> }.into_any(),
                        Ok(None) => no_clients(),
                        Err(error) => view! { <ProblemPage error /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
    .into_any()
}

fn no_clients() -> AnyView {
    view! {
        <Title text="Nothing connected" />
        <Empty
            eyes=Eyes::Open
            title="Nothing connected yet"
            text="Name a database in the configuration, and it appears here as a client."
        />
    }
    .into_any()
}
