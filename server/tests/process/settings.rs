//! Where settings come from, and what is said of those that make no sense.

use crate::program::Home;

fn printed(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let default = printed(&Home::new().run(&["config"]));
    assert!(default.contains("port: 4052"), "{default}");
    let home = Home::with_config("server:\n  port: 5001\n");
    let file = printed(&home.run(&["config"]));
    assert!(file.contains("port: 5001"), "{file}");
    let flag = printed(&home.run(&["config", "--port", "5002"]));
    assert!(flag.contains("port: 5002"), "{flag}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let home = Home::with_config("admin_key: from-the-file\n");
    let mut command = home.command(&["config"]);
    let shown = printed(&command.env("ATHENA_KEY_12", "from-the-environment").output().unwrap());
    assert!(!shown.contains("from-the"), "a secret was printed: {shown}");
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let home = Home::with_config("server:\n  prot: 5001\n");
    let output = home.run(&["server"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains("prot"), "{text}");
    assert!(text.contains('2'), "the line is missing: {text}");
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let home = Home::new();
    let output = home.run(&["server", "--config", "no-such-file.yaml"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains("no-such-file.yaml"), "{text}");
}

#[test]
fn secrets_are_not_printed() {
    let home = Home::with_config(
        "admin_key: hunter2\nclients:\n  shop: postgresql://me:hunter2@db.example/shop\n",
    );
    let shown = printed(&home.run(&["config"]));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("shop"), "{shown}");
}

#[test]
fn the_version_and_the_diagnosis_need_no_database() {
    let home = Home::new();
    assert!(printed(&home.run(&["version"])).contains(env!("CARGO_PKG_VERSION")));
    let diagnosis: serde_json::Value =
        serde_json::from_str(&printed(&home.run(&["diag"]))).unwrap();
    assert_eq!(diagnosis["os"], std::env::consts::OS);
    assert!(diagnosis["rust_version"].as_str().unwrap().starts_with("rustc "), "{diagnosis}");
    assert!(!home.data().exists(), "a command that only prints made a data folder");
}
