use super::*;
use crate::admin_key::AdminKeyHash;
use http::{HeaderName, HeaderValue};

fn presented(headers: &[(&str, &str)], query: Option<&str>) -> PresentedKey {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
        })
        .collect();
    PresentedKey::from_headers(&headers, query)
}

#[test]
fn five_carriers_are_read() {
    for header in [
        ("x-athena-key", "k"),
        ("apikey", " k "),
        ("x-api-key", "k"),
        ("authorization", "Bearer k"),
        ("authorization", "bearer  k"),
    ] {
        assert_eq!(presented(&[header], None).text(), Ok("k"), "{header:?}");
    }
    assert_eq!(presented(&[], Some("a=1&api_key=k%2Ey")).text(), Ok("k.y"));
}

#[test]
fn nothing_in_any_carrier_is_no_key() {
    for headers in [&[][..], &[("apikey", "")], &[("authorization", "Basic abc")]] {
        assert_eq!(presented(headers, Some("api_key=")).text(), Err(AuthError::KeyRequired));
    }
}

#[test]
fn one_key_in_many_carriers_is_one_and_two_keys_are_a_refusal() {
    let same = [("x-athena-key", "k"), ("apikey", "k"), ("authorization", "Bearer k")];
    assert_eq!(presented(&same, Some("api_key=k")).text(), Ok("k"));
    let other = [("x-athena-key", "k"), ("authorization", "Bearer other")];
    assert_eq!(presented(&other, None).text(), Err(AuthError::SeveralKeys));
    let twice = [("apikey", "k"), ("apikey", "other")];
    assert_eq!(presented(&twice, None).text(), Err(AuthError::SeveralKeys));
    let both = presented(&[("apikey", "k")], Some("api_key=other"));
    assert_eq!(both.text(), Err(AuthError::SeveralKeys));
}

#[test]
fn the_parameter_that_older_clients_sent_is_not_read() {
    let parameter = "apikey";
    let alone = presented(&[], Some("apikey=k"));
    assert_eq!(alone.text(), Err(AuthError::KeyInAddress { parameter }));
    assert_eq!(presented(&[("apikey", "k")], Some("apikey=other")).text(), Ok("k"));
}

#[test]
fn the_admin_key_is_read_from_headers_only() {
    let admin = AdminKeyHash::of(" root ").unwrap();
    assert_eq!(admin.admits(&presented(&[("x-athena-key", "root")], None)), Ok(()));
    assert_eq!(admin.admits(&presented(&[("authorization", "Bearer root")], None)), Ok(()));
    let wrong = admin.admits(&presented(&[("x-athena-key", "rooT")], None));
    assert_eq!(wrong, Err(AuthError::NotAdmin));
    assert_eq!(admin.admits(&presented(&[], None)), Err(AuthError::NotAdmin));
    let parameter = "api_key";
    let in_address = admin.admits(&presented(&[], Some("api_key=root")));
    assert_eq!(in_address, Err(AuthError::KeyInAddress { parameter }));
    assert!(AdminKeyHash::of("  ").is_none());
}
