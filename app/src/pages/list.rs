//! ResourceTable: a list whose whole state is its address.

mod address;
mod columns;
mod copies;
mod filters;
mod grid;
mod head;
mod header;
mod keys;
mod paging;
mod row;
mod skeleton;

pub use grid::related_grid;
pub use row::state;
pub use skeleton::list as skeleton;

use crate::{
    components::{
        empty::{Empty, Eyes},
        icon::Icon,
        problem::{ErrorNotice, ProblemPage},
    },
    error::ConsoleError,
    frame::{FrameData, client_param},
    links,
    serverfns::rows::load_list,
};
use api_types::console::{ClientSummary, ListPage as Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Redirect,
    hooks::{use_location, use_params_map},
};
use std::sync::Arc;

type Loaded = Resource<Result<Page, ConsoleError>>;

#[component]
pub fn ListPage() -> impl IntoView {
    let client = client_param();
    let params = use_params_map();
    let search = use_location().search;
    let resource =
        Memo::new(move |_| params.with(|params| params.get("resource")).unwrap_or_default());
    let query = Memo::new(move |_| links::without_returned(&search.get()));
    let canonical = Memo::new(move |_| links::canonical(&query.get()));
    let page: Loaded = Resource::new(
        move || (client.get(), resource.get(), canonical.get().unwrap_or_else(|| query.get())),
        |(client, resource, query)| async move { load_list(client?, resource, query).await },
    );
    // The rows a person last saw: a failed read never empties the grid.
    let kept = StoredValue::new(None::<Arc<Page>>);
    let frame = expect_context::<FrameData>();
    let origin = copies::origin();
    let respell = move || {
        let client = client.get().ok()?;
        let path = links::list_with(&client, &resource.get(), &canonical.get()?);
        let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
        Some(view! { <Redirect path options /> })
    };
    view! {
        {respell}
        <Transition fallback=skeleton::list>
            {move || Suspend::new(async move {
                let at = frame.client().await;
                match page.await {
                    Ok(read) => {
                        let read = Arc::new(read);
                        kept.set_value(Some(Arc::clone(&read)));
                        whole(read, at, origin, None, page)
                    }
                    Err(error) => {
                        let last = kept.get_value().filter(|last| is_of(last, &client, &resource));
                        match last {
                            Some(last) if !error.is_signed_out() => whole(last, at, origin, Some(error), page),
                            _ => unreadable(error, &client, &resource),
                        }
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

fn is_of(
    page: &Page,
    client: &Memo<Result<api_types::ClientName, ConsoleError>>,
    resource: &Memo<String>,
) -> bool {
    let same_client = client.with_untracked(|client| client.as_ref() == Ok(&page.resource.client));
    same_client && resource.with_untracked(|key| *key == page.resource.key)
}

fn unreadable(
    error: ConsoleError,
    client: &Memo<Result<api_types::ClientName, ConsoleError>>,
    resource: &Memo<String>,
) -> AnyView {
    let plain = client
        .get_untracked()
        .ok()
        .filter(|_| error.0.status == 400)
        .map(|client| links::list(&client, &resource.get_untracked()));
    view! {
        <main id="main" class="main">
            <ProblemPage error>
                {plain
                    .map(|href| {
                        view! {
                            <a class="btn" href=href>
                                "Clear filters"
                            </a>
                        }
                    })} <a class="btn quiet" href=links::HOME>
                    "Go to the console"
                </a>
            </ProblemPage>
        </main>
    }
    .into_any()
}

/// The page with its rows; `stale` says why they are not the newest.
fn whole(
    page: Arc<Page>,
    client: Option<ClientSummary>,
    origin: RwSignal<String>,
    stale: Option<ConsoleError>,
    loaded: Loaded,
) -> AnyView {
    let label = page.resource.label.clone();
    let copies = copies::view(&page, client.as_ref(), origin);
    let body = if page.rows.is_empty() { nothing(&page) } else { grid::view(&page) };
    view! {
        <Title text=label />
        <main id="main" class="main">
            {head::view(&page, copies)}
            {filters::view(&page)}
            {stale.map(|error| not_refreshed(error, loaded))}
            {body}
        </main>
        {paging::ledger(&page, client)}
    }
    .into_any()
}

fn not_refreshed(error: ConsoleError, loaded: Loaded) -> AnyView {
    view! {
        <ErrorNotice problem=Signal::stored(Some(error))>
            <span class="cap">"These rows are from before."</span>
            <button class="btn sm" on:click=move |_| loaded.refetch()>
                <Icon name="rotate-cw" class="s14" />
                "Try now"
            </button>
        </ErrorNotice>
    }
    .into_any()
}

fn nothing(page: &Page) -> AnyView {
    let spec = &page.resource;
    let singular = spec.singular.to_lowercase();
    let narrowed = !page.query.filters.is_empty() || page.query.search.is_some();
    let past_end = page.query.page > 1;
    let (eyes, title, text) = if past_end {
        (
            Eyes::Aside,
            "Past the last page".to_owned(),
            "There are fewer rows than this page asks for.",
        )
    } else if narrowed {
        let title = format!("No {singular} fits what was asked");
        (Eyes::Aside, title, "Drop a filter above, or start over.")
    } else {
        let title = format!("No {singular} yet");
        (Eyes::Open, title, "The table is there and holds no rows.")
    };
    let all = links::list(&spec.client, &spec.key);
    view! {
        <div class="page-state">
            <Empty eyes title text>
                <div class="act">
                    {(narrowed || past_end)
                        .then(|| {
                            view! {
                                <a class="btn" href=all>
                                    "Show all"
                                </a>
                            }
                        })}
                </div>
            </Empty>
        </div>
    }
    .into_any()
}
