//! The left navigation: a client's resources by category, with what they hold.

use crate::{
    components::icon::{Icon, resource_icon},
    links, words,
};
use api_types::{
    ClientName,
    console::{NavResource, Navigation, ResourceKind},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

pub fn side(navigation: &Navigation) -> AnyView {
    view! {
        <nav class="nav" aria-label="Resources">
            {resources(navigation)}
        </nav>
    }
    .into_any()
}

/// Every category with its resources.
pub fn resources(navigation: &Navigation) -> AnyView {
    let client = navigation.client.name.clone();
    let categories = navigation.categories.clone().into_iter();
    categories
        .map(|category| {
            let entries = category.resources.iter().map(|resource| entry(&client, resource));
            view! {
                <h2 class="sec">{category.label}</h2>
                {entries.collect_view()}
            }
        })
        .collect_view()
        .into_any()
}

fn entry(client: &ClientName, resource: &NavResource) -> AnyView {
    let href = links::list(client, &resource.key);
    let here = use_location().pathname;
    let own = href.clone();
    // A record is still inside its list.
    let is_current = move || {
        here.with(|path| {
            path.strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let icon = match (resource.kind, resource.icon.as_deref()) {
        (ResourceKind::View, None) => "eye",
        (_, name) => resource_icon(name),
    };
    let count = resource.estimated_rows.map(|rows| {
        view! {
            <span class="c" title=format!("about {rows} rows, from statistics")>
                {words::brief_count(rows)}
            </span>
        }
    });
    view! {
        <a class="it" href=href title=resource.label.clone() aria-current=move || is_current().then_some("page")>
            <Icon name=icon />
            <span class="cut">{resource.label.clone()}</span>
            {count}
        </a>
    }
    .into_any()
}
