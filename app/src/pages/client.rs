//! A client's own page: every resource by category; for narrow screens, the way to browse.

use crate::{
    components::{
        empty::{Empty, Eyes},
        icon::Icon,
        problem::ProblemPage,
    },
    frame::{FrameData, nav_resources},
    links,
};
use api_types::console::{ClientSummary, Navigation, Readiness};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};

#[component]
pub fn ClientPage() -> impl IntoView {
    let frame = expect_context::<FrameData>();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default());
    view! {
        <main id="main" class="main">
            <Transition>
                {move || {
                    let wanted = wanted.get();
                    Suspend::new(async move {
                        match frame.navigation.await {
                            Ok(navigation) => page(navigation, &wanted),
                            Err(error) => view! { <ProblemPage error /> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </main>
    }
    .into_any()
}

fn page(navigation: Navigation, wanted: &str) -> AnyView {
    let client = navigation.client.clone();
    let now = wanted.to_owned();
    let shown = narrowed(navigation, wanted);
    view! {
        <Title text=client.name.to_string() />
        <div class="head">
            <h1>{client.name.to_string()}</h1>
            <span class="path wide">{client.backend.clone()}</span>
            <span class="grow"></span>
            <Form method="GET" action="">
                <label class="input sm">
                    <Icon name="search" class="s14" />
                    <input name="q" aria-label="Find a table" placeholder="Find a table" value=now />
                </label>
            </Form>
        </div>
        {body(&client, &shown)}
    }
    .into_any()
}

fn body(client: &ClientSummary, shown: &Navigation) -> AnyView {
    let not_ready = |title: &str, text: String| {
        let again = links::client(&client.name);
        view! {
            <div class="page-state">
                <Empty eyes=Eyes::Down title=title.to_owned() text>
                    <div class="act">
                        <a class="btn" href=again rel="external">
                            <Icon name="rotate-cw" />
                            "Try again"
                        </a>
                    </div>
                </Empty>
            </div>
        }
        .into_any()
    };
    match &client.readiness {
        Readiness::Connecting => not_ready(
            "Connecting",
            "The database has not answered yet. Everything else works meanwhile.".to_owned(),
        ),
        Readiness::Unavailable { reason } => {
            not_ready(&format!("{} cannot be reached", client.name), reason.clone())
        }
        Readiness::Ready if shown.categories.is_empty() => view! {
            <div class="page-state">
                <Empty
                    eyes=Eyes::Aside
                    title="No table here"
                    text="Nothing in this client has that name, or it has no tables at all."
                />
            </div>
        }
        .into_any(),
        Readiness::Ready => {
            view! { <div class="index nav-list">{nav_resources(shown)}</div> }.into_any()
        }
    }
}

/// Only the resources whose name holds the words asked for.
fn narrowed(mut navigation: Navigation, wanted: &str) -> Navigation {
    let wanted = wanted.to_lowercase();
    for category in &mut navigation.categories {
        category.resources.retain(|resource| {
            resource.label.to_lowercase().contains(&wanted) || resource.key.contains(&wanted)
        });
    }
    navigation.categories.retain(|category| !category.resources.is_empty());
    navigation
}
