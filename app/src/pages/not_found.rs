//! An address that leads nowhere.

use crate::{components::problem::ProblemPage, error::ConsoleError, links};
use api_types::Problem;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let problem = Problem::new(404, "unknown_page", "There is no page at this address.");
    view! {
        <Title text="Not found" />
        <main id="main" class="lone">
            <ProblemPage error=ConsoleError(problem)>
                <a class="btn primary" href=links::HOME>
                    "Go to the console"
                </a>
            </ProblemPage>
        </main>
    }
    .into_any()
}
