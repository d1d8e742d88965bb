use super::*;
use proptest::prelude::*;

fn relation(schema: &str, name: &str) -> QualifiedName {
    QualifiedName::new(Ident::parse(schema).unwrap(), Ident::parse(name).unwrap())
}

fn right(text: &str) -> Right {
    Right(Arc::from(text))
}

/// Any grant, and often one that looks like something.
fn grants() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("gateway".to_owned()),
        Just("*".to_owned()),
        Just("management".to_owned()),
        Just("admin".to_owned()),
        Just("datasources".to_owned()),
        Just("public".to_owned()),
        Just("read".to_owned()),
        Just("write".to_owned()),
        Just("tables".to_owned()),
        "[A-Za-z_]{1,8}",
    ];
    prop_oneof![
        proptest::collection::vec(word, 1..4).prop_map(|words| words.join(".")),
        any::<String>(),
    ]
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![Just(Action::Read), Just(Action::Write), Just(Action::Delete)]
}

proptest! {
    /// Only what names a namespace, or everything, opens something in it.
    #[test]
    fn nothing_over_data_opens_a_guarded_namespace(
        grant in grants(),
        namespace in proptest::sample::select(GUARDED),
        action in "[a-z]{1,8}(\\.[a-z]{1,8})?",
    ) {
        let needed = Needed::named(&format!("{namespace}.{action}"));
        let first = grant.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if needed.met_by(&right(&grant)) {
            prop_assert!(grant == "*" || first == namespace, "{grant} opened {needed}");
        }
    }

    /// A right of a namespace opens no table, whatever the table and its schema are called.
    #[test]
    fn no_table_is_another_name_for_a_namespace(
        namespace in proptest::sample::select(RESERVED),
        rest in "[a-z]{1,8}(\\.[a-z]{1,8})?",
        schema in prop_oneof![Just("public".to_owned()), "[a-z]{1,8}"],
        action in actions(),
    ) {
        prop_assume!(namespace != "gateway");
        let grant = right(&format!("{namespace}.{rest}"));
        for (schema, name) in [(schema.as_str(), namespace), (namespace, schema.as_str())] {
            let needed = Needed::relation(&relation(schema, name), action);
            prop_assert!(!needed.met_by(&grant), "{} opened {schema}.{name}", grant.as_str());
        }
        let whole = right(&format!("{namespace}.*"));
        let needed = Needed::relation(&relation("public", namespace), action);
        prop_assert!(!needed.met_by(&whole));
    }

    /// The rights that a table needs are never those of a namespace: it is told by another name.
    #[test]
    fn what_a_table_needs_is_no_right_of_a_namespace(
        name in prop_oneof![proptest::sample::select(RESERVED).prop_map(str::to_owned), "[a-z]{1,9}"],
        schema in prop_oneof![Just("public".to_owned()), proptest::sample::select(RESERVED).prop_map(str::to_owned)],
        action in actions(),
    ) {
        let told = Needed::relation(&relation(&schema, &name), action).to_string();
        let first = told.split('.').next().unwrap_or_default();
        prop_assert!(first == "gateway" || !RESERVED.contains(&first), "{told}");
    }

    /// Whatever may be granted for a table opens that table and its action, and no other table.
    #[test]
    fn a_right_over_a_table_opens_that_table_alone(
        name in "[a-z][a-z0-9_]{0,8}",
        other in "[a-z][a-z0-9_]{0,8}",
        action in actions(),
    ) {
        prop_assume!(name != other && !RESERVED.contains(&name.as_str()));
        let grant = Right::parse(&format!("{name}.{}", action.as_str())).unwrap();
        prop_assert!(Needed::relation(&relation("public", &name), action).met_by(&grant));
        prop_assert!(!Needed::relation(&relation("public", &other), action).met_by(&grant));
        prop_assert!(!Needed::relation(&relation("another", &name), action).met_by(&grant));
    }

    #[test]
    fn any_text_is_a_right_or_a_refusal(text in any::<String>()) {
        let _ = Right::parse(&text);
        if let Ok(named) = Right::named(&text) {
            prop_assert!(named.as_str().len() <= Right::MAX_BYTES);
            prop_assert!(named.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}

#[test]
fn every_right_of_the_catalogue_can_be_granted_and_opens_itself() {
    for seeded in SEEDED_RIGHTS {
        let parsed = Right::parse(seeded).unwrap();
        assert!(parsed.is_seeded() && Needed::named(seeded).met_by(&parsed), "{seeded}");
    }
    assert!(!Right::parse("invoices.read").unwrap().is_seeded());
}

#[test]
fn a_right_of_ones_own_is_words_with_dots() {
    for text in ["reports.publish", "create:invoices", "x", "a.b.c.d"] {
        assert!(Right::named(text).is_ok(), "{text}");
    }
    for text in
        ["", ".", "management.all", "Admin.read", "a..b", "a b", "a.\u{e9}", &"x".repeat(201)]
    {
        assert!(Right::named(text).is_err(), "{text}");
    }
}
