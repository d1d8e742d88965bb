//! The sign-in picture: an owl's two eyes as ripples of rows. Drawn from numbers, never animated.

use leptos::prelude::*;

const RINGS: u32 = 24;
const CENTRES: [u32; 2] = [130, 470];

#[component]
pub fn Picture() -> impl IntoView {
    let eyes = CENTRES.into_iter().map(|x| {
        let rings = (0..RINGS).map(move |index| ring(x, index));
        view! {
            <circle cx=x cy="430" r="24" fill="currentColor" />
            {rings.collect_view()}
        }
    });
    view! {
        <section class="login-picture" aria-hidden="true">
            <svg viewBox="0 0 600 880" preserveAspectRatio="xMidYMid slice">
                {eyes.collect_view()}
            </svg>
            <p>"See every row. Touch only what you mean to."</p>
        </section>
    }
    .into_any()
}

/// One ripple, broken into rows whose lengths only look random.
fn ring(x: u32, index: u32) -> AnyView {
    let radius = f64::from(38 + index * 16);
    let dashes: Vec<String> = (0..24_u32)
        .map(|piece| {
            let seed = (x + index * 37 + piece * 101) * 7919 % 97;
            let long = 9 + seed % 44;
            let gap = if seed.is_multiple_of(9) { 22 } else { 5 };
            format!("{long} {gap}")
        })
        .collect();
    let opacity = 0.9 - f64::from(index) * 0.036;
    let width = if index < 4 { 3.0 } else { 2.25 };
    view! {
        <circle
            cx=x
            cy="430"
            r=radius
            fill="none"
            stroke="currentColor"
            stroke-width=width
            stroke-linecap="round"
            stroke-dasharray=dashes.join(" ")
            opacity=format!("{opacity:.2}")
            transform=format!("rotate({} {x} 430)", (index * 37) % 360)
        />
    }
    .into_any()
}
