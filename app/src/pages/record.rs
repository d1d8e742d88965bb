//! ResourceDrilldown: one record, its facts, its fields, and what hangs on it.

mod delete;
mod fields;
mod related;

use crate::{
    components::{icon::Icon, problem::ProblemPage},
    error::ConsoleError,
    frame::{FrameData, Ledger, LedgerLine, client_param},
    links,
    serverfns::rows::load_record,
};
use api_types::{
    Problem, RecordKey,
    console::{ClientSummary, RecordPage as Page},
};
use delete::DeleteButton;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn RecordPage() -> impl IntoView {
    let client = client_param();
    let params = use_params_map();
    let param =
        move |name: &'static str| params.with(|params| params.get(name)).unwrap_or_default();
    let address = Memo::new(move |_| (param("resource"), param("key")));
    let record = Resource::new(
        move || (client.get(), address.get()),
        |(client, (resource, key))| async move {
            let key = key.parse::<RecordKey>().map_err(|error| unreadable_key(&key, &error))?;
            load_record(client?, resource, key).await
        },
    );
    let frame = expect_context::<FrameData>();
    let list =
        move || client.get_untracked().ok().map(|client| links::list(&client, &param("resource")));
    view! {
        <Transition fallback=super::list::skeleton>
            {move || Suspend::new(async move {
                let at = frame.client().await;
                match record.await {
                    Ok(page) => whole(&page, at),
                    Err(error) => missing(error, list()),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn unreadable_key(key: &str, error: &api_types::RecordKeyError) -> ConsoleError {
    Problem::new(404, "unknown_record", format!("“{key}” is no record's key: {error}.")).into()
}

fn missing(error: ConsoleError, list: Option<String>) -> AnyView {
    view! {
        <main id="main" class="main">
            <ProblemPage error>
                {list
                    .map(|href| {
                        view! {
                            <a class="btn" href=href>
                                "Back to the list"
                            </a>
                        }
                    })}
            </ProblemPage>
        </main>
    }
    .into_any()
}

fn whole(page: &Page, client: Option<ClientSummary>) -> AnyView {
    let announce = RwSignal::new(String::new());
    let trace_id = page.trace_id.clone();
    let line = LedgerLine { what: "Record", took_ms: page.took_ms, trace_id, client };
    let related = page.related.iter().enumerate();
    let related = related.map(|(index, related)| related::view(related, index + 1)).collect_view();
    view! {
        <Title text=page.title.clone() />
        <main id="main" class="main">
            {head(page)}
            <div class="record">
                <header class="record-head">
                    <h1>{page.title.clone()}</h1>
                    {page.subtitle.clone().map(|subtitle| view! { <p>{subtitle}</p> })}
                    {fields::facts(page)}
                </header>
                {fields::sections(page, announce)}
                {related}
            </div>
            <div class="sr" role="status">
                {move || announce.get()}
            </div>
        </main>
        <Ledger line>
            <span class="grow"></span>
        </Ledger>
    }
    .into_any()
}

fn head(page: &Page) -> AnyView {
    let spec = &page.resource;
    let read_only = spec.read_only.clone().map(|reason| {
        view! {
            <span class="badge line" title=reason.clone()>
                <Icon name="lock" class="s12" />
                <span class="cut">{reason.clone()}</span>
            </span>
        }
    });
    let deletable = spec.read_only.is_none();
    view! {
        <div class="head">
            <a class="btn quiet back" href=links::list(&spec.client, &spec.key)>
                <Icon name="chevron-left" class="dir" />
                {spec.label.clone()}
            </a>
            <span class="rule wide"></span>
            <span class="mono path wide cut">{page.key.to_string()}</span>
            {read_only}
            <span class="grow"></span>
            {deletable
                .then(|| view! { <DeleteButton spec=spec.clone() key=page.key.clone() title=page.title.clone() /> })}
        </div>
    }
    .into_any()
}
