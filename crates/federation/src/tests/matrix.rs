use crate::{Family, FieldType as F, Fit};

/// The table of the contract, word for word: suggested, also exact, lossy.
const TABLE: [(Family, F, &[F], &[F]); 16] = [
    (
        Family::Text,
        F::Text,
        &[F::Textarea, F::Email, F::Url, F::Phone, F::Markdown, F::Code, F::Select, F::Colour],
        &[],
    ),
    (
        Family::Integer,
        F::Number,
        &[F::Rating, F::Percent, F::Autonumber],
        &[F::Currency, F::Boolean],
    ),
    (Family::Bigint, F::Number, &[F::Autonumber], &[F::Currency]),
    (Family::Numeric, F::Number, &[F::Currency, F::Percent], &[F::Rating]),
    (Family::Float, F::Number, &[F::Currency, F::Percent, F::Slider], &[]),
    (Family::Boolean, F::Boolean, &[F::Toggle], &[]),
    (Family::Date, F::Date, &[], &[F::Datetime]),
    (Family::Time, F::Time, &[], &[]),
    (Family::Timestamp, F::Datetime, &[], &[F::Date]),
    (Family::Json, F::Json, &[F::Tags, F::Multiselect, F::Address], &[F::Text]),
    (Family::Uuid, F::Text, &[F::Lookup, F::User], &[]),
    (Family::Bytes, F::File, &[F::Image], &[F::Text]),
    (Family::Enum, F::Select, &[F::Radio, F::Text], &[]),
    (Family::Array, F::Multiselect, &[F::Tags, F::Json], &[F::Text]),
    (Family::Vector, F::Vector, &[], &[F::Json]),
    (Family::Unknown, F::Text, &[], &[F::Text, F::Json]),
];

#[test]
fn every_family_fits_the_fields_the_contract_says_and_no_others() {
    let every: Vec<F> = TABLE
        .iter()
        .flat_map(|(_, suggested, exact, lossy)| {
            std::iter::once(suggested).chain(*exact).chain(*lossy).copied()
        })
        .collect();
    assert_eq!(TABLE.map(|(family, ..)| family), Family::ALL);
    for (family, suggested, exact, lossy) in TABLE {
        assert_eq!(family.suggested(), suggested, "{family:?}");
        for field in &every {
            let expected = if lossy.contains(field) {
                Fit::Lossy
            } else if *field == suggested || exact.contains(field) {
                Fit::Exact
            } else {
                Fit::Incompatible
            };
            assert_eq!(family.fit(*field), expected, "{family:?} as {field:?}");
        }
    }
}

#[test]
fn a_type_nobody_knows_is_never_exact() {
    assert_eq!(Family::of(&super::base("tsquery")), Family::Unknown);
    assert_eq!(Family::Unknown.fit(F::Text), Fit::Lossy);
    assert_eq!(Family::Unknown.fit(F::Number), Fit::Incompatible);
}
