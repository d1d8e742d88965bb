# The front desk. Each recipe is plain commands that work without just.

# List the recipes.
default:
    @just --list

# Make this machine able to build and test.
setup:
    scripts/setup --test

# Rebuild and reload on every change.
dev: setup
    cargo leptos watch

# Build everything and run it; ends with a link that signs in.
serve *arguments:
    scripts/serve {{arguments}}

# The release program, with the console inside.
build:
    scripts/build

# Format, lints, and whether everything compiles.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Rust tests; with a name, only those of one crate.
test crate="":
    cargo test {{ if crate == "" { "--workspace" } else { "-p " + crate } }}

# Browser tests; with a part of a name, only those specs.
e2e part="":
    scripts/build
    ATHENA_BIN="${CARGO_TARGET_DIR:-$HOME/.cache/athena/target}/release/athena" node end2end/run.mjs {{part}}

# Accept what inline snapshots became.
snap:
    INSTA_UPDATE=always cargo test --workspace

# What continuous integration runs.
ci:
    .ci/run
