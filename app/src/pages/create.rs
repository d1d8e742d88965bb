//! CreateResourceDialog as a page of its own: the same form, also without scripts.

pub mod dialog;
mod field;
mod form;

use crate::{
    components::{icon::Icon, problem::ProblemPage},
    frame::client_param,
    links,
    serverfns::rows::load_resource,
};
use api_types::console::ResourceSpec;
use form::{CreateForm, Frame};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn CreatePage() -> impl IntoView {
    let client = client_param();
    let params = use_params_map();
    let resource =
        Memo::new(move |_| params.with(|params| params.get("resource")).unwrap_or_default());
    let spec = Resource::new(
        move || (client.get(), resource.get()),
        |(client, resource)| async move { load_resource(client?, resource).await },
    );
    view! {
        <main id="main" class="main">
            <Transition>
                {move || Suspend::new(async move {
                    match spec.await {
                        Ok(spec) => page(spec),
                        Err(error) => view! { <ProblemPage error /> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
    .into_any()
}

fn page(spec: ResourceSpec) -> AnyView {
    let title = format!("New {}", spec.singular.to_lowercase());
    let list = links::list(&spec.client, &spec.key);
    let body = if spec.can_create {
        view! { <CreateForm spec=spec.clone() frame=Frame::Page /> }.into_any()
    } else {
        let reason =
            spec.read_only.clone().unwrap_or_else(|| "Rows cannot be added here.".to_owned());
        view! { <p class="page-note">{reason}</p> }.into_any()
    };
    view! {
        <Title text=title.clone() />
        <div class="head">
            <a class="btn quiet back" href=list>
                <Icon name="chevron-left" class="dir" />
                {spec.label.clone()}
            </a>
            <span class="rule"></span>
            <h1>{title}</h1>
        </div>
        <div class="form-page">{body}</div>
    }
    .into_any()
}
