//! Where the real drizzle-kit files are: beside the checkout, or where `ATHENA_SAMPLES` says.

use std::path::PathBuf;

pub fn sample(relative: &str) -> PathBuf {
    let beside = || PathBuf::from("../../../shared/samples");
    let root = std::env::var_os("ATHENA_SAMPLES").map_or_else(beside, PathBuf::from);
    let path = root.join(relative);
    assert!(
        path.exists(),
        "the sample {relative} is not there: these tests need the folder shared/samples beside the checkout, or ATHENA_SAMPLES"
    );
    path
}

pub const ALL: [&str; 6] = [
    "chinook/meta/0000_snapshot.json",
    "invoicing/meta/0000_snapshot.json",
    "invoicing/meta/0001_snapshot.json",
    "invoicing/pulled/meta/0000_snapshot.json",
    "types/generated/meta/0000_snapshot.json",
    "types/pulled/meta/0000_snapshot.json",
];
