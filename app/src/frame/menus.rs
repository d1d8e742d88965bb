//! Menus are `details` elements, so they open without scripts; scripts close them when left.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDetailsElement, HtmlElement, Node};

/// A click elsewhere, a chosen entry, or Esc closes every open menu.
pub fn close_when_left() {
    Effect::new(move |_| {
        let clicks = window_event_listener(ev::click, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            close_all_but(target.as_ref());
        });
        let keys = window_event_listener(ev::keydown, |event| {
            if event.key() == "Escape" {
                close_all_but(None);
            }
        });
        on_cleanup(move || {
            clicks.remove();
            keys.remove();
        });
    });
}

/// Keep only the menu the click was in, unless it chose an entry there.
fn close_all_but(target: Option<&Element>) {
    let chosen = target.and_then(|target| target.closest("a, button").ok().flatten()).is_some();
    let Ok(open) = document().query_selector_all("details[data-menu][open]") else { return };
    for index in 0..open.length() {
        let Some(menu) =
            open.item(index).and_then(|node| node.dyn_into::<HtmlDetailsElement>().ok())
        else {
            continue;
        };
        let inside =
            target.is_some_and(|target| menu.contains(Some(AsRef::<Node>::as_ref(target))));
        if !inside || chosen {
            if target.is_none() {
                keep_focus(&menu);
            }
            menu.set_open(false);
        }
    }
}

/// A menu that is shut by a key leaves the focus on what opened it, not nowhere.
fn keep_focus(menu: &HtmlDetailsElement) {
    let focused = document().active_element();
    if focused.is_some_and(|focused| menu.contains(Some(AsRef::<Node>::as_ref(&focused)))) {
        let summary = menu.query_selector("summary").ok().flatten();
        if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
            // It is in the document, so it takes the focus.
            let _focused = summary.focus();
        }
    }
}
