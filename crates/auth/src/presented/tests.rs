use super::*;
use crate::admin_key::{AdminKeyHash, AdminKeys};
use http::{HeaderName, HeaderValue};
use std::time::SystemTime;

fn presented(headers: &[(&str, &str)], query: Option<&str>) -> PresentedKey {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
        })
        .collect();
    PresentedKey::from_headers(&headers, query)
}

fn in_address_too(headers: &[(&str, &str)], query: Option<&str>) -> PresentedKey {
    presented(headers, query).or_address(query)
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
    assert_eq!(in_address_too(&[], Some("a=1&api_key=k%2Ey")).text(), Ok("k.y"));
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
    assert_eq!(in_address_too(&same, Some("api_key=k")).text(), Ok("k"));
    let other = [("x-athena-key", "k"), ("authorization", "Bearer other")];
    assert_eq!(presented(&other, None).text(), Err(AuthError::SeveralKeys));
    let twice = [("apikey", "k"), ("apikey", "other")];
    assert_eq!(presented(&twice, None).text(), Err(AuthError::SeveralKeys));
    let both = in_address_too(&[("apikey", "k")], Some("api_key=other"));
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
fn a_key_in_the_address_is_read_only_where_that_is_switched_on() {
    let parameter = "api_key";
    let unread = presented(&[], Some("api_key=k"));
    assert!(unread.is_absent());
    assert_eq!(unread.text(), Err(AuthError::KeyInAddress { parameter }));
    assert_eq!(presented(&[("apikey", "k")], Some("api_key=other")).text(), Ok("k"));
    assert!(!in_address_too(&[], Some("api_key=k")).is_absent());
    let older = in_address_too(&[], Some("apikey=k"));
    assert_eq!(older.text(), Err(AuthError::KeyInAddress { parameter: "apikey" }));
}

#[test]
fn the_admin_key_is_read_from_headers_only() {
    let admin = AdminKeys { configured: AdminKeyHash::of(" root "), kept: Vec::new() };
    let admit = |presented: PresentedKey| admin.admit(&presented, SystemTime::now());
    assert_eq!(admit(presented(&[("x-athena-key", "root")], None)), Ok(()));
    assert_eq!(admit(presented(&[("authorization", "Bearer root")], None)), Ok(()));
    let wrong = admit(presented(&[("x-athena-key", "rooT")], None));
    assert_eq!(wrong, Err(AuthError::NotAdmin));
    assert_eq!(admit(presented(&[], None)), Err(AuthError::NotAdmin));
    let parameter = "api_key";
    for in_address in [presented, in_address_too].map(|read| read(&[], Some("api_key=root"))) {
        assert_eq!(admit(in_address), Err(AuthError::KeyInAddress { parameter }));
    }
    assert!(AdminKeyHash::of("  ").is_none());
}

#[test]
fn a_digest_tells_equal_texts_and_nothing_else() {
    let pepper = Pepper::parse(&Pepper::new_text()).ok().unwrap();
    let digest = |text: &str| presented(&[("apikey", text)], None).digest(&pepper);
    assert_eq!(digest("k"), digest("k"));
    assert_ne!(digest("k"), digest("l"));
    assert_eq!(presented(&[], None).digest(&pepper), None);
    let id = presented(&[("apikey", "ath_0123456789abcdef.x")], None).claimed_id();
    assert_eq!(id.map(|id| id.0.to_string()).as_deref(), Some("0123456789abcdef"));
    assert_eq!(presented(&[("apikey", "nonsense")], None).claimed_id(), None);
}
