//! The bottom bar of narrow screens.

use crate::{components::icon::Icon, links};
use api_types::ClientName;
use leptos::prelude::*;

pub fn bar(client: &ClientName) -> AnyView {
    view! {
        <nav class="tabbar" aria-label="Main">
            <a href=links::client(client)>
                <Icon name="table-2" />
                "Tables"
            </a>
            <a href=links::HOME>
                <Icon name="database" />
                "Clients"
            </a>
            <a href=links::ACCOUNT>
                <Icon name="user-round" />
                "Account"
            </a>
        </nav>
    }
    .into_any()
}
