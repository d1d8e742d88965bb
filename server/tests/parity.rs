//! `docs/parity.md` has a row for every item of the contracts, and the tests it names exist.

mod sources;

use sources::{document, quoted, root, rows, tests};
use std::{collections::BTreeSet, fs};

/// The promises of the gateway contract's §20, by number.
const PROMISES: &[&str] = &[
    "1", "2", "4", "5", "6", "7", "8", "18", "19", "20", "21–22", "23", "24", "25", "26", "30",
    "32", "33", "34", "35", "37", "38", "39", "40", "41", "48", "49", "50",
];

/// The numbered sections of the other contracts that say what to build.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "control-plane.md",
        &[
            "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17",
            "18", "19", "20", "21", "22", "23", "24", "27",
        ],
    ),
    ("datasources.md", &["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"]),
    (
        "resource-framework.md",
        &[
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
            "17", "18",
        ],
    ),
    ("js-sdk-wire.md", &["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]),
];

/// The datasource contract's numbered checks.
const CHECKS: u8 = 67;

/// The test files of the control plane contract's §24.
const CONTROL_TESTS: &[&str] = &[
    "api_keys.rs",
    "public_routes.rs",
    "provision_local_routes.rs",
    "management.rs",
    "openapi.rs",
    "provision.rs, provision_api.rs",
    "postgres_catalog_merge.rs",
    "backup.rs",
    "backup_e2e.rs",
    "unit tests",
];

/// How many weaknesses the contracts number: of security and of correctness.
const WEAKNESSES: &[(&str, u8, u8)] =
    &[("gateway.md §21", 23, 25), ("control-plane.md §26", 23, 24)];

/// The test files of the gateway contract's §19.
const REFERENCE_TESTS: usize = 17;

const STATES: [&str; 3] = ["built", "partly", "not built"];

struct Row {
    item: String,
    state: String,
    tests: Vec<String>,
}

fn parity() -> Vec<Row> {
    let text = document("parity.md");
    let row = |cells: Vec<&str>| match cells.as_slice() {
        [item, _, state, tests] => Row {
            item: (*item).to_owned(),
            state: (*state).to_owned(),
            tests: quoted(tests).map(str::to_owned).collect(),
        },
        _ => panic!("a row of docs/parity.md has not four cells: {cells:?}"),
    };
    rows(&text).into_iter().map(row).collect()
}

fn wanted() -> BTreeSet<String> {
    let promises = PROMISES.iter().map(|number| format!("gateway.md §20 #{number}"));
    let sections = SECTIONS
        .iter()
        .flat_map(|(file, numbers)| numbers.iter().map(move |number| format!("{file} §{number}")));
    let checks = (1..=CHECKS).map(|number| format!("datasources.md §16 {number}"));
    let files = CONTROL_TESTS.iter().map(|file| format!("control-plane.md §24 {file}"));
    let weaknesses = WEAKNESSES.iter().flat_map(|(section, security, correctness)| {
        let of = move |kind: char, last: u8| {
            (1..=last).map(move |number| format!("{section} {kind}{number}"))
        };
        of('S', *security).chain(of('C', *correctness))
    });
    promises.chain(sections).chain(checks).chain(files).chain(weaknesses).collect()
}

#[test]
fn every_item_of_the_contracts_has_one_row() {
    let rows = parity();
    let mut seen = BTreeSet::new();
    for row in &rows {
        assert!(seen.insert(row.item.clone()), "{} has two rows", row.item);
    }
    let missing: Vec<_> = wanted().into_iter().filter(|item| !seen.contains(item)).collect();
    assert!(missing.is_empty(), "docs/parity.md has no row for {missing:?}");
    let reference = rows.iter().filter(|row| row.item.starts_with("gateway.md §19 ")).count();
    assert_eq!(reference, REFERENCE_TESTS, "rows for the reference's test files");
}

#[test]
fn every_row_has_a_known_state_and_what_is_built_names_its_tests() {
    let rows = parity();
    assert!(rows.iter().any(|row| row.state == "built"), "nothing is built");
    for Row { item, state, tests } in rows {
        assert!(STATES.contains(&state.as_str()), "{item}: the state is {state:?}");
        assert_eq!(state == "not built", tests.is_empty(), "{item} is {state} and names {tests:?}");
    }
}

#[test]
fn every_test_a_row_names_exists() {
    let known = tests();
    assert!(known.len() > 100, "only {} tests were found", known.len());
    let missing: Vec<_> = parity()
        .into_iter()
        .flat_map(|row| row.tests.into_iter().map(move |test| (row.item.clone(), test)))
        .filter(|(_, test)| !known.contains(test))
        .map(|(item, test)| format!("{item}: {test}"))
        .collect();
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

/// The contracts lie beside the checkout where we work on them; elsewhere the lists above stand alone.
#[test]
fn the_lists_of_items_are_those_of_the_contracts() {
    let folder = root().join("../shared/contract");
    for (file, numbers) in SECTIONS {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { continue };
        let known = text.lines().filter_map(|line| line.strip_prefix("## ")?.split_once('.'));
        let known: BTreeSet<_> = known.map(|(number, _)| number).collect();
        for number in *numbers {
            assert!(known.contains(number), "{file} has no section {number}");
        }
    }
    let Ok(text) = fs::read_to_string(folder.join("gateway.md")) else { return };
    let promises = text.lines().skip_while(|line| !line.starts_with("## 20.")).skip(1);
    let promises = promises.take_while(|line| !line.starts_with("## "));
    let numbers: Vec<_> = promises
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
        .map(|(number, _)| number)
        .filter(|number| number.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(numbers, PROMISES);
}
