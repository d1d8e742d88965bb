//! Light, dark, or what the system says. A cookie holds it, so the first HTML is already right.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub const COOKIE: &str = "athena_theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The value of `data-theme`; none lets the system decide.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    pub fn word(self) -> &'static str {
        self.attribute().unwrap_or("system")
    }

    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The theme of this page, the same on both sides of hydration.
    pub fn current() -> Self {
        #[cfg(feature = "ssr")]
        return crate::port::theme_word().map_or(Self::System, |word| Self::parse(&word));
        #[cfg(not(feature = "ssr"))]
        return document()
            .document_element()
            .and_then(|html| html.get_attribute("data-theme"))
            .map_or(Self::System, |word| Self::parse(&word));
    }

    /// Show it at once; the cookie follows with the server's answer.
    pub fn apply(self) {
        let Some(html) = document().document_element() else { return };
        // Both can only fail for an attribute name that is no name.
        let _done = match self.attribute() {
            Some(word) => html.set_attribute("data-theme", word),
            None => html.remove_attribute("data-theme"),
        };
    }
}
