//! The frame around every page of a client: top bar, navigation, and the page between.

mod ledger;
mod menus;
mod nav;
mod tabbar;
mod top;

pub use ledger::{Ledger, LedgerLine};
pub use nav::resources as nav_resources;
pub use top::{TopBar, environment, swatch};

use crate::{
    components::problem::ProblemPage,
    error::ConsoleError,
    serverfns::frame::{load_navigation, load_shell},
};
use api_types::{
    ClientName, Problem,
    console::{ClientSummary, Navigation, Shell},
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_params_map};

/// What the frame has loaded, for the pages inside it.
#[derive(Clone, Copy)]
pub struct FrameData {
    pub navigation: Resource<Result<Navigation, ConsoleError>>,
}

/// The client in the address.
pub fn client_param() -> Memo<Result<ClientName, ConsoleError>> {
    let params = use_params_map();
    Memo::new(move |_| {
        let name = params.with(|params| params.get("client")).unwrap_or_default();
        ClientName::parse(&name).map_err(|error| {
            let message = format!("“{name}” is no client name: {error}.");
            ConsoleError(Problem::new(400, "unknown_client", message))
        })
    })
}

impl FrameData {
    /// The client of this page, for its ledger line.
    pub async fn client(self) -> Option<ClientSummary> {
        self.navigation.await.ok().map(|navigation| navigation.client)
    }
}

#[component]
pub fn Frame() -> impl IntoView {
    let client = client_param();
    let shell = Resource::new(|| (), |()| load_shell());
    let navigation =
        Resource::new(move || client.get(), |client| async move { load_navigation(client?).await });
    provide_context(FrameData { navigation });
    menus::close_when_left();
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class="app">
            <Transition>
                {move || Suspend::new(async move {
                    let (shell, navigation) = (shell.await, navigation.await);
                    frame_parts(shell, navigation)
                })}
            </Transition>
            <Outlet />
        </div>
    }
    .into_any()
}

fn frame_parts(
    shell: Result<Shell, ConsoleError>,
    navigation: Result<Navigation, ConsoleError>,
) -> AnyView {
    let shell = match shell {
        Ok(shell) => shell,
        // The page inside shows any other problem; it has the same cause.
        Err(error) if !error.is_signed_out() => return ().into_any(),
        Err(error) => return view! { <ProblemPage error /> }.into_any(),
    };
    let navigation = navigation.ok();
    let client = navigation.as_ref().map(|navigation| navigation.client.clone());
    view! {
        <TopBar shell client />
        {navigation.as_ref().map(nav::side)}
        {navigation.as_ref().map(|navigation| tabbar::bar(&navigation.client.name))}
    }
    .into_any()
}
