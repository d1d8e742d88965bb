//! Two requests share a key exactly if they are the same in every part.

use crate::support::{client, table};
use cache::{KeyBuilder, KeyParts, Lookup, Scope, Visibility};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
enum Seer {
    Anonymous,
    Key(String),
    Role(String, String),
}

/// Every part, as owned values with few possible contents, so that near misses are common.
#[derive(Debug, Clone, PartialEq)]
struct Request {
    client: String,
    upstream: String,
    seer: Seer,
    surface: String,
    shape: String,
    casing: String,
    strip_nulls: bool,
    statement: String,
    parameters: Vec<(u32, Option<Vec<u8>>)>,
    tables: BTreeSet<String>,
}

impl Request {
    fn lookup(&self) -> Lookup {
        let visibility = match &self.seer {
            Seer::Anonymous => Visibility::Anonymous,
            Seer::Key(id) => Visibility::Key(id),
            Seer::Role(role, claims) => Visibility::Role { role, claims },
        };
        let mut key = KeyBuilder::new(&KeyParts {
            client: &client(&self.client),
            upstream: &self.upstream,
            visibility,
            surface: &self.surface,
            shape: &self.shape,
            casing: &self.casing,
            strip_nulls: self.strip_nulls,
            statement: &self.statement,
        });
        for (tag, value) in &self.parameters {
            key = key.parameter(*tag, value.as_deref());
        }
        self.tables.iter().fold(key, |key, name| key.reads(table(name))).finish()
    }
}

fn requests() -> impl Strategy<Value = Request> {
    let text = || "[ab]{0,2}";
    let seer = prop_oneof![
        Just(Seer::Anonymous),
        text().prop_map(Seer::Key),
        (text(), text()).prop_map(|(role, claims)| Seer::Role(role, claims)),
    ];
    let value = proptest::option::of(proptest::collection::vec(0u8..2, 0..3));
    let parameters = proptest::collection::vec((0u32..2, value), 0..3);
    let tables = proptest::collection::btree_set("[ab]", 0..3);
    let texts = (text(), text(), text(), text(), text());
    ("[ab]{1,2}", texts, seer, any::<bool>(), parameters, tables).prop_map(
        |(client, texts, seer, strip_nulls, parameters, tables)| {
            let (upstream, surface, shape, casing, statement) = texts;
            Request {
                client,
                upstream,
                seer,
                surface,
                shape,
                casing,
                strip_nulls,
                statement,
                parameters,
                tables,
            }
        },
    )
}

/// The same request with one part taken from another one.
fn with_one_part_of(mut request: Request, other: Request, part: usize) -> Request {
    match part {
        0 => request.client = other.client,
        1 => request.upstream = other.upstream,
        2 => request.seer = other.seer,
        3 => request.surface = other.surface,
        4 => request.shape = other.shape,
        5 => request.casing = other.casing,
        6 => request.strip_nulls = other.strip_nulls,
        7 => request.statement = other.statement,
        8 => request.parameters = other.parameters,
        _ => request.tables = other.tables,
    }
    request
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_are_equal_exactly_if_all_parts_are(one in requests(), other in requests()) {
        prop_assert_eq!(one == other, one.lookup().key() == other.lookup().key());
    }

    #[test]
    fn one_different_part_is_enough(one in requests(), other in requests(), part in 0usize..10) {
        let changed = with_one_part_of(one.clone(), other, part);
        prop_assert_eq!(one == changed, one.lookup().key() == changed.lookup().key());
    }

    #[test]
    fn moving_a_byte_from_one_part_to_the_next_changes_the_key(text in "[ab]{1,8}", at in 0usize..8) {
        let at = at.min(text.len() - 1);
        let split = |at: usize| {
            let (first, second) = text.split_at(at);
            crate::support::builder("s")
                .parameter(25, Some(first.as_bytes()))
                .parameter(25, Some(second.as_bytes()))
                .finish()
        };
        prop_assert_ne!(split(at), split(at + 1));
    }
}

#[test]
fn the_order_and_number_of_mentions_of_a_table_do_not_matter() {
    let (a, b) = (table("a"), table("b"));
    let once = crate::support::builder("s").reads(a).reads(b).finish();
    let twice = crate::support::builder("s").reads(b).reads(a).reads(b).finish();
    assert_eq!(once, twice);
}

#[test]
fn a_null_is_not_an_empty_value() {
    let key = |value| crate::support::builder("s").parameter(25, value).finish();
    assert_ne!(key(None), key(Some(&[][..])));
}

#[test]
fn tables_of_two_clients_are_two_scopes() {
    let ident = |text| catalog::Ident::parse(text).expect("an identifier");
    let name = catalog::QualifiedName::new(ident("public"), ident("notes"));
    assert_ne!(Scope::table(&client("a"), &name), Scope::table(&client("b"), &name));
    assert_ne!(Scope::client(&client("a")), Scope::client(&client("b")));
}
