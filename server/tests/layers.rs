//! The layer table: a crate may use only crates below it, and no driver reaches the browser.

use serde_json::Value;
use std::{collections::HashMap, process::Command};

/// Crates that only tests may depend on.
const FOR_TESTS: [&str; 1] = ["test-support"];

/// The console knows these and no other crate of ours.
const BELOW_THE_CONSOLE: [&str; 1] = ["api-types"];

/// What must never be compiled for the browser.
const SERVER_ONLY: [&str; 9] =
    ["sqlx", "sqlx-core", "tokio", "tokio-postgres", "axum", "hyper", "ring", "rustls", "moka"];

fn cargo(args: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .args(["--locked", "--offline"])
        .current_dir("..")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn packages() -> Vec<Value> {
    let whole = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let mut whole: Value = serde_json::from_slice(&whole).expect("cargo metadata is JSON");
    serde_json::from_value(whole["packages"].take()).expect("cargo metadata lists packages")
}

/// Each of our crates with its layer.
fn layers(packages: &[Value]) -> HashMap<&str, u64> {
    let layer = |package: &Value| package["metadata"]["athena"]["layer"].as_u64();
    let named = packages.iter().map(|package| (name(package), layer(package)));
    named
        .map(|(name, layer)| (name, layer.unwrap_or_else(|| panic!("{name} has no layer"))))
        .collect()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("everything has a name")
}

/// What a package needs to be built, and what only its tests need.
fn dependencies(package: &Value) -> Vec<(&str, bool)> {
    let all = package["dependencies"].as_array().expect("a package lists its dependencies");
    all.iter().map(|found| (name(found), found["kind"] == "dev")).collect()
}

#[test]
fn every_crate_uses_only_crates_of_lower_layers() {
    let packages = packages();
    let layers = layers(&packages);
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for package in &packages {
        let (user, own) = (name(package), layers[name(package)]);
        for (used, _) in dependencies(package).into_iter().filter(|(_, is_dev)| !is_dev) {
            let Some(layer) = layers.get(used) else { continue };
            looked_at += 1;
            // The programs at the top and the crates for tests may look at anything below them.
            if FOR_TESTS.contains(&used) && !FOR_TESTS.contains(&user) {
                wrong.push(format!("{user} uses {used}, which is for tests"));
            } else if user == "app" && !BELOW_THE_CONSOLE.contains(&used) {
                wrong.push(format!("app uses {used}, but may use only {BELOW_THE_CONSOLE:?}"));
            } else if user == "frontend" && used != "app" {
                wrong.push(format!("frontend uses {used}, but may use only app"));
            } else if *layer >= own {
                wrong.push(format!("{user} (layer {own}) uses {used} (layer {layer})"));
            }
        }
    }
    assert!(looked_at > 10, "only {looked_at} dependencies were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_a_backend_the_store_and_the_programs_know_sqlx() {
    let may = [
        "backend-postgres",
        "backend-sqlite",
        "store",
        "server",
        "test-support",
        "bench",
        "backend",
    ];
    let packages = packages();
    let users = packages.iter().filter(|package| {
        dependencies(package).iter().any(|(used, is_dev)| *used == "sqlx" && !is_dev)
    });
    let surprising: Vec<_> = users.map(name).filter(|user| !may.contains(user)).collect();
    assert!(surprising.is_empty(), "sqlx is used by {surprising:?}");
}

#[test]
fn nothing_of_the_server_is_compiled_for_the_browser() {
    let tree = cargo(&[
        "tree",
        "-p",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--prefix",
        "none",
    ]);
    let tree = String::from_utf8(tree).expect("cargo tree prints text");
    let names: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"leptos"), "the tree looks wrong:\n{tree}");
    let found: Vec<_> = SERVER_ONLY.iter().filter(|name| names.contains(name)).collect();
    assert!(found.is_empty(), "in the browser's half: {found:?}");
}
