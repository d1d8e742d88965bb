//! The corpora that are kept, without a fuzzer: what was found once stays found.

use std::{fs, path::Path};

/// How many inputs a target's folder holds, each of them checked.
fn checked(target: &str, check: fn(&[u8])) -> usize {
    let folder = Path::new("corpus").join(target);
    let files = fs::read_dir(&folder).expect("a target has a corpus");
    let paths = files.map(|file| file.expect("the folder can be read").path());
    paths.map(|path| check(&fs::read(path).expect("the file can be read"))).count()
}

#[test]
fn every_kept_body_holds() {
    assert!(checked("body", athena_fuzz::body::check) >= 30);
}

#[test]
fn every_kept_tree_holds_and_so_do_many_by_chance() {
    assert!(checked("conditions", athena_fuzz::conditions::check) >= 10);
    let mut state = 1_u64;
    for round in 0..500_usize {
        let bytes: Vec<u8> = (0..round % 200)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        athena_fuzz::conditions::check(&bytes);
    }
}

#[test]
fn every_kept_call_holds() {
    assert!(checked("call", athena_fuzz::call::check) >= 10);
}

#[test]
fn every_kept_script_holds() {
    assert!(checked("script", athena_fuzz::script::check) >= 10);
}

#[test]
fn every_kept_request_of_postgrests_language_holds() {
    assert!(checked("rest", athena_fuzz::rest::check) >= 20);
}

#[cfg(feature = "door")]
#[test]
fn every_kept_request_is_answered() {
    assert!(checked("door", athena_fuzz::door::check) >= 10);
}
