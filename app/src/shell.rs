//! The whole HTML document: theme, style sheet, fonts, hydration script, and the page in its body.

use crate::{components::icon::SPRITE, routes::App, theme::Theme};
use http::{HeaderValue, header};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;
use serde::Deserialize;

/// Where the hashed files of this build are served, as whole paths: `/pkg/athena.1a2b3c4d.js`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

/// The document around [`App`].
pub fn shell(assets: Assets) -> AnyView {
    protect();
    let theme = Theme::current().attribute();
    let css = assets.css.clone();
    let icon = beside(&assets, "favicon.svg");
    let font = font(beside(&assets, "fonts/hanken-grotesk-latin.woff2"));
    view! {
        <!DOCTYPE html>
        <html lang="en" dir="ltr" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=css />
                {font}
                <link rel="icon" type="image/svg+xml" href=icon />
                {hydration(assets)}
                <MetaTags />
            </head>
            <body>
                <App />
                <svg class="sprite" width="0" height="0" aria-hidden="true" inner_html=SPRITE></svg>
            </body>
        </html>
    }
    .into_any()
}

/// Scripts only with this answer's nonce, everything else only from here.
fn protect() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else {
        return;
    };
    // Inline `style` attributes carry data (column widths), so they stay allowed; style elements do not.
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Pages hold rows: no shared cache may keep them.
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response.insert_header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn font(href: String) -> AnyView {
    view! { <link rel="preload" href=href r#as="font" r#type="font/woff2" crossorigin="anonymous" /> }.into_any()
}

/// A file that lies where the style sheet lies.
fn beside(assets: &Assets, file: &str) -> String {
    let folder = assets.css.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{file}")
}

fn hydration(assets: Assets) -> AnyView {
    let Assets { js, wasm, .. } = assets;
    let script = format!(
        "import({js:?}).then(m=>m.default({{module_or_path:{wasm:?}}}).then(()=>m.hydrate()))"
    );
    view! {
        <link rel="modulepreload" href=js />
        <link
            rel="preload"
            href=wasm
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
        />
        <script type="module" nonce=use_nonce()>
            {script}
        </script>
    }
    .into_any()
}
