//! Tell the program which compiler made it.

use std::{env, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=ATHENA_SITE_DIR");
    // Cargo names the compiler it uses here.
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output();
    let version = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo:rustc-env=ATHENA_RUSTC={}", version.as_deref().unwrap_or("unknown").trim());
}
