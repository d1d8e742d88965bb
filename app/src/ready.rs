//! Whether scripts run. Until then every control must work as a plain link or form.

use leptos::prelude::*;

/// False in the first HTML, true once the page is hydrated.
#[derive(Clone, Copy)]
pub struct Ready(RwSignal<bool>);

impl Ready {
    /// Call once, at the root.
    pub fn provide() {
        let ready = RwSignal::new(false);
        Effect::new(move |_| ready.set(true));
        provide_context(Self(ready));
    }

    pub fn get() -> Self {
        expect_context::<Self>()
    }

    pub fn is_ready(self) -> bool {
        self.0.get()
    }

    /// Reachable by Tab without scripts, by the grid's arrows with them.
    pub fn roving(self) -> Option<&'static str> {
        self.is_ready().then_some("-1")
    }
}
